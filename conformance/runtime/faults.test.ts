/**
 * The commonest faults of users, each made for real: it has a code of its own, the message names
 * what and where, the hint says what to do, and nothing is left. docs/errors.md lists the codes.
 * The file is long because it is one table.
 */

import assert from 'node:assert/strict';
import {
  chmodSync,
  chownSync,
  copyFileSync,
  existsSync,
  mkdirSync,
  readFileSync,
  writeFileSync,
} from 'node:fs';
import path from 'node:path';
import { noSandbox } from '../lib/boxes.js';
import { type Config, withUserNamespace } from '../lib/config.js';
import { notRoot } from '../lib/groups.js';
import { execute, OPTIONS, PAYLOAD, type Result, RUNTIME, WITHOUT } from '../lib/runtime.js';
import { type Container, type Sandbox, scenario } from '../lib/sandbox.js';

const JSON_LOG = { global: ['--log-format', 'json'] };

/** The controller is there on v2 where the kernel has it. */
const hasRdma = (): boolean => /^rdma\t.*\t1$/m.test(readFileSync('/proc/cgroups', 'utf8'));

interface Fault {
  readonly name: string;
  readonly code: string;
  /** Makes the fault, and gives what the runtime said. */
  readonly make: (s: Sandbox) => Result | Promise<Result>;
  /** What the message names. */
  readonly says: RegExp;
  /** Of the JSON object: what is wrong, and where. */
  readonly path?: RegExp;
  readonly pointer?: string;
  readonly errno?: string;
  readonly hint: RegExp;
  /** 1 unless it is said: 0 for what is a warning. */
  readonly status?: number;
  /** The fault is about a container that is there and stays. */
  readonly keeps?: boolean;
  readonly skip?: string | false;
}

/** A run of a container whose config.json, or root file system, has the fault. */
function run(change: (config: Config, rootfs: string) => void): (s: Sandbox) => Result {
  return (s) => {
    const container = s.container();
    const config = s.readConfig(container.bundle);
    change(config, path.join(container.bundle, 'rootfs'));
    s.writeConfig(container.bundle, config);
    return container.call('run', ['--bundle', container.bundle], [], JSON_LOG);
  };
}

/** A run of a file of the root file system. */
function runFile(content: string | Uint8Array, mode = 0o755): (s: Sandbox) => Result {
  return run((config, rootfs) => {
    writeFileSync(path.join(rootfs, 'x'), content);
    chmodSync(path.join(rootfs, 'x'), mode);
    config.process.args = ['/x'];
  });
}

/** The payload with the ELF header of another processor. */
function foreign(): Uint8Array {
  const program = readFileSync(PAYLOAD);
  const [machine] = process.arch === 'arm64' ? [62] : [183];
  program.writeUInt16LE(machine as number, 18);
  return new Uint8Array(program);
}

/** Runs the runtime as a user who has nothing. */
function asNobody(s: Sandbox, args: string[], env: NodeJS.ProcessEnv = {}): Result {
  return execute(
    '/usr/bin/setpriv',
    [
      '--reuid=4711',
      '--regid=4711',
      '--clear-groups',
      '--inh-caps=-all',
      RUNTIME,
      '--log-format',
      'json',
      ...args,
    ],
    { stdout: s.path('o'), stderr: s.path('e') },
    { env: { PATH: process.env.PATH, ...env }, cwd: '/' },
  );
}

/** A bundle and a root of that user's. */
function ofNobody(s: Sandbox, change: (config: Config) => void): Result {
  const { bundle } = s.container((config) => {
    delete config.linux.cgroupsPath;
    config.linux.resources = {};
    change(config);
  });
  mkdirSync(s.path('of-nobody'));
  chownSync(s.path('of-nobody'), 4711, 4711);
  return asNobody(s, ['--root', s.path('of-nobody'), 'run', '--bundle', bundle, 'c']);
}

const stopped = (s: Sandbox): Container => {
  const container = s.container((config) => {
    config.process.args = ['/payload', 'print', 'x'];
  });
  container.must('run', ['--keep', '--bundle', container.bundle]);
  return container;
};

