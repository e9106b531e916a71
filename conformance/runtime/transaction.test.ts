/**
 * A create that fails, is ended, or meets another operation on its way: what is undone, who waits
 * for whom, and what is said. crash.test.ts kills creates at every moment; here each thing that
 * undoing does is missed if it is not done.
 */

import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { closeSync, existsSync, openSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { type Change, type Hook, without } from '../lib/config.js';
import { groupBases, groupDirectory, groupPath, noHostPids } from '../lib/groups.js';
import { processExists, waitFor } from '../lib/host.js';
import { endOf } from '../lib/limit.js';
import { says } from '../lib/refusal.js';
import { PAYLOAD, RUNTIME } from '../lib/runtime.js';
import { type Container, type Sandbox, scenario } from '../lib/sandbox.js';

const shell = (script: string): Hook => ({
  path: '/bin/sh',
  args: ['sh', '-c', script],
  env: ['PATH=/usr/bin:/bin'],
});

const withHooks =
  (hooks: Record<string, Hook[]>): Change =>
  (c) => {
    c.root.readonly = false;
    c.hooks = hooks;
  };

/** Starts a verb on a container and comes back; how it ended is known later. */
function begin(container: Container, verb: string, options: string[] = []) {
  const s = container.sandbox;
  // To a file: what a create leaves running would hold a pipe open.
  const file = s.path(`${verb}-${count++}.log`);
  const output = openSync(file, 'a');
  const child = spawn(RUNTIME, ['--root', s.stateRoot, verb, ...options, container.id], {
    stdio: ['ignore', output, output],
  });
  closeSync(output);
  s.defer(() => child.kill('SIGKILL'));
  const ended = endOf(child, verb).then(({ status }) => ({
    status,
    stderr: readFileSync(file, 'utf8'),
  }));
  // Whoever does not wait for it does not care how it ended.
  ended.catch(() => {});
  return { child, ended };
}

let count = 0;

const beginCreate = (container: Container) =>
  begin(container, 'create', ['--bundle', container.bundle]);

const present = (file: string) => waitFor(file, () => existsSync(file));

// What is undone ------------------------------------------------------------------------------

scenario('poststop hooks run when a create has failed', {}, (s) => {
  const container = s.container(
    withHooks({
      createRuntime: [shell('exit 3')],
      poststop: [shell(`cat >${s.path('seen')}`)],
    }),
  );
  assert.notEqual(container.call('create', ['--bundle', container.bundle]).status, 0);
  const state = JSON.parse(readFileSync(s.path('seen'), 'utf8'));
  assert.deepEqual([state.id, state.status], [container.id, 'stopped']);
  s.assertClean();
});

scenario('what a hook has put into the cgroup ends with a create that fails', {}, async (s) => {
  const napper = s.path('napper');
  const name = path.basename(s.dir);
  const files = [...groupBases().keys()]
    .map((controller) => `${groupDirectory(name, 'mine', controller)}/cgroup.procs`)
    .join(' ');
  const container = s.container((c) => {
    withHooks({
      createRuntime: [
        shell(
          `${PAYLOAD} nap 600000 </dev/null >/dev/null 2>&1 & echo $! >${napper}; ` +
            `for file in ${files}; do [ ! -e $file ] || echo $! >$file; done; exit 3`,
        ),
      ],
    })(c);
    c.linux.cgroupsPath = groupPath(name, 'mine');
  });
  const result = container.call('create', ['--bundle', container.bundle]);
  const pid = Number(readFileSync(napper, 'utf8'));
  s.defer(() => {
    if (processExists(pid)) process.kill(pid, 'SIGKILL');
  });
  assert.notEqual(result.status, 0);
  await waitFor('the end of what the hook has left', () => !processExists(pid));
  s.assertClean();
});

scenario(
  'a create that is killed takes its helper along, whatever that waits for',
  {},
  async (s) => {
    // In the middle of a step the helper does not look at its channel: the kernel has to end it.
    const container = s.container(
      withHooks({
        createContainer: [{ path: PAYLOAD, args: [`${s.dir}-hook`, 'nap', '600000'] }],
      }),
    );
    const naps = () => s.leftovers().filter((line) => line.includes('-hook nap'));
    const create = beginCreate(container);
    await waitFor('the hook', () => naps().length > 0);
    create.child.kill('SIGKILL');
    await create.ended;
    await waitFor('the end of helper and hook', () => naps().length === 0, 30_000);
  },
);

// Who waits for whom --------------------------------------------------------------------------

const release = (s: Sandbox) => writeFileSync(s.path('go'), '');

/** A create that is held up by a hook of its own, until the file `go` is there. */
async function held(s: Sandbox): Promise<Container & { ended: ReturnType<typeof begin>['ended'] }> {
  const container = s.container(
    withHooks({
      createRuntime: [
        shell(
          `touch ${s.path('inside')}; until [ -e ${s.path('go')} ]; do sleep 0.05; done; ` +
            `touch ${s.path('outside')}`,
        ),
      ],
    }),
  );
  const { ended } = beginCreate(container);
  s.defer(() => release(s));
  await present(s.path('inside'));
  return Object.assign(container, { ended });
}

scenario('a container that is being created: what can be done with it', {}, async (s) => {
  const container = await held(s);
  assert.equal(container.state().status, 'creating');
  for (const [verb, rest] of [
    ['start', []],
    ['exec', ['/payload', 'print', 'x']],
    ['delete', []],
    ['pause', []],
  ] as const) {
    const result = container.call(verb, [], [...rest]);
    assert.notEqual(result.status, 0, verb);
    says(result.stderr, /creating|being created|not running/, verb);
  }
  release(s);
  const { status, stderr } = await container.ended;
  assert.equal(status, 0, stderr);
  assert.equal(container.state().status, 'created');
});

scenario('delete --force waits for the create that it has ended', {}, async (s) => {
  const container = await held(s);
  const remove = begin(container, 'delete', ['--force']);
  // It has killed the helper, and waits for the hook and what the create undoes after it.
  await waitFor('the end of the helper', () => !processExists(container.state().pid));
  release(s);
  const removed = await remove.ended;
  assert.equal(removed.status, 0, removed.stderr);
  assert.ok(existsSync(s.path('outside')), 'the hook was still running');
  const { status, stderr } = await container.ended;
  assert.equal(status, 1);
  says(stderr, /ended by signal 9/);
  assert.doesNotMatch(stderr, /broken pipe/i);
  s.assertClean();
});

scenario('of two starts at once one is refused', {}, async (s) => {
  const container = s.created((c) => {
    withHooks({
      startContainer: [{ path: '/payload', args: ['payload', 'nap', '1500'] }],
    })(c);
    c.process.args = ['/payload', 'pause'];
  });
  const both = [begin(container, 'start'), begin(container, 'start')];
  const ended = await Promise.all(both.map((one) => one.ended));
  assert.deepEqual(ended.map(({ status }) => status).sort(), [0, 1]);
  const refused = ended.find(({ status }) => status === 1);
  assert.match(refused?.stderr ?? '', /already running container/);
});

// A signal to `run` while a hook holds it up ---------------------------------------------------

scenario('run: SIGTERM ends a hook that is under way, and so the create', {}, async (s) => {
  const container = s.container(
    withHooks({
      createRuntime: [shell(`touch ${s.path('inside')}; exec ${PAYLOAD} nap 60000`)],
      poststop: [shell(`touch ${s.path('poststop')}`)],
    }),
  );
  const { child, ended } = begin(container, 'run', ['--bundle', container.bundle]);
  await present(s.path('inside'));
  child.kill('SIGTERM');
  const { status, stderr } = await ended;
  assert.equal(status, 1);
  says(stderr, /error running createRuntime hook #0: signal: terminated/);
  assert.ok(existsSync(s.path('poststop')), `poststop hooks are not ended by it: ${stderr}`);
  s.assertClean();
});

scenario(
  'run: a SIGTERM that a hook outlives is for the container',
  { skip: noHostPids },
  async (s) => {
    const container = s.container((c) => {
      withHooks({
        createRuntime: [
          shell(
            `trap 'touch ${s.path('trapped')}' TERM; touch ${s.path('inside')}; ` +
              `until [ -e ${s.path('go')} ]; do sleep 0.05; done`,
          ),
        ],
      })(c);
      c.process.args = ['/payload', 'pause'];
      // Process 1 of a pid namespace would be spared before it has a handler.
      c.linux.namespaces = without(c, 'pid');
    });
    const { child, ended } = begin(container, 'run', ['--bundle', container.bundle]);
    await present(s.path('inside'));
    child.kill('SIGTERM');
    await present(s.path('trapped'));
    release(s);
    const { status, stderr } = await ended;
    assert.ok(status === 0 || status === 128 + 15, `${status} ${stderr}`);
    s.assertClean();
  },
);
