// Times runtimes side by side; bench/README.md says how to read it.
import { spawnSync } from 'node:child_process';
import {
  closeSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { baseConfig } from './config.mjs';

const top = path.join(path.dirname(fileURLToPath(import.meta.url)), '..');
const { values: options } = parseArgs({
  options: { runs: { type: 'string', default: '40' }, json: { type: 'string' } },
});
const runs = Number(options.runs);

// In a mount namespace of its own: crun wants every controller as v1 where any is, and the mount
// that it gets for that ends with the namespace.
if (process.env.OCIRT_BENCH_INSIDE === undefined) {
  const script = `
    if [ -d /sys/fs/cgroup/memory ] && ! [ -d /sys/fs/cgroup/hugetlb ]; then
      mkdir /sys/fs/cgroup/hugetlb && trap 'umount /sys/fs/cgroup/hugetlb; rmdir /sys/fs/cgroup/hugetlb' EXIT
      mount -t cgroup -o hugetlb cgroup /sys/fs/cgroup/hugetlb || true
    fi
    "$@"`;
  const args = ['--mount', '--propagation', 'private', 'sh', '-c', script, 'sh'];
  const inside = [...args, process.execPath, ...process.argv.slice(1)];
  const env = { ...process.env, OCIRT_BENCH_INSIDE: '1' };
  const { status } = spawnSync('unshare', inside, { stdio: 'inherit', env });
  process.exit(status ?? 1);
}

const RUNTIMES = [
  ['ocirt', path.join(top, 'dist/ocirt')],
  ['ocirt on Node.js', path.join(top, 'bin/ocirt')],
  ['crun', '/usr/bin/crun'],
  ['runc', '/usr/sbin/runc'],
].filter(([, file]) => existsSync(file));
/** What the others are compared with. */
const BASE = 'crun';

const scratch = mkdtempSync(path.join(tmpdir(), 'ocirt-bench-'));
process.on('exit', () => rmSync(scratch, { recursive: true, force: true }));

/** A bundle with the payload as its only program. */
function makeBundle(name, args) {
  const bundle = path.join(scratch, name);
  mkdirSync(path.join(bundle, 'rootfs'), { recursive: true });
  const payload = path.join(top, 'dist/native/ocirt-payload');
  spawnSync('cp', [payload, path.join(bundle, 'rootfs/payload')]);
  writeFileSync(path.join(bundle, 'config.json'), JSON.stringify(baseConfig(args)));
  return bundle;
}
const TRUE = makeBundle('true', ['/payload', 'exit', '0']);
const WAIT = makeBundle('wait', ['/payload', 'pause']);

/** Runs one command; returns its milliseconds. Anything but success ends the bench. */
function time(runtime, args, cwd) {
  // A file and no pipe: a container that goes on holds its standard error open.
  const errors = openSync(path.join(scratch, 'stderr'), 'w');
  const start = process.hrtime.bigint();
  const result = spawnSync(runtime.file, ['--root', runtime.root, ...args], {
    cwd,
    stdio: ['ignore', 'ignore', errors],
  });
  const ms = Number(process.hrtime.bigint() - start) / 1e6;
  closeSync(errors);
  if (result.status !== 0) {
    const said = readFileSync(path.join(scratch, 'stderr'), 'utf8');
    throw new Error(`${runtime.name} ${args.join(' ')}: ${result.status}\n${said}`);
  }
  return ms;
}

let serial = 0;
/** Each gives the samples of one turn: name of the work and its milliseconds. */
const TURNS = [
  (runtime) => [['--version', time(runtime, ['--version'], scratch)]],
  (runtime) => {
    const id = `bench${process.pid}-${serial++}`;
    return [['run of true', time(runtime, ['run', id], TRUE)]];
  },
  (runtime) => {
    const id = `bench${process.pid}-${serial++}`;
    const create = time(runtime, ['create', id], WAIT);
    const start = time(runtime, ['start', id], WAIT);
    const state = time(runtime, ['state', id], WAIT);
    const exec = time(runtime, ['exec', id, '/payload', 'exit', '0'], WAIT);
    const kill = time(runtime, ['kill', id, 'KILL'], WAIT);
    untilStopped(runtime, id);
    const remove = time(runtime, ['delete', id], WAIT);
    return [
      ['create', create],
      ['start', start],
      ['state', state],
      ['exec of true', exec],
      ['kill', kill],
      ['delete', remove],
      ['create + start + delete', create + start + remove],
    ];
  },
];

function untilStopped(runtime, id) {
  for (;;) {
    const result = spawnSync(runtime.file, ['--root', runtime.root, 'state', id]);
    if (JSON.parse(result.stdout).status === 'stopped') return;
  }
}

const runtimes = RUNTIMES.map(([name, file], index) => ({
  name,
  file,
  root: path.join(scratch, `root${index}`),
}));
/** samples.get(work).get(runtime): milliseconds */
const samples = new Map();
// The first two turns only warm the caches.
for (let turn = -2; turn < runs; turn++) {
  for (const act of TURNS) {
    // Another order each time: nobody always comes after the slowest.
    const order = runtimes.map((_, index) => runtimes[(index + turn + 2) % runtimes.length]);
    for (const runtime of order) {
      for (const [work, ms] of act(runtime)) {
        if (turn < 0) continue;
        if (!samples.has(work)) samples.set(work, new Map());
        const row = samples.get(work);
        row.set(runtime.name, [...(row.get(runtime.name) ?? []), ms]);
      }
    }
  }
}

/** The value that a share `q` of the samples is below. */
function quantile(values, q) {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(q * sorted.length))];
}

const number = (value) => value.toFixed(2);
console.log(`| work | ${runtimes.map((runtime) => runtime.name).join(' | ')} |`);
console.log(`| --- |${' --- |'.repeat(runtimes.length)}`);
for (const [work, row] of samples) {
  const base = quantile(row.get(BASE) ?? [...row.values()][0], 0.5);
  const cells = runtimes.map(({ name }) => {
    const values = row.get(name);
    const [low, median, high] = [0.25, 0.5, 0.75].map((q) => quantile(values, q));
    return `${number(median / base)} (${number(median)} ms, ${number(low)} to ${number(high)})`;
  });
  console.log(`| ${work} | ${cells.join(' | ')} |`);
}
console.log(
  `\nRatios of medians to ${BASE}'s, of ${runs} runs; in brackets the median and the quartiles.`,
);
if (options.json !== undefined) {
  const plain = Object.fromEntries(
    [...samples].map(([work, row]) => [work, Object.fromEntries(row)]),
  );
  writeFileSync(options.json, `${JSON.stringify(plain, null, 2)}\n`);
}
