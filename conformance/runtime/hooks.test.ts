/**
 * hooks: which, when, where, with what on stdin, and what happens when one fails. config.md,
 * "POSIX-platform Hooks". One file, over 400 lines: one table of kinds and one witness for all of them.
 */

import assert from 'node:assert/strict';
import { copyFileSync, existsSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import type { Change, Hook } from '../lib/config.js';
import { childrenOf, namespaceOf, waitFor } from '../lib/host.js';
import { refused, says } from '../lib/refusal.js';
import { KIND, notOwn, OPTIONS, PAYLOAD, RUNTIME } from '../lib/runtime.js';
import { type Container, type Sandbox, type State, scenario } from '../lib/sandbox.js';

interface Call {
  name: string;
  args: string[];
  env: string[];
  cwd: string;
  state: State;
  fds: number[];
  mnt: string;
  uts: string;
  net: string;
}

const ON_HOST = ['prestart', 'createRuntime', 'createContainer', 'poststart', 'poststop'] as const;

/** A hook that writes down how it was called, and ends with `status`. */
function witness(s: Sandbox, name: string, status = 0): Hook {
  return { path: PAYLOAD, args: ['ocirt-payload', 'hook', s.path('calls'), name, String(status)] };
}

/** The one kind that runs after the root has been changed: its program and file are inside. */
function innerWitness(name: string, status = 0): Hook {
  return { path: '/payload', args: ['payload', 'hook', '/srv/calls', name, String(status)] };
}

function parse(file: string): Call[] {
  if (!existsSync(file)) return [];
  return readFileSync(file, 'utf8')
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => {
      const call = JSON.parse(line) as Omit<Call, 'state'> & { state: string };
      return { ...call, state: JSON.parse(call.state) as State };
    });
}

/** How a failing hook is named. */
function failed(name: string, index: number): RegExp {
  return KIND === 'runc'
    ? new RegExp(`error running hook #${index}:`)
    : new RegExp(`error running ${name} hook #${index}:`);
}

const calls = (s: Sandbox) => parse(s.path('calls'));
const names = (s: Sandbox) => calls(s).map((call) => call.name);

const withHooks =
  (hooks: Record<string, Hook[]>): Change =>
  (c) => {
    c.root.readonly = false;
    c.hooks = hooks;
  };

function oneOfEach(s: Sandbox): Record<string, Hook[]> {
  return Object.fromEntries([
    ...ON_HOST.map((name) => [name, [witness(s, name)]]),
    ['startContainer', [innerWitness('startContainer')]],
  ]);
}

function innerCalls(container: Container): Call[] {
  return parse(path.join(container.bundle, 'rootfs/srv/calls'));
}

scenario(
  'each hook runs at its time, in the order of the life cycle',
  { not: { runc: 'runc 1.1 runs poststart at create' } },
  async (s) => {
    const container = s.container((c) => {
      withHooks(oneOfEach(s))(c);
      c.process.args = ['/payload', 'pause'];
    });
    container.must('create', ['--bundle', container.bundle]);
    assert.deepEqual(names(s), ['prestart', 'createRuntime', 'createContainer']);
    assert.deepEqual(innerCalls(container), []);
    container.must('start');
    // Only ocirt's start comes back when all of that has been.
    if (KIND !== 'ocirt') await container.untilPrinted('ready\n');
    assert.deepEqual(names(s), ['prestart', 'createRuntime', 'createContainer', 'poststart']);
    assert.deepEqual(
      innerCalls(container).map((call) => call.name),
      ['startContainer'],
    );
    container.must('kill', [], ['KILL']);
    await container.until('stopped');
    container.must('delete');
    assert.deepEqual(names(s).at(-1), 'poststop');
  },
);

const STATUS: Record<string, string[]> = {
  // Of what came before `createRuntime`: what uses it still is from when it ran in `start`.
  prestart: KIND === 'ocirt' ? ['created'] : ['creating', 'created'],
  createRuntime: ['creating', 'created'],
  createContainer: ['creating', 'created'],
  startContainer: ['created'],
  poststart: ['running'],
  poststop: ['stopped'],
};

