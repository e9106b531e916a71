/** What the process is given to read and write, its keyring, its exit status, and how a start of it fails. */

import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { chmodSync, statSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { callUnder } from '../lib/attack.js';
import type { Change, ProcessConfig } from '../lib/config.js';
import { notRoot } from '../lib/groups.js';
import { atMost } from '../lib/limit.js';
import { refused, says } from '../lib/refusal.js';
import { OPTIONS, PAYLOAD, RUNTIME } from '../lib/runtime.js';
import { type Container, scenario } from '../lib/sandbox.js';

const process_ =
  (change: (p: ProcessConfig) => void): Change =>
  (c) =>
    change(c.process);

scenario('only the standard descriptors are open', {}, (s) => {
  const [fds] = s.report(() => {}, 'fds');
  assert.deepEqual(
    fds.map((fd) => fd.fd),
    [0, 1, 2],
  );
});

scenario('--preserve-fds gives descriptors on', {}, (s) => {
  const file = s.path('given');
  writeFileSync(file, 'text');
  const container = s.container((c) => {
    c.process.args = ['/payload', 'fds'];
  });
  const result = s.runtime(
    ['run', '--bundle', container.bundle, '--preserve-fds', '2', container.id],
    {
      extraFds: [0, 1, 2].map(() => 2),
    },
  );
  assert.equal(result.status, 0, result.stderr);
  assert.deepEqual(
    (JSON.parse(result.stdout) as { fd: number }[]).map((fd) => fd.fd),
    [0, 1, 2, 3, 4],
  );
});

scenario('descriptors of the caller do not get into the container', {}, (s) => {
  const container = s.container((c) => {
    c.process.args = ['/payload', 'fds'];
  });
  const result = s.runtime(['run', '--bundle', container.bundle, container.id], {
    extraFds: [2, 2, 2],
  });
  assert.equal(result.status, 0, result.stderr);
  assert.deepEqual(
    (JSON.parse(result.stdout) as { fd: number }[]).map((fd) => fd.fd),
    [0, 1, 2],
  );
});

// Files that the runtime opens for itself would take the free numbers, and the container get them.
scenario(
  'a caller without standard descriptors: the process has /dev/null in their place',
  {},
  (s) => {
    const container = s.container((c) => {
      c.process.args = ['/payload', 'pause'];
    });
    const words = [
      '--root',
      s.stateRoot,
      ...OPTIONS,
      'create',
      '--bundle',
      container.bundle,
      container.id,
    ];
    const closed = ['-c', 'exec "$@" <&- >&- 2>&-', 'sh', RUNTIME, ...words];
    const create = spawnSync('/bin/sh', closed, { timeout: atMost(60_000), killSignal: 'SIGKILL' });
    assert.equal(create.status, 0);
    const { pid } = container.state();
    for (const fd of [0, 1, 2]) {
      const device = statSync(`/proc/${pid}/fd/${fd}`);
      // Character device 1:3, as st_rdev has it.
      assert.deepEqual([fd, device.isCharacterDevice(), device.rdev], [fd, true, 0x103]);
    }
    // A lock that the container has got would never be free again.
    container.must('start', [], [], { timeoutMs: 60_000 });
  },
);

scenario('a new session keyring, named for the container', {}, (s) => {
  const container = s.container((c) => {
    c.process.args = ['/payload', 'keyring'];
  });
  const result = container.must('run', ['--bundle', container.bundle]);
  assert.match(JSON.parse(result.stdout).description, new RegExp(`;_ses\\.${container.id}$`));
});

/** The name of the session keyring of what a verb runs, whose caller has one called `callers`. */
function keyringOf(container: Container, ...verb: string[]): string {
  const result = callUnder(container, PAYLOAD, ['in-keyring', 'callers'], ...verb);
  assert.equal(result.status, 0, result.stderr);
  const { description } = JSON.parse(result.stdout) as { description: string };
  return description.slice(description.lastIndexOf(';') + 1);
}

const keyring = ['/payload', 'keyring'];

scenario("run --no-new-keyring keeps the caller's session keyring", {}, (s) => {
  const container = s.container((c) => {
    c.process.args = keyring;
  });
  const run = ['run', '--bundle', container.bundle];
  assert.equal(keyringOf(container, ...run, container.id), `_ses.${container.id}`);
  assert.equal(keyringOf(container, ...run, '--no-new-keyring', container.id), 'callers');
});

const crun = 'exec makes no keyring of its own';

scenario(
  "exec: the container's keyring, or the caller's as the container's",
  { not: { crun } },
  (s) => {
    const usual = s.created();
    const without = s.created(() => {}, ['--no-new-keyring']);
    assert.equal(keyringOf(usual, 'exec', usual.id, ...keyring), `_ses.${usual.id}`);
    assert.equal(keyringOf(without, 'exec', without.id, ...keyring), 'callers');
  },
);

scenario('standard input comes from the caller', {}, (s) => {
  const result = s.run(
    process_((p) => {
      p.args = ['/payload', 'echo'];
    }),
    { input: 'line one\nline two\n' },
  );
  assert.equal(result.stdout, 'line one\nline two\n');
});

scenario('standard output and standard error are apart', {}, (s) => {
  const result = s.run(
    process_((p) => {
      p.args = ['/payload', 'stderr', 'a complaint'];
    }),
  );
  assert.equal(result.stdout, '');
  assert.equal(result.stderr, 'a complaint\n');
});

for (const status of [0, 1, 42, 255]) {
  scenario(`exit status ${status} is that of run`, {}, (s) => {
    assert.equal(
      s.run(
        process_((p) => {
          p.args = ['/payload', 'exit', String(status)];
        }),
      ).status,
      status,
    );
  });
}

for (const signal of [6, 9, 15]) {
  scenario(`a process ended by signal ${signal} gives ${128 + signal}`, { skip: notRoot }, (s) => {
    const result = s.run((c) => {
      // Process 1 of a pid namespace is spared by its own signals.
      c.linux.namespaces = c.linux.namespaces.filter((namespace) => namespace.type !== 'pid');
      c.process.args = ['/payload', 'raise', String(signal)];
    });
    assert.equal(result.status, 128 + signal, result.stderr);
  });
}

scenario('an executable that does not exist', {}, (s) => {
  const result = s.run(
    process_((p) => {
      p.args = ['/none'];
    }),
  );
  refused(result);
  says(result.stderr, /no such file or directory/);
});

scenario('a name that PATH does not lead to', {}, (s) => {
  const result = s.run(
    process_((p) => {
      p.args = ['none'];
    }),
  );
  refused(result);
  says(result.stderr, /executable file not found in \$PATH/);
});

scenario('an executable without the x bit', {}, (s) => {
  const container = s.container((c) => {
    c.process.args = ['/payload'];
  });
  chmodSync(path.join(container.bundle, 'rootfs/payload'), 0o644);
  const result = container.call('run', ['--bundle', container.bundle]);
  refused(result);
  says(result.stderr, /permission denied/);
});

scenario('a file that is no program', {}, (s) => {
  const container = s.container((c) => {
    c.process.args = ['/nonsense'];
  });
  writeFileSync(path.join(container.bundle, 'rootfs/nonsense'), 'not a program', { mode: 0o755 });
  const result = container.call('run', ['--bundle', container.bundle]);
  refused(result);
  says(result.stderr, /exec format error/i);
});

scenario('empty args are refused', {}, (s) => {
  assert.equal(
    s.run(
      process_((p) => {
        p.args = [];
      }),
    ).status,
    1,
  );
});
