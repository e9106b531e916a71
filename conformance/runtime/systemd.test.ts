/**
 * `--systemd-cgroup`: the cgroup is a scope of systemd's. These run where RUNTIME_OPTIONS has that
 * option (conformance/vm), as root and as an ordinary user.
 */
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { notRoot, ROOTLESS, SYSTEMD } from '../lib/groups.js';
import { processesOf } from '../lib/host.js';
import { refused, says } from '../lib/refusal.js';
import { KIND } from '../lib/runtime.js';
import { type Container, type Sandbox, scenario } from '../lib/sandbox.js';

const skip = !SYSTEMD && 'the runtime is not told to use systemd';
const MIB = 1024 * 1024;

function systemctl(...words: string[]): string {
  return execFileSync('systemctl', [...(ROOTLESS ? ['--user'] : []), ...words], {
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'pipe'],
  }).trim();
}

const unitOf = (container: Container): string =>
  container
    .group()
    .split('/')
    .findLast((name) => name.endsWith('.scope')) ?? '';

/** A property of the unit, as systemctl shows it. */
const property = (container: Container, name: string): string =>
  systemctl('show', '--value', `--property=${name}`, unitOf(container));

const read = (container: Container, file: string): string =>
  readFileSync(path.join(container.group(), file), 'utf8').trim();

scenario('the process is in a delegated scope, alone', { skip }, async (s) => {
  const container = await s.running();
  assert.deepEqual(processesOf(container.group()), [container.state().pid]);
  for (const [name, value] of [
    ['ActiveState', 'active'],
    ['Delegate', 'yes'],
    ['Slice', ROOTLESS ? 'user.slice' : 'system.slice'],
    ['DefaultDependencies', 'no'],
    // Others have the limit that systemd gives by itself.
    ...(KIND === 'ocirt' ? ([['TasksMax', 'infinity']] as const) : []),
  ] as const) {
    assert.equal(property(container, name), value, name);
  }
});

scenario('limits are properties of the unit, and in the files', { skip }, (s) => {
  const container = s.created((c) => {
    Object.assign(c.linux.resources, {
      memory: { limit: 64 * MIB, reservation: 32 * MIB },
      // The most shares there are: for them all formulas agree.
      cpu: { shares: 262144, quota: 50500, period: 50000, cpus: '0' },
      pids: { limit: 20 },
      unified: { 'memory.high': String(48 * MIB) },
    });
  });
  for (const [name, value] of [
    ['MemoryMax', String(64 * MIB)],
    ['MemoryLow', String(32 * MIB)],
    ['MemoryHigh', String(48 * MIB)],
    ['CPUWeight', '10000'],
    ['CPUQuotaPerSecUSec', '1.010000s'],
    ['CPUQuotaPeriodUSec', '50ms'],
    ['AllowedCPUs', '0'],
    ['TasksMax', '20'],
  ] as const) {
    assert.equal(property(container, name), value, name);
  }
  assert.equal(read(container, 'memory.max'), String(64 * MIB));
  assert.equal(read(container, 'cpu.max'), '50500 50000');
});

scenario(
  'limits and device rules outlive a reload of systemd',
  { skip: skip || notRoot },
  async (s) => {
    const container = await s.running((c) => {
      c.linux.resources.memory = { limit: 64 * MIB };
      c.linux.resources.devices = [
        { allow: false, access: 'rwm' },
        { allow: true, type: 'c', major: 1, minor: 11, access: 'r' },
      ];
    });
    systemctl('daemon-reload');
    assert.equal(read(container, 'memory.max'), String(64 * MIB));
    assert.equal(property(container, 'DevicePolicy'), 'strict');
    assert.match(property(container, 'DeviceAllow'), /\/dev\/char\/1:11 r/);
    assert.match(property(container, 'DeviceAllow'), /char-pts rwm/);
    const [used] = container.report([], 'open /dev/null rw');
    assert.equal(used, 'ok');
  },
);

scenario('annotations set properties of the unit', { skip }, (s) => {
  const container = s.created((c) => {
    c.annotations = {
      'org.systemd.property.TimeoutStopSec': 'uint64 7',
      'org.systemd.property.CollectMode': "'inactive-or-failed'",
      'org.systemd.property.Description': "'in other words'",
    };
  });
  assert.equal(property(container, 'TimeoutStopUSec'), '7s');
  assert.equal(property(container, 'CollectMode'), 'inactive-or-failed');
  assert.equal(property(container, 'Description'), 'in other words');
});

scenario('what systemd refuses is an error with its words, and nothing is left', { skip }, (s) => {
  for (const [annotations, words] of [
    [{ 'org.systemd.property.NoSuchThing': '7' }, /NoSuchThing.*org\.freedesktop/s],
    [{ 'org.systemd.property.Description': 'true' }, /unable to start unit .*Failed to set/],
    [{ 'org.systemd.property.Bad': '[' }, /value parse error/],
  ] as const) {
    const container = s.container((c) => {
      c.annotations = annotations;
    });
    const result = container.call('create', ['--bundle', container.bundle]);
    refused(result);
    says(result.stderr, words);
    assert.ok(!existsSync(container.group()));
  }
  s.assertClean();
});

scenario('slice:prefix:name, and what is none of it', { skip }, (s) => {
  const container = s.container((c) => {
    c.linux.cgroupsPath = '/not/a/unit';
  });
  const result = container.call('create', ['--bundle', container.bundle]);
  refused(result);
  says(result.stderr, /expected cgroupsPath to be of format .*slice:prefix:name/);
});

