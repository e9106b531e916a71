/** `stats`: what containers have used. `list` and `ps` in YAML. */

import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { parse } from 'yaml';
import type { Change } from '../lib/config.js';
import { cgroupV1, waitFor } from '../lib/host.js';
import { OPTIONS } from '../lib/runtime.js';
import { type Sandbox, scenario } from '../lib/sandbox.js';

const MIB = 1024 * 1024;
const own = { own: true };

interface Used {
  id: string;
  status: string;
  created: string;
  usage: {
    cpu: Record<'totalNs' | 'periods' | 'throttledPeriods', number | null>;
    memory: Record<'bytes' | 'peakBytes' | 'limitBytes' | 'limitHits' | 'oomKills', number | null>;
    pids: Record<'current' | 'peak' | 'limit', number | null>;
  } | null;
}

const limited: Change = (c) => {
  Object.assign(c.linux.resources, {
    memory: { limit: 64 * MIB, swap: 64 * MIB },
    pids: { limit: 20 },
    cpu: { quota: 10_000, period: 50_000 },
  });
  c.process.args = ['/payload', 'mem', '24', '200'];
};

function stats(s: Sandbox, ...ids: string[]): Used[] {
  const result = s.runtime(['stats', '--format', 'json', ...ids]);
  assert.equal(result.status, 0, result.stderr);
  return JSON.parse(result.stdout) as Used[];
}

// stats -----------------------------------------------------------------------------------------

scenario('stats: peak memory, time, throttling, pids, limits', own, async (s) => {
  const container = await s.running(limited);
  const [one, ...more] = stats(s, container.id);
  assert.equal(more.length, 0);
  assert.deepEqual([one?.id, one?.status], [container.id, 'running']);
  const { cpu, memory, pids } = one?.usage ?? assert.fail('no usage');
  assert.ok((cpu.totalNs ?? 0) >= 150_000_000, `${cpu.totalNs} ns`);
  assert.ok((cpu.throttledPeriods ?? 0) >= 1 && (cpu.periods ?? 0) >= (cpu.throttledPeriods ?? 0));
  assert.equal(memory.limitBytes, 64 * MIB);
  assert.ok((memory.bytes ?? 0) >= 24 * MIB && (memory.bytes ?? 0) <= 64 * MIB);
  // The kernel has a peak since Linux 5.19 on v2.
  assert.ok(memory.peakBytes === null || memory.peakBytes >= 24 * MIB, `${memory.peakBytes}`);
  assert.equal(memory.oomKills, 0);
  assert.deepEqual([pids.current, pids.limit], [1, 20]);
});

scenario(
  'stats: of a stopped container, with its OOM kill, until it is deleted',
  own,
  async (s) => {
    const container = s.created((c) => {
      c.linux.resources.memory = { limit: 16 * MIB, swap: 16 * MIB };
      c.process.args = ['/payload', 'mem', '64', '0'];
    });
    const { pid } = container.state();
    container.must('start');
    await container.until('stopped');
    // Until then it counts among the processes of its cgroup.
    await waitFor('the process to be reaped', () => !existsSync(`/proc/${pid}`));
    const [one] = stats(s, container.id);
    assert.equal(one?.status, 'stopped');
    if (OPTIONS.includes('--systemd-cgroup')) return assert.equal(one?.usage, null);
    const { memory, pids } = one?.usage ?? assert.fail('no usage');
    assert.equal(memory.oomKills, 1);
    // Some kernels count for v1 no more.
    assert.ok((memory.limitHits ?? -1) >= (cgroupV1() ? 0 : 1));
    assert.equal(pids.current, 0);
    const report = s.runtime(['stats', '--format', 'report', container.id]).stdout;
    assert.match(report, /OOM killed {2}1 process; limit met \d+ times/);
    assert.match(report, /memory {6}peak .*, limit 16M/);
  },
);

scenario('stats: of all, as a table, JSON and YAML that say the same', own, async (s) => {
  const a = await s.running();
  const b = await s.running();
  const ids = [a.id, b.id].sort();
  assert.deepEqual(
    stats(s).map(({ id }) => id),
    ids,
  );
  const yaml = parse(s.runtime(['stats', '--format=yaml']).stdout) as Used[];
  const strip = ({ id, status, created, usage }: Used) => [
    id,
    status,
    created,
    usage?.memory.limitBytes,
    usage?.pids,
  ];
  assert.deepEqual(yaml.map(strip), stats(s).map(strip));
  const [header = '', ...lines] = s.runtime(['stats']).stdout.trim().split('\n');
  assert.match(header, /^ID +STATUS +CPU TIME +THROTTLED +MEMORY/);
  assert.deepEqual(
    lines.map((line) => line.split(/\s+/).slice(0, 2).join(' ')),
    ids.map((id) => `${id} running`),
  );
});

scenario('stats: what does not exist is an error, as is a format that there is not', own, (s) => {
  const none = s.runtime(['stats', 'none']);
  assert.equal(none.status, 1);
  assert.match(none.stderr, /container does not exist/);
  assert.match(s.runtime(['stats', '--format', 'xml']).stderr, /invalid format option/);
});

// list and ps in YAML ---------------------------------------------------------------------------

scenario('list and ps in YAML are what they are in JSON', own, async (s) => {
  const container = await s.running((c) => {
    c.annotations = { 'org.example/a': 'yes', "it's": '#1: "x"\n\t', n: 'null' };
  });
  for (const verb of [['list'], ['ps', container.id]]) {
    const [name = '', ...args] = verb;
    const say = (format: string): string => s.runtime([name, '--format', format, ...args]).stdout;
    const json = JSON.parse(say('json')) as unknown[];
    assert.equal(json.length, 1);
    assert.deepEqual(parse(say('yaml')), json);
    assert.deepEqual(parse(say('yaml'), { version: '1.1' }), json);
  }
});

scenario('list in YAML of no containers is an empty list', own, (s) => {
  assert.equal(s.runtime(['list', '--format', 'yaml']).stdout, '[]\n');
});
