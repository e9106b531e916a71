/** config.process: the process sees exactly what was asked for. config.md, "Process". */

import assert from 'node:assert/strict';
import { chmodSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import type { Change, ProcessConfig } from '../lib/config.js';
import { hasCapability, namespaceOf } from '../lib/host.js';
import { scenario } from '../lib/sandbox.js';

/** Numbers of capability.h. */
const CAPS: Record<string, number> = {
  CAP_CHOWN: 0,
  CAP_DAC_OVERRIDE: 1,
  CAP_KILL: 5,
  CAP_SETGID: 6,
  CAP_SETUID: 7,
  CAP_NET_BIND_SERVICE: 10,
  CAP_NET_RAW: 13,
  CAP_SYS_CHROOT: 18,
  CAP_SYS_RESOURCE: 24,
  CAP_AUDIT_WRITE: 29,
};

function mask(...names: string[]): string {
  let bits = 0n;
  for (const name of names) bits |= 1n << BigInt(CAPS[name] ?? 63);
  return bits.toString(16).padStart(16, '0');
}

const process_ =
  (change: (p: ProcessConfig) => void): Change =>
  (c) =>
    change(c.process);

scenario('args, to the letter', {}, (s) => {
  const args = ['/payload', 'args', '', ' a  b ', '"quoted"', '$HOME', 'ä€😀', '-x', '--'];
  const result = s.run(
    process_((p) => {
      p.args = args;
    }),
  );
  assert.deepEqual(JSON.parse(Buffer.from(result.stdout, 'utf8').toString()).length, args.length);
  // The payload writes bytes above 0x7f as \u00XX, one for each byte.
  const decoded = (JSON.parse(result.stdout) as string[]).map((text) =>
    Buffer.from(text, 'latin1').toString('utf8'),
  );
  assert.deepEqual(decoded, args);
});

scenario('an executable that is found by PATH', {}, (s) => {
  const result = s.run(
    process_((p) => {
      p.env = ['PATH=/none:/:/bin'];
      p.args = ['payload', 'print', 'found'];
    }),
  );
  assert.equal(result.stdout, 'found\n');
});

scenario("env, and nothing of the host's", {}, (s) => {
  const [env] = s.report(
    process_((p) => {
      p.env = ['PATH=/bin', 'A=1', 'B=with = and space', 'EMPTY='];
    }),
    'env',
  );
  assert.deepEqual([...env].sort(), [
    'A=1',
    'B=with = and space',
    'EMPTY=',
    'HOME=/root',
    'PATH=/bin',
  ]);
});

scenario("HOME comes from the container's passwd", {}, (s) => {
  const [env] = s.report(
    process_((p) => {
      p.user = { uid: 1000, gid: 1000 };
    }),
    'env',
  );
  assert.ok(env.includes('HOME=/home/grace'), String(env));
});

scenario('HOME is / for a user without an entry', {}, (s) => {
  const [env] = s.report(
    process_((p) => {
      p.user = { uid: 4711, gid: 4711 };
    }),
    'env',
  );
  assert.ok(env.includes('HOME=/'), String(env));
});

scenario('a HOME of the config is kept', {}, (s) => {
  const [env] = s.report(
    process_((p) => {
      p.env.push('HOME=/elsewhere');
    }),
    'env',
  );
  assert.ok(env.includes('HOME=/elsewhere'));
  assert.equal(env.filter((entry) => entry.startsWith('HOME=')).length, 1);
});

scenario(
  'a variable that is given twice: the last one holds',
  { not: { runc: 'newer than runc 1.1' } },
  (s) => {
    const [env] = s.report(
      process_((p) => {
        p.env.push('X=1', 'X=2');
      }),
      'env',
    );
    assert.deepEqual(
      env.filter((entry) => entry.startsWith('X=')),
      ['X=2'],
    );
  },
);

scenario('cwd', {}, (s) => {
  const [cwd] = s.report(
    process_((p) => {
      p.cwd = '/dir';
    }),
    'cwd',
  );
  assert.equal(cwd, '/dir');
});

scenario('a cwd that does not exist is made', {}, (s) => {
  const [cwd] = s.report((c) => {
    c.root.readonly = false;
    c.process.cwd = '/not/there/yet';
  }, 'cwd');
  assert.equal(cwd, '/not/there/yet');
});

scenario('a relative cwd is refused', {}, (s) => {
  assert.equal(
    s.run(
      process_((p) => {
        p.cwd = 'dir';
      }),
    ).status,
    1,
  );
});

scenario('a cwd that the user may not enter but root may', {}, (s) => {
  const container = s.container((c) => {
    c.process.user = { uid: 1000, gid: 1000 };
    c.process.cwd = '/closed';
    c.process.args = ['/payload', 'print', 'there'];
  });
  mkdirSync(path.join(container.bundle, 'rootfs/closed'), { mode: 0o700 });
  assert.equal(container.must('run', ['--bundle', container.bundle]).stdout, 'there\n');
});

// CVE-2024-21626: a descriptor of the host as the working directory.
scenario('a cwd through a leaked descriptor does not lead to the host', {}, (s) => {
  for (const fd of [3, 5, 7, 8, 9]) {
    const result = s.run((c) => {
      c.root.readonly = false;
      c.process.cwd = `/proc/self/fd/${fd}`;
      c.process.args = ['/payload', 'cat', '../../../../../../../etc/hostname'];
    });
    if (result.status === 0) assert.deepEqual(JSON.parse(result.stdout), { errno: 'ENOENT' });
  }
});

scenario('user, group and additional groups', {}, (s) => {
  const [id] = s.report(
    process_((p) => {
      p.user = { uid: 1000, gid: 2000, additionalGids: [5, 3000] };
    }),
    'id',
  );
  assert.deepEqual(
    { ...id, groups: [...id.groups].sort((a, b) => a - b) },
    { uid: 1000, euid: 1000, suid: 1000, gid: 2000, egid: 2000, sgid: 2000, groups: [5, 3000] },
  );
});

scenario('ids up to the highest there is', { not: { runc: 'knows 31 bits' } }, (s) => {
  const [id] = s.report(
    process_((p) => {
      p.user = { uid: 4294967294, gid: 4294967293, additionalGids: [4294967292] };
    }),
    'id',
  );
  assert.deepEqual([id.uid, id.gid, id.groups], [4294967294, 4294967293, [4294967292]]);
});

scenario('without additional groups there are none', {}, (s) => {
  const [id] = s.report(() => {}, 'id');
  assert.deepEqual(id.groups, []);
});

scenario('umask', {}, (s) => {
  const [umask] = s.report(
    process_((p) => {
      p.user.umask = 0o137;
    }),
    'umask',
  );
  assert.equal(umask, '0137');
});

scenario('a umask of 0 is one', {}, (s) => {
  const [umask] = s.report(
    process_((p) => {
      p.user.umask = 0;
    }),
    'umask',
  );
  assert.equal(umask, '0000');
});

scenario('without a umask it is 0022', {}, (s) => {
  const [umask] = s.report(() => {}, 'umask');
  assert.equal(umask, '0022');
});

// Capabilities --------------------------------------------------------------------------------

scenario('the capability sets of the base config', {}, (s) => {
  const [caps] = s.report(() => {}, 'caps');
  const three = mask('CAP_AUDIT_WRITE', 'CAP_KILL', 'CAP_NET_BIND_SERVICE');
  const none = mask();
  assert.deepEqual(caps, {
    effective: three,
    permitted: three,
    bounding: three,
    inheritable: none,
    ambient: none,
    securebits: 0,
  });
});

scenario('five sets that all differ', {}, (s) => {
  const [caps] = s.report(
    process_((p) => {
      // As another user: root's exec would raise the permitted set to the bounding one.
      p.user = { uid: 1000, gid: 1000 };
      p.capabilities = {
        bounding: ['CAP_CHOWN', 'CAP_KILL', 'CAP_SETUID', 'CAP_NET_RAW', 'CAP_SYS_CHROOT'],
        permitted: ['CAP_CHOWN', 'CAP_KILL', 'CAP_SETUID', 'CAP_NET_RAW'],
        inheritable: ['CAP_CHOWN', 'CAP_KILL', 'CAP_SETUID'],
        effective: ['CAP_CHOWN', 'CAP_KILL'],
        ambient: ['CAP_CHOWN'],
      };
    }),
    'caps',
  );
  assert.equal(
    caps.bounding,
    mask('CAP_CHOWN', 'CAP_KILL', 'CAP_SETUID', 'CAP_NET_RAW', 'CAP_SYS_CHROOT'),
  );
  assert.equal(caps.inheritable, mask('CAP_CHOWN', 'CAP_KILL', 'CAP_SETUID'));
  assert.equal(caps.ambient, mask('CAP_CHOWN'));
  // capabilities(7): exec of a plain file by another user than root leaves only the ambient ones.
  assert.equal(caps.permitted, mask('CAP_CHOWN'));
  assert.equal(caps.effective, mask('CAP_CHOWN'));
});

scenario('no capabilities at all', {}, (s) => {
  const [caps] = s.report(
    process_((p) => {
      p.capabilities = {};
    }),
    'caps',
  );
  const none = mask();
  assert.deepEqual(
    [caps.effective, caps.permitted, caps.bounding, caps.inheritable, caps.ambient],
    [none, none, none, none, none],
  );
});

scenario('another user without ambient capabilities has none', {}, (s) => {
  const [caps] = s.report(
    process_((p) => {
      p.user = { uid: 1000, gid: 1000 };
    }),
    'caps',
  );
  assert.equal(caps.effective, mask());
  assert.equal(caps.permitted, mask());
  assert.equal(caps.bounding, mask('CAP_AUDIT_WRITE', 'CAP_KILL', 'CAP_NET_BIND_SERVICE'));
});

scenario('a capability that no kernel knows is passed over with a warning', {}, (s) => {
  const result = s.run(
    process_((p) => {
      p.capabilities?.bounding?.push('CAP_NO_SUCH_THING');
    }),
  );
  assert.equal(result.status, 0, result.stderr);
  assert.match(result.stderr, /CAP_NO_SUCH_THING/);
});

scenario(
  'a capability that we do not have ourselves is left out',
  {
    skip: hasCapability(24) && 'we have CAP_SYS_RESOURCE here',
  },
  (s) => {
    const [caps] = s.report(
      process_((p) => {
        p.capabilities = {
          bounding: ['CAP_KILL', 'CAP_SYS_RESOURCE'],
          permitted: ['CAP_KILL'],
          effective: ['CAP_KILL'],
        };
      }),
      'caps',
    );
    assert.equal(caps.bounding, mask('CAP_KILL'));
  },
);

scenario('an ambient capability that is not inheritable cannot be had', {}, (s) => {
  const result = s.run(
    process_((p) => {
      p.capabilities = { ...p.capabilities, ambient: ['CAP_KILL'] };
    }),
  );
  if (result.status !== 0) assert.match(result.stderr, /ambient/i);
});

// Limits --------------------------------------------------------------------------------------

for (const [type, soft, hard] of [
  ['RLIMIT_NOFILE', 100n, 200n],
  ['RLIMIT_CORE', 0n, 0n],
  ['RLIMIT_CPU', 1000n, 2000n],
  ['RLIMIT_FSIZE', 9007199254740993n, 18446744073709551615n],
  ['RLIMIT_AS', 18446744073709551615n, 18446744073709551615n],
  ['RLIMIT_STACK', 1048576n, 18446744073709551615n],
  ['RLIMIT_NPROC', 50n, 60n],
  ['RLIMIT_MSGQUEUE', 100n, 200n],
  ['RLIMIT_SIGPENDING', 10n, 20n],
] as const) {
  scenario(`${type} ${soft} ${hard}`, {}, (s) => {
    const [limits] = s.report(
      process_((p) => {
        p.rlimits = [{ type, soft, hard }];
      }),
      'rlimits',
    );
    assert.deepEqual(limits[type], { soft: String(soft), hard: String(hard) });
  });
}

scenario('a limit that is set twice is refused', { not: { runc: 'takes the last' } }, (s) => {
  const result = s.run(
    process_((p) => {
      p.rlimits = [
        { type: 'RLIMIT_CORE', soft: 1, hard: 2 },
        { type: 'RLIMIT_CORE', soft: 1, hard: 2 },
      ];
    }),
  );
  assert.equal(result.status, 1);
});

scenario('a limit of an unknown type is refused', {}, (s) => {
  const result = s.run(
    process_((p) => {
      p.rlimits = [{ type: 'RLIMIT_SLEEP', soft: 1, hard: 2 }];
    }),
  );
  assert.equal(result.status, 1);
  assert.match(result.stderr, /RLIMIT_SLEEP/);
});

for (const wanted of [true, false]) {
  scenario(`noNewPrivileges ${wanted}`, {}, (s) => {
    const [flags] = s.report(
      process_((p) => {
        p.noNewPrivileges = wanted;
      }),
      'flags',
    );
    assert.equal(flags.noNewPrivileges, wanted ? 1 : 0);
  });
}

scenario('oomScoreAdj', {}, (s) => {
  const [score] = s.report(
    process_((p) => {
      p.oomScoreAdj = 321;
    }),
    'oom',
  );
  assert.equal(score, 321);
});

scenario("without oomScoreAdj the caller's is kept", {}, (s) => {
  const [score] = s.report(() => {}, 'oom');
  assert.equal(score, Number(readFileSync('/proc/self/oom_score_adj', 'utf8')));
});

// The rest of its shape ------------------------------------------------------------------------

scenario(
  'the process is an ordinary one: no death signal, no subreaper, dumpable, nothing blocked',
  {},
  (s) => {
    const [flags, signals] = s.report(() => {}, 'flags', 'signals');
    assert.deepEqual(
      {
        deathSignal: flags.deathSignal,
        subreaper: flags.subreaper,
        dumpable: flags.dumpable,
        keepCaps: flags.keepCaps,
      },
      { deathSignal: 0, subreaper: 0, dumpable: 1, keepCaps: 0 },
    );
    assert.deepEqual(signals, { blocked: [], ignored: [] });
  },
);

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

scenario('a new session keyring, named for the container', {}, (s) => {
  const container = s.container((c) => {
    c.process.args = ['/payload', 'keyring'];
  });
  const result = container.must('run', ['--bundle', container.bundle]);
  assert.match(JSON.parse(result.stdout).description, new RegExp(`;_ses\\.${container.id}$`));
});

scenario("--no-new-keyring keeps the caller's session keyring", {}, (s) => {
  const container = s.container((c) => {
    c.process.args = ['/payload', 'keyring'];
  });
  const result = container.must('run', ['--bundle', container.bundle, '--no-new-keyring']);
  const seen = JSON.parse(result.stdout);
  // A session keyring of the caller cannot be seen by name from everywhere; ours is not there.
  assert.ok(!String(seen.description).includes(container.id));
});

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
  scenario(`a process ended by signal ${signal} gives ${128 + signal}`, {}, (s) => {
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
  assert.equal(result.status, 1);
  assert.match(result.stderr, /no such file or directory/);
});

scenario('a name that PATH does not lead to', {}, (s) => {
  const result = s.run(
    process_((p) => {
      p.args = ['none'];
    }),
  );
  assert.equal(result.status, 1);
  assert.match(result.stderr, /executable file not found in \$PATH/);
});

scenario('an executable without the x bit', {}, (s) => {
  const container = s.container((c) => {
    c.process.args = ['/payload'];
  });
  chmodSync(path.join(container.bundle, 'rootfs/payload'), 0o644);
  const result = container.call('run', ['--bundle', container.bundle]);
  assert.equal(result.status, 1);
  assert.match(result.stderr, /permission denied/);
});

scenario('a file that is no program', {}, (s) => {
  const container = s.container((c) => {
    c.process.args = ['/nonsense'];
  });
  writeFileSync(path.join(container.bundle, 'rootfs/nonsense'), 'not a program', { mode: 0o755 });
  const result = container.call('run', ['--bundle', container.bundle]);
  assert.equal(result.status, 1);
  assert.match(result.stderr, /exec format error/i);
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

scenario(
  'personality LINUX32',
  { not: { runc: 'newer than runc 1.1', crun: 'not looked at' } },
  (s) => {
    const [uname, domain] = s.report(
      (c) => {
        c.linux['personality'] = { domain: 'LINUX32' };
      },
      'uname',
      'personality',
    );
    assert.equal(uname.machine, 'i686');
    assert.equal(domain, 8);
  },
);

scenario('ioPriority', { not: { runc: 'newer than runc 1.1', crun: 'not looked at' } }, (s) => {
  const [priority] = s.report(
    process_((p) => {
      p['ioPriority'] = { class: 'IOPRIO_CLASS_BE', priority: 6 };
    }),
    'ioprio',
  );
  assert.deepEqual(priority, { class: 2, level: 6 });
});

scenario(
  'scheduler SCHED_BATCH with a nice value',
  { not: { runc: 'newer than runc 1.1', crun: 'not looked at' } },
  (s) => {
    const [sched] = s.report(
      process_((p) => {
        p['scheduler'] = { policy: 'SCHED_BATCH', nice: 5 };
      }),
      'sched',
    );
    assert.deepEqual(sched, { policy: 3, priority: 0, nice: 5 });
  },
);

scenario(
  'apparmorProfile where the kernel has no AppArmor is refused',
  {
    skip: readable('/sys/kernel/security/apparmor/profiles') && 'this kernel has AppArmor',
  },
  (s) => {
    const result = s.run(
      process_((p) => {
        p['apparmorProfile'] = 'some-profile';
      }),
    );
    assert.equal(result.status, 1);
    assert.match(result.stderr, /apparmor/i);
  },
);

scenario('the helper that set the container up is not to be seen in it', {}, (s) => {
  const [names] = s.report(() => {}, 'ls /proc');
  assert.deepEqual(
    names.filter((name) => /^\d+$/.test(name)),
    ['1'],
  );
  assert.ok(namespaceOf('self', 'pid'));
});

function readable(file: string): boolean {
  try {
    return readFileSync(file, 'utf8') !== '';
  } catch {
    return false;
  }
}
