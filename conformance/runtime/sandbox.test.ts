/** `ocirt sandbox`: what the command in it sees, may and gets, and how it ends. */

import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { alone, assertNothingLeft, box, nameOf, noSandbox, shell } from '../lib/boxes.js';
import { notRoot, notV1, notV2 } from '../lib/groups.js';
import { scenario } from '../lib/sandbox.js';

const own = { own: true, skip: noSandbox };

scenario(
  'sandbox: the standalone executable alone says what it needs',
  { own: true, skip: !alone && 'it is about the standalone executable' },
  (s) => {
    const result = box(s, [], ['true']);
    assert.equal(result.status, 125);
    assert.match(result.stderr, /needs-node/);
    assertNothingLeft(s);
  },
);

scenario('sandbox: it ends with the status of the command', own, (s) => {
  const status = (...command: string[]) => box(s, ['--quiet'], command).status;
  assert.equal(status('true'), 0);
  assert.equal(status('sh', '-c', 'exit 3'), 3);
  assert.equal(status('sh', '-c', 'sh -c "kill -9 \\$\\$"; exit $?'), 137);
  assert.equal(status('no-such-command'), 127);
  assert.equal(status('/etc/passwd'), 126);
  assertNothingLeft(s);
});

scenario('sandbox: without a word busybox, its own name, and no network', own, (s) => {
  const said = shell(s, [], 'hostname; busybox ls /sys/class/net; pwd; id -u; cat');
  assert.deepEqual(said.trim().split('\n'), [nameOf(s), 'lo', '/', '0']);
  assertNothingLeft(s);
});

scenario('sandbox: standard input and output are those of the caller', own, (s) => {
  const result = box(s, ['--quiet'], ['sh', '-c', 'tr a-z A-Z; echo no >&2'], { input: 'yes' });
  assert.deepEqual([result.stdout, result.stderr], ['YES', 'no\n']);
});

scenario('sandbox: variables, folder, host name', own, (s) => {
  const words = ['--env', 'A=b=c', '--env', 'GIVEN', '--env', 'NOT_THERE', '--workdir', '/srv'];
  const result = box(
    s,
    ['--quiet', ...words, '--hostname', 'h1'],
    ['sh', '-c', 'echo "$A|$GIVEN|$NOT_THERE|$PWD|$(hostname)|$HOME"'],
    { env: { GIVEN: 'given' } },
  );
  assert.equal(result.stdout, 'b=c|given||/srv|h1|/root\n');
});