const FAULTS: readonly Fault[] = [
  {
    name: 'a command that is in no folder of PATH',
    code: 'command-not-found',
    make: run((config) => {
      config.process.args = ['nope'];
    }),
    says: /exec: "nope": executable file not found in \$PATH/,
    pointer: '/process/args/0',
    hint: /\/usr\/bin/,
  },
  {
    name: 'a command whose path is not there',
    code: 'command-not-found',
    make: run((config) => {
      config.process.args = ['/no/pe'];
    }),
    says: /exec: "\/no\/pe": stat \/no\/pe: no such file or directory/,
    path: /^\/no\/pe$/,
    pointer: '/process/args/0',
    hint: /container's root/,
  },
  {
    name: 'a command that is not executable',
    code: 'not-executable',
    make: runFile('text', 0o644),
    says: /exec: "\/x": permission denied/,
    path: /^\/x$/,
    pointer: '/process/args/0',
    errno: 'EACCES',
    hint: /chmod \+x/,
  },
  {
    name: 'a command that is a folder',
    code: 'not-executable',
    make: run((config) => {
      config.process.args = ['/dir'];
    }),
    says: /exec: "\/dir": is a directory/,
    path: /^\/dir$/,
    hint: /folder/,
  },
  {
    name: 'a script whose interpreter is missing',
    code: 'interpreter-missing',
    make: runFile('#!/bin/no-shell -e\n'),
    says: /^exec \/x: no such file or directory$/,
    path: /^\/x$/,
    pointer: '/process/args',
    hint: /\/bin\/no-shell/,
  },
  {
    name: 'a script with line ends of another system',
    code: 'interpreter-missing',
    make: runFile('#!/payload\r\n'),
    says: /^exec \/x: no such file or directory$/,
    hint: /carriage return/,
  },
  {
    name: 'a dynamic program without its loader',
    code: 'loader-missing',
    make: run((config, rootfs) => {
      copyFileSync('/bin/true', path.join(rootfs, 'x'));
      config.process.args = ['/x'];
    }),
    says: /^exec \/x: no such file or directory$/,
    path: /^\/x$/,
    hint: /loader \/lib\S*ld-linux\S+ .*statically/,
  },
  {
    name: 'a program for another processor',
    code: 'wrong-architecture',
    make: runFile(foreign()),
    says: /^exec \/x: exec format error$/,
    path: /^\/x$/,
    errno: 'ENOEXEC',
    hint: /for (aarch64|x86_64) and this host is/,
    skip: existsSync('/proc/sys/fs/binfmt_misc/qemu-aarch64') && 'an emulator is installed',
  },
  {
    name: 'a script without a first line',
    code: 'no-program',
    make: runFile('echo hello\n'),
    says: /^exec \/x: exec format error$/,
    hint: /#!\/bin\/sh/,
  },
  {
    name: 'no root file system',
    code: 'rootfs-missing',
    make: run((config) => {
      config.root.path = 'no-rootfs';
    }),
    says: /invalid rootfs: stat \/.*\/no-rootfs: no such file or directory/,
    path: /\/no-rootfs$/,
    pointer: '/root/path',
    hint: /bundle/,
  },
  {
    name: 'the source of a bind mount is missing',
    code: 'mount-source-missing',
    make: run((config) => {
      config.mounts = [{ destination: '/m', type: 'bind', source: '/no/src', options: ['rbind'] }];
    }),
    says: /error mounting "\/no\/src" to rootfs at "\/m": .*no such file or directory/,
    path: /^\/no\/src$/,
    pointer: '/mounts/0',
    errno: 'ENOENT',
    hint: /host/,
  },
  {
    name: 'the source of a bind mount is missing, in a user namespace',
    code: 'mount-source-missing',
    make: run((config) => {
      withUserNamespace(config);
      config.mounts = [{ destination: '/m', type: 'bind', source: '/no/src', options: ['rbind'] }];
    }),
    says: /mount source: open_tree \/no\/src: no such file or directory/,
    path: /^\/no\/src$/,
    pointer: '/mounts/0/source',
    hint: /host/,
    // A user's has no more rights outside than inside, and is opened there.
    skip: notRoot || (WITHOUT.includes('open_tree') && 'it is opened inside'),
  },
  {
    name: 'a bind mount without the option, of no type',
    code: 'bind-option-missing',
    make: run((config) => {
      config.mounts = [{ destination: '/m', source: '/etc', options: ['ro'] }];
    }),
    says: /\/mounts\/0\/type \(line \d+/,
    pointer: '/mounts/0/type',
    hint: /"bind" \(or "rbind"/,
  },
  {
    name: 'a bind mount without the option, of type none',
    code: 'bind-option-missing',
    make: run((config) => {
      config.mounts = [{ destination: '/m', type: 'none', source: '/etc', options: ['ro'] }];
    }),
    says: /\/mounts\/0\/options \(line \d+/,
    pointer: '/mounts/0/options',
    hint: /"bind" \(or "rbind"/,
  },
  {
    name: 'a folder to be mounted on a file',
    code: 'mount-kind-mismatch',
    make: run((config) => {
      config.mounts = [
        { destination: '/payload', type: 'bind', source: '/etc', options: ['rbind'] },
      ];
    }),
    says: /error mounting "\/etc" to rootfs at "\/payload": .*not a directory/,
    path: /^\/payload$/,
    pointer: '/mounts/0',
    hint: /folder can be mounted on a folder only/,
  },
  {
    name: 'a file to be mounted on a folder',
    code: 'mount-kind-mismatch',
    make: run((config) => {
      config.mounts = [
        { destination: '/dir', type: 'bind', source: '/etc/passwd', options: ['bind'] },
      ];
    }),
    says: /error mounting "\/etc\/passwd" to rootfs at "\/dir": .*not a directory/,
    path: /^\/dir$/,
    pointer: '/mounts/0',
    hint: /a file on a file/,
  },
  {
    name: 'a user that can be none',
    code: 'user-invalid',
    make: run((config) => {
      config.process.user.uid = -1;
    }),
    says: /\/process\/user\/uid \(line \d+, column \d+\): must be an integer from 0/,
    pointer: '/process/user/uid',
    hint: /numbers/,
  },
  {
    name: 'a user by name, at exec',
    code: 'user-invalid',
    status: 255,
    keeps: true,
    make: async (s) => {
      const container = await s.running();
      return container.call('exec', ['--user', 'grace'], ['/payload', 'print', 'x'], JSON_LOG);
    },
    says: /bad uid: parsing "grace"/,
    hint: /numbers/,
  },
  {
    name: 'a user that the user namespace does not map',
    code: 'user-unmapped',
    make: run((config) => {
      withUserNamespace(config);
      config.process.user.uid = 424_242;
    }),
    says: /unmapped uid 424242/,
    pointer: '/process/user',
    hint: /uidMappings/,
  },
  {
    name: 'a cgroup controller that the host has not',
    code: 'cgroup-controller-missing',
    make: run((config) => {
      config.linux.resources = { rdma: { mlx5_9: { hcaHandles: 3 } } };
    }),
    says: /the host has no cgroup controller|net_cls/,
    pointer: '/linux/resources/rdma/mlx5_9',
    hint: /controller/,
    skip: hasRdma() && 'the host has the rdma controller',
  },
  {
    name: "a container's cgroup that has processes",
    code: 'cgroup-not-empty',
    keeps: true,
    make: async (s) => {
      const first = await s.running();
      const second = s.container((config) => {
        config.linux.cgroupsPath = s.groupPath(path.basename(first.bundle));
      });
      return second.call('run', ['--bundle', second.bundle], [], JSON_LOG);
    },
    says: /container's cgroup is not empty: 1 process/,
    path: /^\/sys\/fs\/cgroup\//,
    pointer: '/linux/cgroupsPath',
    hint: /cgroup\.procs/,
  },
  {
    name: 'no user namespace, and not root',
    code: 'rootless-denied',
    skip: notRoot,
    make: (s) => ofNobody(s, () => {}),
    says: /rootless container requires user namespaces/,
    pointer: '/linux/namespaces',
    hint: /spec --rootless/,
  },
  {
    name: 'a root that is not the user’s to write to',
    code: 'root-not-writable',
    skip: notRoot,
    make: (s) => {
      const { bundle } = s.container((config) => {
        config.linux.namespaces.push({ type: 'user' });
        config.linux.uidMappings = [{ containerID: 0, hostID: 4711, size: 1 }];
        config.linux.gidMappings = config.linux.uidMappings;
        delete config.linux.cgroupsPath;
        config.linux.resources = {};
      });
      return asNobody(s, ['--root', s.path('no-such-root'), 'run', '--bundle', bundle, 'c']);
    },
    says: /mkdir \S*no-such-root: permission denied/,
    path: /no-such-root$/,
    errno: 'EACCES',
    hint: /XDG_RUNTIME_DIR/,
  },
  {
    name: 'a root that the user may not look into',
    code: 'root-not-writable',
    skip: notRoot,
    make: (s) => {
      mkdirSync(s.path('shut'), { mode: 0o711 });
      return asNobody(s, ['--root', s.path('shut'), 'list']);
    },
    says: /opendir \S*shut: permission denied/,
    path: /shut$/,
    errno: 'EACCES',
    hint: /XDG_RUNTIME_DIR/,
  },
  {
    name: 'a sandbox, and the root is that of another user',
    code: 'root-not-writable',
    skip: noSandbox || notRoot,
    status: 125,
    make: (s) => {
      mkdirSync(s.path('other/@sandbox'), { recursive: true, mode: 0o711 });
      chmodSync(s.path('other/@sandbox'), 0o700);
      return asNobody(s, ['--root', s.path('other'), 'sandbox', '--', 'true']);
    },
    says: /opendir \S*@sandbox: permission denied/,
    path: /other$/,
    errno: 'EACCES',
    hint: /XDG_RUNTIME_DIR/,
  },
  {
    name: 'a user without subordinate ids',
    code: 'subuid-missing',
    skip: notRoot || (!existsSync('/usr/bin/newuidmap') && 'newuidmap is not installed'),
    make: (s) =>
      ofNobody(s, (config) => {
        config.linux.namespaces.push({ type: 'user' });
        config.linux.uidMappings = [
          { containerID: 0, hostID: 4711, size: 1 },
          { containerID: 1, hostID: 100000, size: 65535 },
        ];
        config.linux.gidMappings = config.linux.uidMappings;
      }),
    says: /new[ug]idmap/,
    hint: /--add-subuids/,
  },
  {
    name: 'a capability that nobody knows',
    code: 'capability-unknown',
    status: 0,
    make: run((config) => {
      config.process.capabilities?.bounding?.push('CAP_MAGIC');
    }),
    says: /"CAP_MAGIC"/,
    pointer: '/process/capabilities/bounding/3',
    hint: /capabilities\(7\)/,
  },
  {
    name: 'a system call that nobody knows',
    code: 'system-call-unknown',
    status: 0,
    make: run((config) => {
      config.linux.seccomp = {
        defaultAction: 'SCMP_ACT_ALLOW',
        syscalls: [{ names: ['raed', 'mount'], action: 'SCMP_ACT_ERRNO' }],
      };
    }),
    says: /unknown system calls: raed /,
    pointer: '/linux/seccomp/syscalls',
    hint: /syscalls\(2\)/,
  },
  {
    name: 'a hook that says no',
    code: 'hook-failed',
    make: run((config) => {
      config.hooks = {
        createRuntime: [
          { path: PAYLOAD, args: ['payload', 'print', 'x'] },
          { path: '/bin/sh', args: ['sh', '-c', 'echo no network >&2; exit 3'] },
        ],
      };
    }),
    says: /error running createRuntime hook #1: exit status 3, stderr: no network$/,
    path: /^\/bin\/sh$/,
    pointer: '/hooks/createRuntime/1',
    hint: /standard input/,
  },
  {
    name: 'a hook that is not there',
    code: 'hook-failed',
    make: run((config) => {
      config.hooks = { createContainer: [{ path: '/no/hook' }] };
    }),
    says: /error running createContainer hook #0: .*\/no\/hook/,
    path: /^\/no\/hook$/,
    pointer: '/hooks/createContainer/0',
    hint: /path is one of the host/,
  },
  {
    name: 'a container that exists already',
    code: 'container-exists',
    keeps: true,
    make: (s) => {
      const container = s.created();
      return container.call('create', ['--bundle', container.bundle], [], JSON_LOG);
    },
    says: /container with given ID already exists/,
    path: /\/state\/.*bundle0$/,
    hint: /delete .*bundle0"/,
  },
  {
    name: 'a container that does not exist',
    code: 'container-not-found',
    make: (s) => s.runtime(['state', 'nobody'], JSON_LOG),
    says: /container does not exist/,
    hint: /"nobody" .*list/,
  },
  ...(
    [
      ['start', 'container-stopped', 1, /cannot start a container that has stopped/],
      ['kill', 'container-not-running', 1, /container not running/],
      ['pause', 'container-not-running', 1, /container not running/],
      ['resume', 'container-not-paused', 1, /container not paused/],
      ['exec', 'container-stopped', 255, /cannot exec in a stopped container/],
    ] as const
  ).map(
    ([verb, code, status, says]): Fault => ({
      name: `${verb} of a stopped container`,
      code,
      status,
      keeps: true,
      make: (s) =>
        stopped(s).call(verb, [], verb === 'exec' ? ['/payload', 'print', 'x'] : [], JSON_LOG),
      says,
      hint: /\S/,
    }),
  ),
  {
    name: 'start of a running container',
    code: 'container-running',
    keeps: true,
    make: async (s) => (await s.running()).call('start', [], [], JSON_LOG),
    says: /cannot start an already running container/,
    hint: /exec/,
  },
  {
    name: 'delete of a running container',
    code: 'container-not-stopped',
    keeps: true,
    make: async (s) => (await s.running()).call('delete', [], [], JSON_LOG),
    says: /cannot delete container .* that is not stopped: running/,
    hint: /--force/,
  },
  {
    name: 'exec in a paused container',
    code: 'container-paused',
    status: 255,
    keeps: true,
    make: async (s) => {
      const container = await s.running();
      container.must('pause');
      return container.call('exec', [], ['/payload', 'print', 'x'], JSON_LOG);
    },
    says: /cannot exec in a paused container/,
    hint: /resume/,
  },
];

/** The object of the log that has this code. */
function objectOf(result: Result, code: string): Record<string, string> {
  const lines = result.stderr.split('\n').filter((line) => line.startsWith('{'));
  const objects = lines.map((line) => JSON.parse(line) as Record<string, string>);
  const found = objects.find((object) => object.code === code);
  assert.ok(found, `no ${code} in: ${result.stderr}`);
  return found;
}

for (const fault of FAULTS) {
  scenario(`${fault.code}: ${fault.name}`, { own: true, skip: fault.skip }, async (s) => {
    const result = await fault.make(s);
    const { status = 1 } = fault;
    assert.equal(result.status, status, result.stderr);
    const said = objectOf(result, fault.code);
    assert.equal(said.level, status === 0 ? 'warning' : 'error');
    assert.match(said.msg ?? '', fault.says);
    assert.match(said.hint ?? '', fault.hint);
    if (fault.path !== undefined) assert.match(said.path ?? '', fault.path);
    if (fault.pointer !== undefined) assert.equal(said.pointer, fault.pointer);
    if (fault.errno !== undefined) assert.equal(said.errno, fault.errno);
    if (fault.keeps !== true) {
      s.assertClean();
      assert.ok(!existsSync(s.path('of-nobody/c')), 'a state is left');
    }
  });
}

scenario('the text of the log has code and hint behind the message', { own: true }, (s) => {
  const { stderr } = s.runtime(['state', 'nobody']);
  assert.match(
    stderr,
    /^time="[^"]+" level=error msg="container does not exist" code=container-not-found hint="no container .*"\n$/,
  );
});

scenario('a program that may not be read is told of without a reason', { own: true }, (s) => {
  // The filter kills who opens a file: it is the container's, and holds for the helper as well.
  const result = s.run((config) => {
    config.process.args = ['/x'];
    config.linux.seccomp = {
      defaultAction: 'SCMP_ACT_ALLOW',
      syscalls: [{ names: ['open', 'openat'], action: 'SCMP_ACT_KILL' }],
    };
    const { dir } = s;
    writeFileSync(path.join(dir, 'bundle0/rootfs/x'), '#!/no\n', { mode: 0o755 });
  }, JSON_LOG);
  assert.equal(result.status, 1, result.stderr);
  assert.equal(objectOf(result, 'exec-failed').errno, 'ENOENT');
});

scenario(
  'a program that the kernel refuses: one line through a pipe, the hint below it on a terminal',
  { own: true, skip: !existsSync('/usr/bin/script') && 'script(1) is not installed' },
  (s) => {
    const container = s.container((config) => {
      config.process.args = ['/x'];
    });
    writeFileSync(path.join(container.bundle, 'rootfs/x'), '#!/bin/no-shell\n', { mode: 0o755 });
    const line = 'exec /x: no such file or directory';
    const piped = container.call('run', ['--bundle', container.bundle]);
    assert.equal(piped.stderr, `${line}\n`);
    const words = [
      RUNTIME,
      '--root',
      s.stateRoot,
      ...OPTIONS,
      'run',
      '--bundle',
      container.bundle,
      container.id,
    ];
    const shown = execute('/usr/bin/script', ['-qec', words.join(' '), '/dev/null'], {
      stdout: s.path('shown'),
      stderr: s.path('shown.err'),
    });
    assert.match(
      shown.stdout,
      /^exec \/x: no such file or directory\r?\n {2}the script's .*\/bin\/no-shell/,
    );
  },
);
