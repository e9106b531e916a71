/** The command line: spec, features, version, help, logs, flags; and a container without root. */

import assert from 'node:assert/strict';
import {
  chmodSync,
  chownSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmdirSync,
  rmSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import path from 'node:path';
import { IDENTITY, notRoot } from '../lib/groups.js';
import { execute, KIND, RUNTIME } from '../lib/runtime.js';
import { type Sandbox, scenario } from '../lib/sandbox.js';

function specOf(s: Sandbox, ...options: string[]) {
  const result = s.runtime(['spec', ...options], { cwd: s.dir });
  assert.equal(result.status, 0, result.stderr);
  return JSON.parse(readFileSync(s.path('config.json'), 'utf8'));
}

scenario('spec: the process', {}, (s) => {
  const { process: p } = specOf(s);
  assert.deepEqual(p.args, ['sh']);
  assert.equal(p.terminal, true);
  assert.deepEqual(p.user, { uid: 0, gid: 0 });
  assert.equal(p.cwd, '/');
  assert.ok(p.env.some((entry: string) => entry.startsWith('PATH=')));
  assert.ok(p.env.includes('TERM=xterm'));
  assert.equal(p.noNewPrivileges, true);
  assert.deepEqual(p.rlimits, [{ type: 'RLIMIT_NOFILE', hard: 1024, soft: 1024 }]);
  for (const set of ['bounding', 'effective', 'permitted']) {
    assert.deepEqual(p.capabilities[set], ['CAP_AUDIT_WRITE', 'CAP_KILL', 'CAP_NET_BIND_SERVICE']);
  }
});

scenario(
  'spec: no inheritable and no ambient capabilities',
  { not: { runc: 'newer than runc 1.1' } },
  (s) => {
    const { process: p } = specOf(s);
    assert.equal(p.capabilities.inheritable, undefined);
    assert.equal(p.capabilities.ambient, undefined);
  },
);

scenario(
  'spec --file: under another name, in the bundle or where a path leads',
  { not: { runc: 'crun has it' } },
  (s) => {
    mkdirSync(s.path('folder'));
    const { status, stderr } = s.runtime(['spec', '-b', s.path('folder'), '-f', 'other.json']);
    assert.equal(status, 0, stderr);
    assert.deepEqual(readdirSync(s.path('folder')), ['other.json']);
    JSON.parse(readFileSync(s.path('folder/other.json'), 'utf8'));
    assert.equal(s.runtime(['spec', '--file', s.path('third.json')]).status, 0);
    assert.ok(existsSync(s.path('third.json')));
  },
);

scenario('spec: root, mounts, namespaces, masks', {}, (s) => {
  const config = specOf(s);
  assert.deepEqual(config.root, { path: 'rootfs', readonly: true });
  assert.deepEqual(
    config.linux.namespaces.slice(0, 5),
    ['pid', 'network', 'ipc', 'uts', 'mount'].map((type) => ({ type })),
  );
  assert.deepEqual(
    config.mounts.map((mount: { destination: string }) => mount.destination),
    ['/proc', '/dev', '/dev/pts', '/dev/shm', '/dev/mqueue', '/sys', '/sys/fs/cgroup'],
  );
  assert.deepEqual(config.linux.resources.devices, [{ allow: false, access: 'rwm' }]);
  assert.ok(config.linux.maskedPaths.includes('/proc/kcore'));
  assert.ok(config.linux.readonlyPaths.includes('/proc/sys'));
});

scenario('spec --rootless', {}, (s) => {
  const config = specOf(s, '--rootless');
  const types = config.linux.namespaces.map((namespace: { type: string }) => namespace.type);
  assert.ok(types.includes('user') && !types.includes('network'), String(types));
  const hostID = process.getuid?.();
  assert.deepEqual(config.linux.uidMappings, [{ containerID: 0, hostID, size: 1 }]);
  assert.equal(config.linux.resources, undefined);
  const mount = (at: string) =>
    config.mounts.find((m: { destination: string }) => m.destination === at);
  assert.ok(!mount('/dev/pts').options.includes('gid=5'));
  assert.deepEqual([mount('/sys').type, mount('/sys').source], ['none', '/sys']);
  assert.ok(mount('/sys').options.includes('rbind'));
});

scenario('spec --bundle writes there', {}, (s) => {
  mkdirSync(s.path('there'));
  assert.equal(s.runtime(['spec', '--bundle', s.path('there')]).status, 0);
  assert.ok(existsSync(s.path('there/config.json')));
});

scenario('spec does not write over a config.json', {}, (s) => {
  writeFileSync(s.path('config.json'), 'mine');
  assert.equal(s.runtime(['spec'], { cwd: s.dir }).status, 1);
  assert.equal(readFileSync(s.path('config.json'), 'utf8'), 'mine');
});

scenario('a container of what spec writes runs', {}, (s) => {
  const container = s.container();
  const spec = IDENTITY === 'an ordinary user' ? specOf(s, '--rootless') : specOf(s);
  spec.process.terminal = false;
  spec.process.args = ['/payload', 'print', 'by spec'];
  spec.linux.cgroupsPath = s.groupPath('spec');
  s.writeConfig(container.bundle, spec);
  assert.equal(container.must('run', ['--bundle', container.bundle]).stdout, 'by spec\n');
});

scenario('--version', {}, (s) => {
  const lines = s.runtime(['--version']).stdout.trim().split('\n');
  assert.match(lines[0] ?? '', /^\w+ version \d+\.\d+\.\d+/);
  assert.ok(lines.some((line) => /^commit: /.test(line)));
  assert.ok(lines.some((line) => /^spec: 1\.\d+\.\d+/.test(line)));
  assert.equal(s.runtime(['-v']).stdout, s.runtime(['--version']).stdout);
});

const VERBS = [
  'create',
  'delete',
  'exec',
  'kill',
  'list',
  'pause',
  'ps',
  'resume',
  'run',
  'spec',
  'start',
  'state',
  'features',
];

scenario('--help', {}, (s) => {
  for (const flag of ['--help', '-h']) {
    const result = s.runtime([flag]);
    assert.equal(result.status, 0);
    const lines = result.stdout.split('\n');
    assert.equal(lines[0], 'NAME:');
    assert.match(lines[1] ?? '', / - Open Container Initiative runtime/);
  }
});

for (const verb of VERBS) {
  scenario(`${verb} --help`, {}, (s) => {
    for (const flag of ['--help', '-h']) {
      const result = s.runtime([verb, flag]);
      assert.equal(result.status, 0);
      const lines = result.stdout.split('\n');
      assert.equal(lines[0], 'NAME:');
      assert.match(lines[1] ?? '', new RegExp(`${path.basename(RUNTIME)} ${verb}|${KIND} ${verb}`));
    }
  });
}

scenario('a verb that there is not', {}, (s) => {
  const result = s.runtime(['fly']);
  assert.notEqual(result.status, 0);
  assert.match(result.stdout + result.stderr, /No help topic for 'fly'/);
});

scenario('an option that there is not is refused by name', {}, (s) => {
  const result = s.runtime(['create', '--no-such-option', 'x']);
  assert.notEqual(result.status, 0);
  assert.match(result.stdout + result.stderr, /no-such-option/);
});

scenario('too few and too many arguments', {}, (s) => {
  for (const args of [
    ['create'],
    ['start'],
    ['start', 'a', 'b'],
    ['state'],
    ['kill'],
    ['delete'],
    ['exec'],
    ['exec', 'a'],
    ['run'],
    ['pause'],
  ]) {
    assert.notEqual(s.runtime(args).status, 0, args.join(' '));
  }
});

scenario('options with one dash, and with =', {}, (s) => {
  const container = s.container();
  const result = s.runtime([
    'create',
    `-bundle=${container.bundle}`,
    '-pid-file',
    s.path('pid'),
    container.id,
  ]);
  assert.equal(result.status, 0, result.stderr);
  assert.equal(s.runtime(['delete', '-force', container.id]).status, 0);
});

scenario('features', {}, (s) => {
  const features = JSON.parse(s.runtime(['features']).stdout);
  assert.match(features.ociVersionMin, /^1\.\d+\.\d+/);
  assert.match(features.ociVersionMax, /^1\.\d+\.\d+/);
  for (const hook of [
    'createRuntime',
    'createContainer',
    'startContainer',
    'poststart',
    'poststop',
  ]) {
    assert.ok(features.hooks.includes(hook), hook);
  }
  for (const type of ['cgroup', 'ipc', 'mount', 'network', 'pid', 'user', 'uts']) {
    assert.ok(features.linux.namespaces.includes(type), type);
  }
  assert.ok(features.mountOptions.includes('rbind'));
  assert.ok(features.linux.capabilities.includes('CAP_CHOWN'));
  assert.equal(features.linux.seccomp.enabled, true);
  assert.equal(features.linux.cgroup.v1, true);
});

// Logs -----------------------------------------------------------------------------------------

scenario('an error is one line on standard error', {}, (s) => {
  const { stderr } = s.runtime(['state', 'nobody']);
  assert.match(stderr, /^[^\n]+\n$/);
  assert.match(stderr, /level=error/);
});

scenario('--log: the error goes to the file', {}, (s) => {
  s.runtime(['state', 'nobody'], { global: ['--log', s.path('log')] });
  assert.match(readFileSync(s.path('log'), 'utf8'), /level=error.*does not exist/);
});

scenario('--log: a file that cannot be written is an error, before anything is done', {}, (s) => {
  const container = s.container();
  const file = s.path('none/log');
  const result = s.runtime(['run', '--bundle', container.bundle, container.id], {
    global: ['--log', file],
  });
  assert.equal(result.status, 1);
  assert.equal(result.stdout, '');
  assert.match(result.stderr, new RegExp(`open ${file}: no such file or directory`));
  s.assertClean();
});

scenario('--log-format json: one object a line, appended', {}, (s) => {
  const global = ['--log', s.path('log'), '--log-format', 'json'];
  s.runtime(['state', 'nobody'], { global });
  s.runtime(['state', 'somebody'], { global });
  const lines = readFileSync(s.path('log'), 'utf8')
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line));
  assert.equal(lines.length, 2);
  for (const line of lines) {
    assert.equal(line.level, 'error');
    assert.match(line.msg, /does not exist/);
    assert.ok(!Number.isNaN(Date.parse(line.time)));
  }
});

