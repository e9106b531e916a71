import assert from 'node:assert/strict';
import { test } from 'node:test';
import { OcirtError } from '../errors.js';
import { ConfigError, loadConfig, loadProcess, loadResources, loadState } from './load.js';
import { DEFAULT, FULL, GOOD, type JsonObject, PODMAN, toJson } from './testing/fixtures.js';

/** A copy of a good config with some top-level properties replaced. */
function config(changes: JsonObject, base: JsonObject = DEFAULT): string {
  return toJson({ ...base, ...changes });
}

const inLinux = (changes: JsonObject): string =>
  config({ linux: { ...(DEFAULT.linux as JsonObject), ...changes } });

const inProcess = (changes: JsonObject): string =>
  config({ process: { ...(DEFAULT.process as JsonObject), ...changes } });

function faultsOf(text: string, load: (text: string) => unknown = loadConfig): ConfigError {
  try {
    load(text);
  } catch (error) {
    assert.ok(error instanceof ConfigError, String(error));
    return error;
  }
  assert.fail('it was accepted');
}

const pointers = (things: readonly { readonly pointer: string }[]): string[] =>
  things.map(({ pointer }) => pointer);

test('every fault is told, in the order of the text, the first one in the first line', () => {
  const text = `{
  "ociVersion": "2.0.0",
  "root": {},
  "hostname": 5,
  "process": {"cwd": "x", "args": [], "env": ["A"]},
  "linux": {
    "namespaces": [{"type": "netwrok"}],
    "resources": {"cpu": {"idle": 7}}
  }
}`;
  const error = faultsOf(text);
  assert.deepEqual(
    error.faults.map(({ pointer, line, column }) => [pointer, line, column]),
    [
      ['/ociVersion', 2, 17],
      ['/root/path', 3, 11],
      ['/hostname', 4, 15],
      ['/process/cwd', 5, 22],
      ['/process/args', 5, 35],
      ['/process/env/0', 5, 47],
      ['/linux/namespaces/0/type', 7, 29],
      ['/linux/resources/cpu/idle', 8, 35],
    ],
  );
  const lines = error.message.split('\n');
  assert.equal(lines.length, 8);
  assert.match(
    lines[0] ?? '',
    /^config\.json: 8 faults: \/ociVersion \(line 2, column 17\): unsupported version .*"2\.0\.0"/,
  );
  assert.match(lines[6] ?? '', /found "netwrok" \(did you mean "network"\?\)/);
  assert.equal(error.pointer, '/ociVersion');
  assert.ok(error instanceof OcirtError);
  assert.equal(error.faults[6]?.suggestion, 'network');
  assert.equal(error.faults[1]?.found, 'nothing');
});

test('nothing is concluded from a faulty list of namespaces', () => {
  const error = faultsOf(inLinux({ namespaces: [{ type: 'utz' }] }));
  assert.deepEqual(pointers(error.faults), ['/linux/namespaces/0/type']);
});

test('the words of runc are in the messages', () => {
  const words: readonly (readonly [string, RegExp])[] = [
    ['null', /config cannot be null/],
    [config({ root: null }), /root must be specified/],
    [inProcess({ cwd: '' }), /Cwd property must not be empty/],
    [inProcess({ cwd: 'x' }), /Cwd must be an absolute path/],
    [inProcess({ args: [] }), /args must not be empty/],
    [config({ process: null }), /process property must not be empty/],
    [inLinux({ memoryPolicy: { mode: 'X' } }), /invalid memory policy mode "X"/],
    [
      inLinux({ memoryPolicy: { mode: 'MPOL_DEFAULT', nodes: '0-7' } }),
      /mode requires 0 nodes but got 8/,
    ],
    [
      inLinux({ memoryPolicy: { mode: 'MPOL_BIND', nodes: '0', flags: ['X'] } }),
      /invalid memory policy flag "X"/,
    ],
    [inLinux({ memoryPolicy: { mode: 'MPOL_BIND', nodes: 'x' } }), /invalid memory policy node/],
    [
      inLinux({
        seccomp: {
          defaultAction: 'SCMP_ACT_ALLOW',
          listenerPath: '/s',
          syscalls: [{ names: ['write'], action: 'SCMP_ACT_NOTIFY' }],
        },
      }),
      /SCMP_ACT_NOTIFY cannot be used for the write syscall/,
    ],
    [
      inLinux({ timeOffsets: { monotonic: { secs: 1 } } }),
      /time namespace offsets specified, but time namespace isn't enabled in the config/,
    ],
    [inLinux({ rootfsPropagation: 'x' }), /rootfsPropagation="x" is not supported/],
  ];
  for (const [text, expected] of words) assert.match(faultsOf(text).message, expected);
});

test('what is not an object is no config', () => {
  for (const text of ['[]', '5', '"x"', 'true']) {
    const error = faultsOf(text);
    assert.deepEqual(pointers(error.faults), ['']);
    assert.match(error.message, /must be an object/);
  }
});

test('a config without a process can be looked at', () => {
  const text = '{"ociVersion": "1.0.0", "root": {"path": "rootfs"}}';
  assert.equal(loadConfig(text, 'x', { withoutProcess: true }).config.root.path, 'rootfs');
  assert.deepEqual(pointers(faultsOf(text).faults), ['/process']);
});