scenario(
  'each hook gets the state on standard input',
  {
    not: {
      runc: 'runc 1.1 runs poststart at create',
      crun: 'version 1.8.1 gives createContainer the pid 0',
    },
  },
  async (s) => {
    const container = s.container((c) => {
      withHooks(oneOfEach(s))(c);
      c.annotations = { 'org.example.key': 'value' };
      c.process.args = ['/payload', 'pause'];
    });
    container.must('create', ['--bundle', container.bundle]);
    const { pid } = container.state();
    container.must('start');
    const inner = innerCalls(container);
    container.must('kill', [], ['KILL']);
    await container.until('stopped');
    container.must('delete');
    const all = [...calls(s), ...inner];
    assert.equal(all.length, 6);
    for (const { name, state } of all) {
      assert.equal(state.id, container.id, name);
      assert.equal(state.bundle, container.bundle, name);
      assert.match(state.ociVersion, /^1\.\d+/, name);
      assert.equal(state.annotations?.['org.example.key'], 'value', name);
      assert.ok(STATUS[name]?.includes(state.status), `${name}: ${state.status}`);
      // runtime.md, "State": as seen by the runtime, or by the container for hooks that run there.
      if (['createContainer', 'startContainer'].includes(name)) assert.equal(state.pid, 1, name);
      else if (name !== 'poststop') assert.equal(state.pid, pid, name);
    }
  },
);

scenario('hooks of one kind run in the order of the list', {}, (s) => {
  assert.equal(
    s.run(withHooks({ createRuntime: ['a', 'b', 'c'].map((name) => witness(s, name)) })).status,
    0,
  );
  assert.deepEqual(names(s), ['a', 'b', 'c']);
});

scenario('createRuntime runs in the namespaces of the runtime', {}, (s) => {
  assert.equal(s.run(withHooks({ createRuntime: [witness(s, 'x')] })).status, 0);
  const [call] = calls(s);
  assert.equal(call?.mnt, namespaceOf('self', 'mnt'));
  assert.equal(call?.uts, namespaceOf('self', 'uts'));
});

scenario(
  'createContainer runs in the namespaces of the container, before its root is changed',
  {},
  (s) => {
    assert.equal(s.run(withHooks({ createContainer: [witness(s, 'x')] })).status, 0);
    const [call] = calls(s);
    assert.notEqual(call?.mnt, namespaceOf('self', 'mnt'));
    assert.notEqual(call?.uts, namespaceOf('self', 'uts'));
    assert.notEqual(call?.net, namespaceOf('self', 'net'));
  },
);

scenario('poststart and poststop run in the namespaces of the runtime', {}, (s) => {
  assert.equal(
    s.run(withHooks({ poststart: [witness(s, 'a')], poststop: [witness(s, 'b')] })).status,
    0,
  );
  assert.deepEqual(
    calls(s).map((call) => call.mnt),
    [namespaceOf('self', 'mnt'), namespaceOf('self', 'mnt')],
  );
});

scenario('args are given as they are, argv[0] included', {}, (s) => {
  const hook = {
    path: PAYLOAD,
    args: ['a name of its own', 'hook', s.path('calls'), 'x', '0', 'more  words'],
  };
  assert.equal(s.run(withHooks({ createRuntime: [hook] })).status, 0);
  assert.deepEqual(calls(s)[0]?.args, [s.path('calls'), 'x', '0', 'more  words']);
});

scenario('env of a hook is all that it gets', {}, (s) => {
  const hook = { ...witness(s, 'x'), env: ['ONE=1', 'TWO=2 2'] };
  assert.equal(s.run(withHooks({ createRuntime: [hook] })).status, 0);
  assert.deepEqual(calls(s)[0]?.env, ['ONE=1', 'TWO=2 2']);
});

scenario('a hook has only the standard descriptors', { not: { runc: 'leaks its own' } }, (s) => {
  assert.equal(
    s.run(
      withHooks({
        createRuntime: [witness(s, 'a')],
        createContainer: [witness(s, 'b')],
        poststop: [witness(s, 'c')],
      }),
    ).status,
    0,
  );
  for (const call of calls(s)) assert.deepEqual(call.fds, [0, 1, 2], call.name);
});