scenario('--log-format with a format that there is not', {}, (s) => {
  assert.notEqual(s.runtime(['list'], { global: ['--log-format', 'xml'] }).status, 0);
});

scenario('--debug says what is done, in the log only', {}, (s) => {
  const container = s.container();
  const result = s.runtime(['run', '--bundle', container.bundle, container.id], {
    global: ['--debug', '--log', s.path('log')],
  });
  assert.equal(result.stdout, 'hello\n');
  assert.ok(!result.stderr.includes('level=debug'));
  assert.match(readFileSync(s.path('log'), 'utf8'), /level=debug/);
});

scenario('create writes nothing on standard output', {}, (s) => {
  const container = s.container();
  assert.equal(container.must('create', ['--bundle', container.bundle]).stdout, '');
  const started = container.must('start');
  assert.equal(started.stdout + started.stderr, '');
});

scenario('with an empty environment', {}, (s) => {
  const container = s.container();
  container.must('create', ['--bundle', container.bundle], [], { env: {} });
  container.must('start', [], [], { env: {} });
  container.must('delete', ['--force'], [], { env: {} });
});

scenario(
  'with XDG_RUNTIME_DIR set but empty, root keeps its state where root does',
  { skip: notRoot },
  (s) => {
    const outputs = { stdout: s.path('o'), stderr: s.path('e') };
    const result = execute(RUNTIME, ['list', '-q'], outputs, {
      env: { XDG_RUNTIME_DIR: '' },
      cwd: s.dir,
    });
    assert.equal(result.status, 0, result.stderr);
  },
);