scenario(
  'sandbox: limits are held, and the report says so',
  { own: true, skip: noSandbox || notRoot },
  (s) => {
    const memory = box(
      s,
      ['--memory', '24M'],
      ['sh', '-c', 'x=$(head -c 80m /dev/zero | tr "\\0" a)'],
    );
    assert.notEqual(memory.status, 0);
    assert.match(
      memory.stderr,
      /memory +at most 2\d(\.\d)? MiB of 24\.0 MiB; out of memory: .*killed/,
    );
    const pids = box(
      s,
      ['--pids', '6'],
      ['sh', '-c', 'for i in 1 2 3 4 5 6 7 8; do sleep 1 & done; wait'],
    );
    assert.match(pids.stderr, /can't fork/);
    assert.match(pids.stderr, /processes +at most 6 of 6 at a time; the limit has refused one/);
    const cpu = box(
      s,
      ['--cpus', '0.1'],
      ['sh', '-c', 'i=0; while [ $i -lt 200000 ]; do i=$((i+1)); done'],
    );
    assert.equal(cpu.status, 0, cpu.stderr);
    assert.match(cpu.stderr, /processor .* of 0\.1 in use; held back \d+ times/);
    assertNothingLeft(s);
  },
);

scenario(
  'sandbox: the numbers of the limits',
  { own: true, skip: noSandbox || notRoot || notV1 },
  (s) => {
    const said = shell(
      s,
      ['--memory', '64M', '--cpus', '0.5', '--pids', '9'],
      'cd /sys/fs/cgroup; cat memory/memory.limit_in_bytes cpu/cpu.cfs_quota_us cpu/cpu.cfs_period_us pids/pids.max',
    );
    assert.deepEqual(said.trim().split('\n'), ['67108864', '50000', '100000', '9']);
  },
);

scenario(
  'sandbox: the numbers of the limits, of cgroup v2',
  { own: true, skip: noSandbox || notV2 },
  (s) => {
    const said = shell(
      s,
      ['--memory', '64M', '--cpus', '0.5', '--pids', '9'],
      'cd /sys/fs/cgroup; cat memory.max cpu.max pids.max',
    );
    assert.deepEqual(said.trim().split('\n'), ['67108864', '50000 100000', '9']);
  },
);

scenario('sandbox: --quiet reports nothing, and a report is nothing but itself', own, (s) => {
  assert.equal(box(s, ['--quiet'], ['true']).stderr, '');
  const { stderr, stdout } = box(s, [], ['true']);
  assert.equal(stdout, '');
  assert.match(stderr, new RegExp(`^${nameOf(s)}: ended with status 0 after \\d`));
});

scenario('sandbox: volumes to write and to read', { ...own, needs: ['mount_setattr'] }, (s) => {
  mkdirSync(s.path('shared'));
  writeFileSync(s.path('shared/in'), 'from the host\n');
  writeFileSync(s.path('file'), 'a file\n');
  const said = shell(
    s,
    [
      ['--volume', `${s.path('shared')}:/data`],
      ['--volume', `${s.path('shared')}:/look:ro`],
      ['--volume', `${s.path('file')}:/etc/one:ro`],
    ].flat(),
    'cat /data/in /etc/one; echo out > /data/out; cat /look/out; echo no > /look/new || echo refused',
  );
  assert.equal(said, 'from the host\na file\nout\nrefused\n');
  assert.equal(readFileSync(s.path('shared/out'), 'utf8'), 'out\n');
  assert.ok(!existsSync(s.path('shared/new')));
});

scenario('sandbox: a relative volume is one of the working directory', own, (s) => {
  mkdirSync(s.path('here'));
  writeFileSync(s.path('here/x'), '');
  const result = box(s, ['--quiet', '--volume', 'here:/v'], ['ls', '/v'], { cwd: s.dir });
  assert.equal(result.stdout, 'x\n');
});

scenario('sandbox: read-only', own, (s) => {
  const said = shell(
    s,
    ['--read-only'],
    'touch /x /tmp/x || echo refused; touch /dev/shm/x && echo shm',
  );
  assert.equal(said, 'refused\nshm\n');
});

scenario('sandbox: users by number and by name, with no capabilities', own, (s) => {
  const script = 'echo $(id -u):$(id -g) $(grep CapEff /proc/self/status)';
  assert.match(shell(s, [], script), /^0:0 CapEff: 00000000a?[1-9a-f]/);
  if (notRoot) return;
  assert.equal(shell(s, ['--user', '12:34'], script), '12:34 CapEff: 0000000000000000\n');
  assert.match(shell(s, ['--user', 'nobody'], script), /^65534:65534 /);
  const refused = box(s, ['--user', 'grace'], ['id']);
  assert.equal(refused.status, 125);
  assert.match(refused.stderr, /user-invalid/);
  assertNothingLeft(s);
});

scenario('sandbox: system calls that nothing in there needs are refused', own, (s) => {
  const said = shell(s, [], 'grep Seccomp: /proc/self/status; unshare -U true || echo refused');
  assert.match(said, /Seccomp:\t2\nrefused/);
});

scenario('sandbox: the network of the host, if that is wanted', own, (s) => {
  const devices = shell(s, ['--network', 'host'], 'tail -n +3 /proc/net/dev | wc -l');
  const ours = readFileSync('/proc/self/net/dev', 'utf8').trim().split('\n').length - 2;
  assert.equal(Number(devices), ours);
});

scenario('sandbox: on a terminal the command has one', own, (s) => {
  const command = `${process.env.RUNTIME ?? 'bin/ocirt'} --root ${s.stateRoot} sandbox --quiet -- sh -c 'tty; exit 5'`;
  let said = '';
  try {
    execFileSync('script', ['-qec', command, '/dev/null'], {
      encoding: 'utf8',
      input: '',
      env: { ...process.env, TMPDIR: s.dir },
    });
  } catch (error) {
    const { status, stdout } = error as { status: number; stdout: string };
    assert.equal(status, 5);
    said = stdout;
  }
  assert.match(said, /\/dev\/pts\/0/);
});

/** Each with what is said of it. */
const BAD: readonly (readonly [words: string[], said: RegExp])[] = [
  [['--memory', 'much'], /much.* is not a size/],
  [['--memory', '0'], /--memory must be more than 0/],
  [['--cpus', '0'], /--cpus 0: give a number/],
  [['--pids', 'x'], /invalid value .*x.* for flag -pids/],
  [['--hostname', 'a b'], /--hostname a b/],
  [['--env', '=x'], /--env =x/],
  [['--volume', '/tmp'], /--volume \/tmp: give SOURCE/],
  [['--volume', '/tmp:/t:exec'], /exec.* is none of/],
  [['--volume', '/tmp:/'], /the root itself is --rootfs/],
  [['--volume', '/no/such:/t'], /volume-missing/],
  [['--workdir', 'tmp'], /--workdir tmp: give an absolute path/],
  [['--rootfs', '/no/such'], /rootfs-missing/],
  [['--network', 'telepathy'], /network-invalid/],
  [['--network', 'host', '--publish', '8080:80'], /port-invalid/],
  [['--dns', 'example.org'], /dns-invalid/],
  [['--name', 'a/b'], /invalid-id/],
  [['--overlay', '--overlay-driver', 'zfs'], /--overlay-driver zfs/],
  [['--overlay-driver', 'fuse'], /--overlay-driver is for --overlay/],
  [['--output', '/tmp/x'], /--output is for --detach/],
  [['--no-such-flag'], /flag provided but not defined: -no-such-flag/],
];

scenario('sandbox: each bad word is refused by name, and nothing is made', own, (s) => {
  for (const [words, said] of BAD) {
    const result = box(s, words, ['true']);
    assert.equal(result.status, 125, words.join(' '));
    assert.match(result.stderr, said, words.join(' '));
    assertNothingLeft(s);
  }
});

scenario('sandbox: --explain tells every step, its system call, and each reason once', own, (s) => {
  const { stderr, stdout, status } = box(s, ['--quiet', '--explain'], ['echo', 'the command']);
  assert.equal(status, 0, stderr);
  assert.equal(stdout, 'the command\n');
  const calls = [...stderr.matchAll(/^ +\[([^\]]*)\]$/gm)].map(([, call = '']) => call);
  for (const call of ['clone3(2)', 'pivot_root(2)', 'seccomp(2)', 'capset(2)', 'execve(2)']) {
    assert.ok(
      calls.some((text) => text.includes(call)),
      `${call} is not told`,
    );
  }
  const order = [
    'starts the helper',
    'mounts proc on /proc',
    'exchanges the root',
    'waits for start',
    'becomes echo',
  ];
  const places = order.map((text) => stderr.indexOf(text));
  assert.deepEqual(
    places,
    [...places].sort((a, b) => a - b),
  );
  assert.ok(
    places.every((place) => place >= 0),
    `${places}`,
  );
  // The steps that the plan of the same bundle has.
  assert.match(stderr, /== in the container, step by step/);
  const reason = 'pivot_root(2) takes must be a mount';
  assert.equal(stderr.split(reason).length, 2);
  assert.equal(stderr.match(/become none|undefined|NaN/), null);
  assertNothingLeft(s);
});