test('64-bit numbers come through', () => {
  const { config: loaded } = loadConfig(toJson(FULL));
  assert.equal(loaded.process?.rlimits?.[0]?.hard, 18446744073709551615n);
  assert.equal(loaded.process?.rlimits?.[0]?.soft, 0);
  const { config: exact } = loadConfig(
    inProcess({
      rlimits: [{ type: 'RLIMIT_AS', soft: 9007199254740993n, hard: 9007199254740993n }],
    }),
  );
  assert.equal(exact.process?.rlimits?.[0]?.soft, 9007199254740993n);
});

/** A config that is accepted, and where it is warned of. */
const WARNED: readonly (readonly [string, string, string, RegExp])[] = [
  ['a newer minor version', config({ ociVersion: '1.4.0' }), '/ociVersion', /newer than 1\.3/],
  ['an unknown property', config({ zebra: 1 }), '/zebra', /unknown property, ignored$/],
  ['a misspelt property', config({ mountz: [] }), '/mountz', /did you mean "mounts"/],
  ['another case', inProcess({ CWD: '/' }), '/process/CWD', /did you mean "cwd"/],
  ['windows', config({ windows: {} }), '/windows', /another platform \(windows\)/],
  ['solaris', config({ solaris: {} }), '/solaris', /not supported here/],
  ['vm', config({ vm: { kernel: {} } }), '/vm', /not supported here/],
  ['zos', config({ zos: {} }), '/zos', /not supported here/],
  ['freebsd', config({ freebsd: {} }), '/freebsd', /not supported here/],
  [
    'a user name of Windows',
    inProcess({ user: { uid: 0, gid: 0, username: 'x' } }),
    '/process/user/username',
    /windows/,
  ],
  [
    'an unknown capability',
    inProcess({ capabilities: { bounding: ['CAP_KIL'] } }),
    '/process/capabilities/bounding/0',
    /unknown or unavailable, ignored; found "CAP_KIL" \(did you mean "CAP_KILL"\?\)/,
  ],
  [
    'an ambient capability that is not inheritable',
    inProcess({ capabilities: { permitted: ['CAP_KILL'], ambient: ['CAP_KILL'] } }),
    '/process/capabilities/ambient/0',
    /can't raise ambient capability CAP_KILL: /,
  ],
  [
    'an effective capability that is not permitted',
    inProcess({ capabilities: { effective: ['CAP_KILL'] } }),
    '/process/capabilities/effective/0',
    /not permitted/,
  ],
  [
    'a relative destination',
    config({ mounts: [{ destination: 'proc', type: 'proc', source: 'proc' }] }),
    '/mounts/0/destination',
    /relative destination path is \*\*deprecated\*\*/,
  ],
  [
    'a personality flag',
    inLinux({ personality: { domain: 'LINUX', flags: ['X'] } }),
    '/linux/personality/flags/0',
    /not supported/,
  ],
  [
    'monitoring of an older version',
    inLinux({ intelRdt: { enableCMT: true } }),
    '/linux/intelRdt/enableCMT',
    /enableMonitoring/,
  ],
  [
    'a key that is there twice',
    `{"x": 1234567890123456, ${toJson(DEFAULT).slice(1).replace('"hostname"', '"hostname": "a", "hostname"')}`,
    '/hostname',
    /twice/,
  ],
];

for (const [name, text, pointer, words] of WARNED) {
  test(`accepted with a warning: ${name}`, () => {
    const { warnings } = loadConfig(text);
    const warning = warnings.find((w) => w.pointer === pointer);
    assert.ok(warning !== undefined, JSON.stringify(warnings));
    assert.match(warning.message, words);
    assert.ok(warning.line > 0 && warning.column > 0);
  });
}

test('an unknown property is warned of at its name', () => {
  const { warnings } = loadConfig(config({ zebra: { a: 1 } }));
  const line = config({ zebra: { a: 1 } }).split('\n')[(warnings[0]?.line ?? 0) - 1];
  assert.ok(line?.slice((warnings[0]?.column ?? 0) - 1).startsWith('"zebra"'));
});