for (const name of ['prestart', 'createRuntime', 'createContainer'] as const) {
  scenario(`a ${name} hook that fails fails the create, and nothing is left`, {}, (s) => {
    const container = s.container(
      withHooks({
        [name]: [witness(s, 'first'), witness(s, 'second', 3), witness(s, 'third')],
      }),
    );
    const result = container.call('create', ['--bundle', container.bundle]);
    assert.notEqual(result.status, 0);
    says(result.stderr, failed(name, 1));
    assert.deepEqual(names(s), ['first', 'second']);
    assert.notEqual(container.call('state').status, 0);
    s.assertClean();
  });
}

scenario('what a failing hook wrote on standard error is in the message', {}, (s) => {
  const result = s.run(withHooks({ createRuntime: [witness(s, 'talker', 1)] }));
  assert.notEqual(result.status, 0);
  says(result.stderr, /said by talker/);
});

/** The container is stopped, or has been destroyed as well. */
async function untilEnded(container: Container): Promise<void> {
  await waitFor(
    'the container to be stopped',
    () => {
      const { status, stdout } = container.call('state');
      return status !== 0 || (JSON.parse(stdout) as State).status === 'stopped';
    },
    10_000,
  );
}

// runtime.md, "Lifecycle", 7: an error, and the container is stopped. Whether start tells of it is left
// open ("Errors"): that is ours.
scenario('a startContainer hook that fails fails the start', {}, async (s) => {
  const container = s.created(withHooks({ startContainer: [innerWitness('x', 4)] }));
  const result = container.call('start');
  await untilEnded(container);
  says(result.stderr + container.errors(), failed('startContainer', 0));
  assert.equal(container.output(), '', 'the process ran');
});

scenario('start itself reports a startContainer hook that fails', { own: true }, (s) => {
  const container = s.created(withHooks({ startContainer: [innerWitness('x', 4)] }));
  const result = container.call('start');
  refused(result);
  says(result.stderr, failed('startContainer', 0));
});

scenario(
  'a container that is killed in a startContainer hook has not been started',
  { own: true },
  async (s) => {
    const container = s.created((c) => {
      withHooks({
        startContainer: [{ path: '/payload', args: ['payload', 'pause'] }],
      })(c);
    });
    const { pid } = container.state();
    const start = s.spawn(RUNTIME, ['--root', s.stateRoot, ...OPTIONS, 'start', container.id]);
    let said = '';
    start.stderr?.on('data', (chunk) => {
      said += chunk;
    });
    // The hook is a child of the container's process.
    await waitFor('the hook', () => childrenOf(pid).length > 0);
    process.kill(pid, 'SIGKILL');
    await waitFor('the end of start', () => start.exitCode !== null);
    assert.equal(start.exitCode, 1, said);
    assert.match(said, /startContainer hook/);
    await container.until('stopped');
  },
);

// runtime.md, "Lifecycle", 9. Before version 1.3 it was a warning, and the container went on.
scenario(
  'a poststart hook that fails stops the container',
  {
    not: {
      runc: 'runc 1.1 runs poststart at create',
      crun: 'version 1.8.1 goes on, as before 1.3',
    },
  },
  async (s) => {
    const container = s.created((c) => {
      withHooks({ poststart: [witness(s, 'x', 1)] })(c);
      c.process.args = ['/payload', 'pause'];
    });
    const result = container.call('start');
    // How it is told, and whether, is left open (runtime.md, "Errors").
    if (KIND === 'ocirt') {
      refused(result);
      says(result.stderr, failed('poststart', 0));
      // Deleted, as a unit of systemd's too.
      assert.notEqual(container.call('state').status, 0);
      s.assertClean();
    }
    await untilEnded(container);
  },
);

scenario(
  'a poststop hook that fails does not stop the delete, nor the other hooks',
  {},
  async (s) => {
    const container = s.created(withHooks({ poststop: [witness(s, 'a', 1), witness(s, 'b')] }));
    container.must('start');
    await container.until('stopped');
    container.call('delete');
    assert.notEqual(container.call('state').status, 0);
    s.assertClean();
  },
);

