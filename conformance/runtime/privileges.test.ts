/** config.process: capabilities, limits, no new privileges, OOM score. config.md, "Linux Process". */

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import type { Change, ProcessConfig } from '../lib/config.js';
import { notRoot, ROOTLESS } from '../lib/groups.js';
import { hasCapability } from '../lib/host.js';
import { refused, says } from '../lib/refusal.js';
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

for (const [how, given] of [
  ['no capabilities at all', {}],
  ['without a word of capabilities there are none', undefined],
] as const) {
  scenario(how, {}, (s) => {
    const [caps] = s.report(
      process_((p) => {
        if (given === undefined) delete p.capabilities;
        else p.capabilities = given;
      }),
      'caps',
    );
    const none = mask();
    assert.deepEqual(
      [caps.effective, caps.permitted, caps.bounding, caps.inheritable, caps.ambient],
      [none, none, none, none, none],
    );
  });
}

/** In the order of their numbers in <linux/capability.h>. */
const ALL_CAPS = [
  ...['CHOWN', 'DAC_OVERRIDE', 'DAC_READ_SEARCH', 'FOWNER', 'FSETID', 'KILL', 'SETGID', 'SETUID'],
  ...['SETPCAP', 'LINUX_IMMUTABLE', 'NET_BIND_SERVICE', 'NET_BROADCAST', 'NET_ADMIN', 'NET_RAW'],
  ...['IPC_LOCK', 'IPC_OWNER', 'SYS_MODULE', 'SYS_RAWIO', 'SYS_CHROOT', 'SYS_PTRACE', 'SYS_PACCT'],
  ...['SYS_ADMIN', 'SYS_BOOT', 'SYS_NICE', 'SYS_RESOURCE', 'SYS_TIME', 'SYS_TTY_CONFIG', 'MKNOD'],
  ...['LEASE', 'AUDIT_WRITE', 'AUDIT_CONTROL', 'SETFCAP', 'MAC_OVERRIDE', 'MAC_ADMIN', 'SYSLOG'],
  ...['WAKE_ALARM', 'BLOCK_SUSPEND', 'AUDIT_READ', 'PERFMON', 'BPF', 'CHECKPOINT_RESTORE'],
];

scenario('each capability is known by its name', {}, (s) => {
  // Those whose number has this bit: a name with another's number would be in the wrong ones.
  for (let bit = 0; bit < 6; bit++) {
    const numbers = [...ALL_CAPS.keys()].filter((number) => (number >> bit) & 1);
    // Root of a user namespace may have all of them; who makes none, what he has himself.
    const ours = numbers.filter((number) => ROOTLESS || hasCapability(number));
    const [caps] = s.report(
      process_((p) => {
        p.capabilities = { bounding: numbers.map((number) => `CAP_${ALL_CAPS[number]}`) };
      }),
      'caps',
    );
    const wanted = ours.reduce((bits, number) => bits | (1n << BigInt(number)), 0n);
    assert.equal(caps.bounding, wanted.toString(16).padStart(16, '0'), `bit ${bit}`);
  }
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
  says(result.stderr, /CAP_NO_SUCH_THING/);
});

scenario(
  'a capability that we do not have ourselves is left out',
  {
    skip: notRoot || (hasCapability(24) && 'we have CAP_SYS_RESOURCE here'),
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

scenario(
  'an inheritable capability beyond the bounding set is left out with a warning',
  { not: { runc: 'fails at capset', crun: 'fails at capset' } },
  (s) => {
    const result = s.run(
      process_((p) => {
        p.capabilities = { bounding: ['CAP_CHOWN'], inheritable: ['CAP_CHOWN', 'CAP_KILL'] };
        p.args = ['/payload', 'caps'];
      }),
    );
    assert.equal(result.status, 0, result.stderr);
    says(result.stderr, /CAP_KILL/);
    const [caps] = s.report(
      process_((p) => {
        p.capabilities = { bounding: ['CAP_CHOWN'], inheritable: ['CAP_CHOWN', 'CAP_KILL'] };
      }),
      'caps',
    );
    assert.equal(caps.inheritable, mask('CAP_CHOWN'));
  },
);

scenario('an ambient capability that is not inheritable cannot be had', {}, (s) => {
  const result = s.run(
    process_((p) => {
      p.capabilities = { ...p.capabilities, ambient: ['CAP_KILL'] };
    }),
  );
  if (result.status !== 0) says(result.stderr, /ambient/i);
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
  refused(result);
});

scenario('a limit of an unknown type is refused', {}, (s) => {
  const result = s.run(
    process_((p) => {
      p.rlimits = [{ type: 'RLIMIT_SLEEP', soft: 1, hard: 2 }];
    }),
  );
  refused(result);
  says(result.stderr, /RLIMIT_SLEEP/);
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

scenario(
  'a limit that leaves no descriptor: the program starts with it',
  { not: { runc: 'has no descriptor for its own start', crun: 'has none either' } },
  (s) => {
    const [limits] = s.report(
      process_((p) => {
        p.rlimits = [{ type: 'RLIMIT_NOFILE', soft: 0, hard: 1024 }];
      }),
      'rlimits',
    );
    assert.deepEqual(limits.RLIMIT_NOFILE, { soft: '0', hard: '1024' });
  },
);

const LEAVES = { crun: 'leaves the state of a run that failed' } as const;

scenario('a hard limit that leaves no descriptor is refused', { not: LEAVES }, (s) => {
  const result = s.run(
    process_((p) => {
      p.rlimits = [{ type: 'RLIMIT_NOFILE', soft: 0, hard: 0 }];
    }),
  );
  assert.notEqual(result.status, 0);
  assert.notEqual(result.stderr.trim(), '');
  s.assertClean();
});