scenario('without cgroupsPath the scope has the name of the runtime', { skip }, (s) => {
  const container = s.created((c) => {
    delete c.linux.cgroupsPath;
  });
  const cgroup = readFileSync(`/proc/${container.state().pid}/cgroup`, 'utf8');
  assert.match(
    cgroup,
    new RegExp(`/${ROOTLESS ? 'user' : 'system'}\\.slice/\\w+-${container.id}\\.scope[/\n]`),
  );
});

scenario('after delete there is no unit, however the container ended', { skip }, async (s) => {
  const gone = (container: Container) => {
    assert.equal(property(container, 'LoadState'), 'not-found');
    assert.ok(!existsSync(container.group()));
  };
  const killed = await s.running();
  killed.must('delete', ['--force']);
  gone(killed);

  const ended = await s.running();
  ended.must('kill', [], ['KILL']);
  await ended.until('stopped');
  ended.must('delete');
  gone(ended);

  // Out of memory makes a scope fail: its name would be taken for ever.
  const failed = s.container((c) => {
    c.linux.resources.memory = { limit: 16 * MIB, swap: 16 * MIB };
    c.process.args = ['/payload', 'mem', '64'];
  });
  assert.equal(failed.call('run', ['--bundle', failed.bundle]).status, 137);
  gone(failed);
});

scenario('a scope of that name that is in use is refused', { skip }, async (s) => {
  const first = await s.running();
  const second = s.container((c) => {
    c.linux.cgroupsPath = s.groupPath(path.basename(first.bundle));
  });
  const result = second.call('create', ['--bundle', second.bundle]);
  refused(result);
  says(result.stderr, /container's cgroup is not empty/);
  assert.equal(first.state().status, 'running');
});

scenario('update sets the properties of what changes', { skip }, async (s) => {
  const container = await s.running((c) => {
    c.linux.resources.cpu = { quota: 50500, period: 100000 };
  });
  container.must('update', ['--memory', String(80 * MIB), '--pids-limit', '33']);
  assert.equal(property(container, 'MemoryMax'), String(80 * MIB));
  assert.equal(property(container, 'TasksMax'), '33');
  // systemd keeps whole percents only: what was not changed it did not write.
  assert.equal(read(container, 'cpu.max'), '50500 100000');
  systemctl('daemon-reload');
  assert.equal(read(container, 'memory.max'), String(80 * MIB));
});

scenario('the weight and idle: one of them', { skip }, async (s) => {
  const container = await s.running();
  const both = container.update({ cpu: { shares: 200, idle: 1 } });
  assert.equal(both.status, 0, both.stderr);
  says(both.stderr, /unable to apply both/);
  assert.equal(read(container, 'cpu.idle'), '1');
  container.must('update', ['--cpu-share', '262144']);
  assert.deepEqual([read(container, 'cpu.idle'), read(container, 'cpu.weight')], ['0', '10000']);
  const unified = container.update({ unified: { 'cpu.idle': '1', 'cpu.weight': '8' } });
  assert.equal(unified.status, 0, unified.stderr);
  says(unified.stderr, /unable to apply both/);
  assert.equal(read(container, 'cpu.idle'), '1');
  assert.equal(container.update({ unified: { 'cpu.weight': '8' } }).status, 0);
  assert.deepEqual([read(container, 'cpu.idle'), read(container, 'cpu.weight')], ['0', '8']);
});

scenario('an update that is refused leaves the unit as it was', { skip }, async (s) => {
  const container = await s.running((c) => {
    c.linux.resources.memory = { limit: 64 * MIB };
    c.linux.resources.pids = { limit: 20 };
  });
  const result = container.update({
    memory: { limit: 100 * MIB },
    pids: { limit: 17 },
    blockIO: { throttleReadBpsDevice: [{ major: 4095, minor: 1048575, rate: 1000 }] },
  });
  refused(result);
  assert.equal(property(container, 'MemoryMax'), String(64 * MIB));
  assert.equal(property(container, 'TasksMax'), '20');
  assert.equal(read(container, 'memory.max'), String(64 * MIB));
});

/** Runs the payload in a container by a shell in another scope, as a terminal session is. */
function execFromAnotherScope(s: Sandbox, container: Container): string {
  const script = s.path('exec.sh');
  const { PATH = '' } = process.env;
  const runtime = process.env.RUNTIME ?? 'bin/ocirt';
  writeFileSync(
    script,
    `#!/bin/sh\nexec '${runtime}' --root '${s.stateRoot}' exec '${container.id}' /payload report 'cat' /proc/self/cgroup\n`,
    { mode: 0o755 },
  );
  return execFileSync(
    'systemd-run',
    [...(ROOTLESS ? ['--user'] : []), '--quiet', '--scope', 'env', `PATH=${PATH}`, script],
    { encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] },
  );
}

scenario('exec from another unit joins the scope', { skip }, async (s) => {
  const container = await s.running();
  const output = execFromAnotherScope(s, container);
  assert.match(output, new RegExp(unitOf(container)));
});

scenario(
  'plan tells the unit, its properties, and when the limits are written',
  { skip, own: true },
  (s) => {
    const container = s.container((c) => {
      c.linux.resources.pids = { limit: 20 };
    });
    const lines = container.must('plan', ['--bundle', container.bundle]).stdout.split('\n');
    const at = (pattern: RegExp) => {
      const index = lines.findIndex((line) => pattern.test(line));
      assert.ok(index >= 0, `${pattern} in ${lines.join('\n')}`);
      return index;
    };
    const unit = at(/host +start unit .*\.scope/);
    assert.ok(at(/host +spawn/) < unit);
    assert.ok(unit < at(/host +property TasksMax=20 .*pids\/limit/));
    assert.ok(unit < at(/host +write "20" to .*pids\.max/));
  },
);