/** Configs that are good although they look odd. */
const ACCEPTED: readonly (readonly [string, string])[] = [
  ['null for what is absent', config({ annotations: null, mounts: null, hooks: null })],
  ['null deep down', inProcess({ rlimits: null, capabilities: { ambient: null } })],
  ['empty strings of optional properties', inLinux({ mountLabel: '', rootfsPropagation: '' })],
  [
    'a namespace with an empty path',
    inLinux({ namespaces: [{ type: 'uts', path: '' }, { type: 'mount' }] }),
  ],
  ['an empty host name without a UTS namespace', config({ hostname: '', linux: {} })],
  ['no linux', config({ hostname: null, linux: null })],
  ['an empty list of mappings', inLinux({ uidMappings: [], gidMappings: [] })],
  ['version 1.0.0', config({ ociVersion: '1.0.0' })],
  ['version 1.0.2-dev', config({ ociVersion: '1.0.2-dev' })],
  ['version 1.2.1-rc.1', config({ ociVersion: '1.2.1-rc.1' })],
  ['SCHED_RR with a priority', inProcess({ scheduler: { policy: 'SCHED_RR', priority: 50 } })],
  ['no swap limit', inLinux({ resources: { memory: { limit: 4096, swap: -1 } } })],
  ['no memory limit', inLinux({ resources: { memory: { limit: -1, swap: -1 } } })],
  ['no quota', inLinux({ resources: { cpu: { quota: -1, period: 100000 } } })],
  [
    'a number that JSON writes as 1e3',
    inLinux({ resources: { pids: { limit: 5 } } }).replace('"limit": 5', '"limit": 1e3'),
  ],
  ['the default class of service', inLinux({ intelRdt: { closID: '/' } })],
  ['a list of CPUs with groups', inLinux({ resources: { cpu: { cpus: '0-31:2/4, 40' } } })],
  [
    'a remount without a type',
    config({ mounts: [{ destination: '/', options: ['remount', 'ro'] }] }),
  ],
  [
    'the same device twice',
    inLinux({
      devices: [
        { path: '/dev/x', type: 'c', major: 1, minor: 3 },
        { path: '/dev/x', type: 'u', major: 1, minor: 3 },
      ],
    }),
  ],
];

for (const [name, text] of ACCEPTED) {
  test(`accepted without a warning: ${name}`, () => {
    assert.deepEqual(loadConfig(text).warnings, []);
  });
}

test('what means absent is gone from the config', () => {
  const { config: loaded } = loadConfig(
    toJson(PODMAN).replace('"hooks"', '"domainname": "", "hooks"'),
  );
  assert.ok(!('domainname' in loaded));
  assert.ok(loaded.process !== undefined && !('apparmorProfile' in loaded.process));
  // But not where an empty string is a value.
  assert.equal(loadConfig(toJson(FULL)).config.annotations?.['com.example.empty'], '');
});

test('a NUL byte is found in a key, too', () => {
  const error = faultsOf(config({ annotations: { 'a\0b': 'x' } }));
  assert.deepEqual(pointers(error.faults), ['/annotations/a\0b']);
});

test('a hundred thousand faults are told in reasonable time', () => {
  const env = Array.from({ length: 100_000 }, () => 5);
  assert.equal(faultsOf(inProcess({ env })).faults.length, 100_000);
});

test('every good config loads again from what it was loaded to', () => {
  for (const [name, good] of Object.entries(GOOD)) {
    const { config: loaded } = loadConfig(toJson(good), name);
    assert.deepEqual(loadConfig(toJson(loaded), name).config, loaded);
  }
});

test('a process.json has pointers of its own', () => {
  const { process } = loadProcess('{"cwd": "/", "args": ["id"], "user": {"uid": 1, "gid": 2}}');
  assert.deepEqual(process.user, { uid: 1, gid: 2 });
  const error = faultsOf('{"cwd": "x", "env": ["A"], "args": []}', loadProcess);
  assert.deepEqual(pointers(error.faults), ['/cwd', '/env/0', '/args']);
  assert.match(error.message, /^process\.json: 3 faults: \/cwd /);
});

test('resources are read with names in any case', () => {
  const { resources, warnings } = loadResources(
    `{"CPU": {"Cpus": "0", "RealtimePeriod": 5}, "BlockIO": {"WeightDevice": [{"Major": 8, "MINOR": 0, "weight": 5}]},
      "Unified": {"Memory.Max": "1"}, "rdma": {"Limit": {"HcaHandles": 1}}}`,
  );
  assert.deepEqual(warnings, []);
  assert.deepEqual(resources, {
    cpu: { cpus: '0', realtimePeriod: 5 },
    blockIO: { weightDevice: [{ major: 8, minor: 0, weight: 5 }] },
    unified: { 'Memory.Max': '1' },
    rdma: { Limit: { hcaHandles: 1 } },
  });
});

test('resources of an update are a part: swap may stand alone, but not below a limit', () => {
  assert.deepEqual(loadResources('{"memory": {"swap": 4096}}').resources.memory, { swap: 4096 });
  const error = faultsOf('{"memory": {"limit": 8192, "swap": 4096}}', loadResources);
  assert.deepEqual(pointers(error.faults), ['/memory/swap']);
});

test('a state document keeps what is beyond the specification', () => {
  const state = { ociVersion: '1.3.0', id: 'a', status: 'created', pid: 5, bundle: '/b', extra: 1 };
  assert.deepEqual(loadState(JSON.stringify(state)), state);
  const stopped = { ...state, status: 'stopped', pid: 0 };
  assert.equal(loadState(JSON.stringify(stopped)).pid, 0);
});

test('a state document without what it needs is refused', () => {
  assert.deepEqual(pointers(faultsOf('{}', loadState).faults).sort(), [
    '/bundle',
    '/id',
    '/ociVersion',
    '/status',
  ]);
  const state = { ociVersion: '1.3.0', id: 'a', status: 'running', bundle: '/b' };
  assert.deepEqual(pointers(faultsOf(JSON.stringify(state), loadState).faults), ['/pid']);
});