// Without root ---------------------------------------------------------------------------------

scenario(
  'a container of spec --rootless, made by a user who is not root',
  { skip: notRoot },
  (s) => {
    const user = { uid: 4711, gid: 4711 };
    const container = s.container();
    const asUser = (args: string[]) =>
      execute(
        '/usr/bin/setpriv',
        [
          `--reuid=${user.uid}`,
          `--regid=${user.gid}`,
          '--clear-groups',
          '--inh-caps=-all',
          RUNTIME,
          '--root',
          s.path('user-state'),
          ...args,
        ],
        { stdout: s.path('o'), stderr: s.path('e') },
        { cwd: s.path('home') },
      );
    for (const dir of ['user-state', 'home']) {
      mkdirSync(s.path(dir));
      chownSync(s.path(dir), user.uid, user.gid);
    }
    const made = asUser(['spec', '--rootless']);
    assert.equal(made.status, 0, made.stderr);
    const config = JSON.parse(readFileSync(s.path('home/config.json'), 'utf8'));
    assert.deepEqual(config.linux.uidMappings, [{ containerID: 0, hostID: user.uid, size: 1 }]);
    config.process.terminal = false;
    config.process.args = ['/payload', 'report', 'id', ',', 'cat', '/proc/self/uid_map'];
    s.writeConfig(container.bundle, config);
    chmodSync(container.bundle, 0o755);
    const result = asUser(['run', '--bundle', container.bundle, 'without-root']);
    assert.equal(result.status, 0, result.stderr);
    const [id, map] = JSON.parse(result.stdout);
    assert.equal(id.uid, 0);
    assert.match(map, /^\s*0\s+4711\s+1\n$/);
  },
);

