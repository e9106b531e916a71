/**
 * The environment of who calls the runtime, with an engine's secrets in it, is not for the container:
 * not for its process, its hooks, nor the process of the runtime that waits in it. And what the
 * container's environment says is not for the runtime.
 */

import assert from 'node:assert/strict';
import { closeSync, openSync, readdirSync, readFileSync, readlinkSync } from 'node:fs';
import path from 'node:path';
import { callUnder, leaking, Victim } from '../lib/attack.js';
import { notRoot } from '../lib/groups.js';
import { writable } from '../lib/mounts.js';
import { PAYLOAD } from '../lib/runtime.js';
import { scenario } from '../lib/sandbox.js';

const SECRET = 'secret-of-the-engine';
const environment = { ...process.env, ENGINE_SECRET: SECRET, LD_LIBRARY_PATH: '/none' };

scenario("the caller's environment is not the process's", {}, async (s) => {
  const container = s.container((c) => {
    c.process.args = ['/payload', 'env'];
  });
  const result = container.must('run', ['--bundle', container.bundle], [], { env: environment });
  assert.doesNotMatch(result.stdout, /secret|LD_LIBRARY_PATH/);
  const other = await s.running();
  const inside = other.must('exec', [], ['/payload', 'env'], { env: environment });
  assert.doesNotMatch(inside.stdout, /secret|LD_LIBRARY_PATH/);
});

scenario(
  'what waits for start has nothing of the caller in its environment',
  { skip: notRoot },
  (s) => {
    const container = s.created(() => {}, [], { env: environment });
    const { pid } = container.state();
    assert.doesNotMatch(readFileSync(`/proc/${pid}/environ`, 'latin1'), new RegExp(SECRET));
    assert.doesNotMatch(readFileSync(`/proc/${pid}/cmdline`, 'latin1'), new RegExp(SECRET));
  },
);

scenario('what waits for start has no folder of the host open', { skip: notRoot }, (s) => {
  const victim = new Victim(s);
  const container = s.container();
  const result = callUnder(
    container,
    ...leaking(victim.dir),
    ...['create', '--bundle', container.bundle, container.id],
  );
  assert.equal(result.status, 0, result.stderr);
  const { pid } = container.state();
  const links = readdirSync(`/proc/${pid}/fd`).map((fd) => readlinkSync(`/proc/${pid}/fd/${fd}`));
  assert.deepEqual(
    links.filter((link) => link.startsWith(victim.dir)),
    [],
  );
  assert.equal(readlinkSync(`/proc/${pid}/cwd`), '/');
});

/** What the payload's `hook` wrote down of each of its calls. */
interface Told {
  name: string;
  env: string[];
  fds: number[];
}

const HOST_HOOKS = ['prestart', 'createRuntime', 'createContainer', 'poststart', 'poststop'];

scenario(
  'hooks have the environment and the descriptors that are theirs, and no others',
  {},
  (s) => {
    const victim = new Victim(s);
    const log = s.path('hooks');
    const leaked = [openSync(victim.dir, 'r'), openSync(s.dir, 'r')];
    try {
      const result = s.run(
        (c) => {
          c.process.env.push('OF_THE_IMAGE=1');
          c.hooks = Object.fromEntries(
            HOST_HOOKS.map((name) => [
              name,
              [{ path: PAYLOAD, args: ['payload', 'hook', log, name], env: ['HOOK=1'] }],
            ]),
          );
        },
        { env: environment, extraFds: leaked },
      );
      assert.equal(result.status, 0, result.stderr);
    } finally {
      for (const fd of leaked) closeSync(fd);
    }
    const told = readFileSync(log, 'utf8')
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line) as Told);
    assert.deepEqual(told.map(({ name }) => name).sort(), [...HOST_HOOKS].sort());
    for (const { name, env, fds } of told) {
      assert.deepEqual(env, ['HOOK=1'], name);
      assert.equal(fds.length, 3, `${name}: ${JSON.stringify(fds)}`);
    }
  },
);

scenario("a hook in the container has nothing of the caller's environment", {}, (s) => {
  const container = s.container((c) => {
    writable(c);
    c.process.env.push('OF_THE_IMAGE=1');
    c.hooks = {
      startContainer: [{ path: '/payload', args: ['payload', 'hook', '/hooks', 'inside'] }],
    };
  });
  container.must('run', ['--bundle', container.bundle], [], { env: environment });
  const text = readFileSync(path.join(container.bundle, 'rootfs/hooks'), 'utf8');
  const { env, fds } = JSON.parse(text) as Told;
  assert.ok(!env.some((entry) => entry.includes(SECRET)), String(env));
  assert.equal(fds.length, 3);
});