scenario('a hook that takes too long is ended', {}, (s) => {
  const started = Date.now();
  const result = s.run(
    withHooks({
      createRuntime: [{ path: PAYLOAD, args: ['payload', 'nap', '60000'], timeout: 1 }],
    }),
  );
  assert.notEqual(result.status, 0);
  says(result.stderr, failed('createRuntime', 0));
  assert.ok(Date.now() - started < 50_000);
});

scenario('a hook within its time is none the worse for it', {}, (s) => {
  assert.equal(
    s.run(withHooks({ createRuntime: [{ ...witness(s, 'x'), timeout: 60 }] })).status,
    0,
  );
  assert.deepEqual(names(s), ['x']);
});

scenario('a hook that does not exist', {}, (s) => {
  const result = s.run(withHooks({ createRuntime: [{ path: s.path('none') }] }));
  assert.notEqual(result.status, 0);
  says(result.stderr, /no such file or directory/i);
});

scenario(
  'a hook with a relative path is refused',
  { not: { runc: 'runc 1.1 takes it', crun: 'takes it' } },
  (s) => {
    const result = s.run(withHooks({ poststop: [{ path: 'bin/hook' }] }));
    refused(result);
  },
);

scenario(
  'startContainer hooks get the environment of the process',
  { not: { runc: 'newer than runc 1.1' } },
  (s) => {
    const container = s.container((c) => {
      withHooks({ startContainer: [innerWitness('x')] })(c);
      c.process.env.push('OF_THE_PROCESS=1');
    });
    container.must('run', ['--bundle', container.bundle]);
    const [call] = innerCalls(container);
    assert.ok(call?.env.includes('OF_THE_PROCESS=1'), String(call?.env));
  },
);

scenario("hooks whose program is in the container's root only, for startContainer", {}, (s) => {
  const container = s.container(
    withHooks({
      startContainer: [{ path: '/only-here', args: ['x', 'hook', '/srv/calls', 'inner'] }],
    }),
  );
  copyFileSync(PAYLOAD, path.join(container.bundle, 'rootfs/only-here'));
  container.must('run', ['--bundle', container.bundle]);
  assert.deepEqual(
    innerCalls(container).map((call) => call.name),
    ['inner'],
  );
});

scenario('poststop hooks run on a forced delete of a running container', {}, async (s) => {
  const container = await s.running(withHooks({ poststop: [witness(s, 'gone')] }));
  container.must('delete', ['--force']);
  await waitFor('the hook', () => names(s).includes('gone'));
});

for (const kind of ['createRuntime', 'poststop']) {
  scenario(`a ${kind} hook may call any verb: none waits for the hook`, { skip: notOwn }, (s) => {
    const file = s.path('mounts.json');
    writeFileSync(file, JSON.stringify([{ destination: '/x', type: 'tmpfs', source: 'tmpfs' }]));
    const program = [RUNTIME, '--root', s.stateRoot, ...OPTIONS]
      .map((word) => `'${word}'`)
      .join(' ');
    const verbs = [
      'exec $id /payload',
      `mounts add $id '${file}'`,
      'checkpoint $id',
      'pause $id',
      'resume $id',
      'update --pids-limit 50 $id',
      'start $id',
    ];
    // timeout(1) tells with 124 that it had to end a verb.
    const script = [
      `id=$(sed 's/.*"id":"\\([^"]*\\)".*/\\1/')`,
      ...verbs.map((verb) => `timeout 20 ${program} ${verb} >&2; echo $? >> '${s.path('codes')}'`),
    ].join('\n');
    const hook = { path: '/bin/sh', args: ['sh', '-c', script], env: ['PATH=/usr/bin:/bin'] };
    assert.equal(s.run(withHooks({ [kind]: [hook] })).status, 0);
    const codes = readFileSync(s.path('codes'), 'utf8').trim().split('\n').map(Number);
    assert.deepEqual(codes, [255, 1, 1, 1, 1, 1, 1]);
  });
}