scenario('a usage error has status 1', {}, (s) => {
  assert.equal(s.runtime(['state']).status, 1);
});

scenario(
  'a config.json that is no file, or too large, is refused at once',
  { not: { runc: 'reads it to its end, if it has one' } },
  (s) => {
    const container = s.container();
    const file = path.join(container.bundle, 'config.json');
    const refused = (pattern: RegExp) => {
      const result = container.call('run', ['--bundle', container.bundle], [], {
        timeoutMs: 20_000,
      });
      assert.equal(result.status, 1);
      assert.match(result.stderr, pattern);
    };
    rmSync(file);
    symlinkSync('/dev/zero', file);
    refused(/is a char, not a file/);
    rmSync(file);
    mkdirSync(file);
    refused(/is a directory, not a file/);
    rmdirSync(file);
    writeFileSync(file, '');
    truncateSync(file, 3 * 1024 ** 3);
    refused(/3221225472 bytes are too many/);
  },
);

// Validate -------------------------------------------------------------------------------------

scenario('validate: every rule; with --format-only the form alone', { own: true }, (s) => {
  const verdict = (text: string, ...options: string[]) => {
    const bundle = s.bundle();
    s.writeConfig(bundle, JSON.parse(text));
    return s.runtime(['validate', '--bundle', bundle, ...options]).status;
  };
  // Without a process it cannot be started, and is a config all the same.
  const minimal = '{"ociVersion": "1.3.0", "root": {"path": "rootfs"}}';
  assert.deepEqual([verdict(minimal), verdict(minimal, '--format-only')], [1, 0]);
  const wrong = '{"ociVersion": "1.3.0", "root": {"path": 5}}';
  assert.deepEqual([verdict(wrong), verdict(wrong, '--format-only')], [1, 1]);
});
