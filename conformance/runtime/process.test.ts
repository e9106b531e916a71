/** config.process: the process sees exactly what was asked for. config.md, "Process". */

import assert from 'node:assert/strict';
import { mkdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import type { Change, ProcessConfig } from '../lib/config.js';
import { notRoot } from '../lib/groups.js';
import { namespaceOf } from '../lib/host.js';
import { refused, says } from '../lib/refusal.js';
import { execute, RUNTIME } from '../lib/runtime.js';
import { scenario } from '../lib/sandbox.js';

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

scenario(
  'ids up to the highest there is',
  { skip: notRoot, not: { runc: 'knows 31 bits' } },
  (s) => {
    const [id] = s.report(
      process_((p) => {
        p.user = { uid: 4294967294, gid: 4294967293, additionalGids: [4294967292] };
      }),
      'id',
    );
    assert.deepEqual([id.uid, id.gid, id.groups], [4294967294, 4294967293, [4294967292]]);
  },
);

scenario('without additional groups there are none', {}, (s) => {
  const [id] = s.report(() => {}, 'id');
  assert.deepEqual(id.groups, []);
});

scenario("the caller's groups do not come along", { skip: notRoot }, (s) => {
  const container = s.container((c) => {
    c.process.args = ['/payload', 'report', 'id'];
  });
  const result = execute(
    '/usr/bin/setpriv',
    ['--groups=4242', RUNTIME, '--root', s.stateRoot, 'run', container.id],
    { stdout: s.path('o'), stderr: s.path('e') },
    { cwd: container.bundle },
  );
  assert.equal(result.status, 0, result.stderr);
  assert.deepEqual(JSON.parse(result.stdout)[0].groups, []);
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

scenario('personality LINUX32', { not: { runc: 'newer than runc 1.1' } }, (s) => {
  const [uname, domain] = s.report(
    (c) => {
      c.linux.personality = { domain: 'LINUX32' };
    },
    'uname',
    'personality',
  );
  assert.equal(uname.machine, 'i686');
  assert.equal(domain, 8);
});

scenario('ioPriority', { not: { runc: 'newer than runc 1.1' } }, (s) => {
  const [priority] = s.report(
    process_((p) => {
      p.ioPriority = { class: 'IOPRIO_CLASS_BE', priority: 6 };
    }),
    'ioprio',
  );
  assert.deepEqual(priority, { class: 2, level: 6 });
});

scenario(
  'scheduler SCHED_BATCH with a nice value',
  { not: { runc: 'newer than runc 1.1' } },
  (s) => {
    const [sched] = s.report(
      process_((p) => {
        p.scheduler = { policy: 'SCHED_BATCH', nice: 19 };
      }),
      'sched',
    );
    assert.deepEqual(sched, { policy: 3, priority: 0, nice: 19 });
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
        p.apparmorProfile = 'some-profile';
      }),
    );
    refused(result);
    says(result.stderr, /apparmor/i);
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
