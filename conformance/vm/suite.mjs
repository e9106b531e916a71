// The conformance suite in a virtual machine with cgroup v2, systemd and AppArmor:
//
//   npm run conformance:vm -- [--only RUN]... [--quick] [--node] [PATTERN...]
//
//   --only RUN      this run only: see RUNS
//   --quick         what differs most from the host: cgroups, systemd, podman
//   --node          with bin/ocirt-node, and not with dist/ocirt
//   --report DIR    a table of runtimes: writes DIR/RUN.json, for `npm run conformance -- --merge`
//   --runtime PATH  with --report, several: of the project, or in the machine (/usr/bin/crun)
//   --seconds N     with --report: what a call of a runtime may take
//   PATTERN         the test files whose path has PATTERN in it, in place of those of the run
//
// Every run has a fresh machine. The last line is `N passed, N failed, N skipped`, of all of them.
import { existsSync, mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { gunzipSync } from 'node:zlib';
import { helpIfAsked } from '../../scripts/usage.mjs';
import { runInGuest } from './guest.mjs';
import { image } from './image.mjs';

const project = join(dirname(fileURLToPath(import.meta.url)), '../..');

/** What the guest needs of the project. */
const PATHS = [
  'bin',
  'bundles',
  'conformance',
  'dist',
  'docs/guide.md',
  // Its tests are run by a PATTERN: the kernel of the guest has devices that others lack.
  'src/sandbox/network',
  'package.json',
  'scripts',
  'README.md',
  'node_modules/commander',
  // What src/bundle and src/sandbox take, in Node.js.
  ...['tar-stream', 'b4a', 'streamx', 'fast-fifo', 'events-universal', 'text-decoder'].map(
    (name) => `node_modules/${name}`,
  ),
  'node_modules/yaml',
  // What talks with containerd's CRI plugin.
  ...['@grpc', '@js-sdsl', '@protobufjs', 'protobufjs', 'long', 'lodash.camelcase'].map(
    (name) => `node_modules/${name}`,
  ),
];

/** What a run may take: `root` took 55 minutes where others kept the machine busy. */
const SECONDS = 120 * 60;

/** What a file may take: with every process traced `injection` takes more than a quarter of an hour. */
const FILE_MINUTES = 60;

/** Files about cgroups, and what lives by them. */
const CGROUPS = ['cgroups', 'pause', 'update-v2', 'fallbacks'];
const LIVES = ['lifecycle', 'exec', 'hooks', 'crash'];
const SYSTEMD = ['runtime/systemd', 'podman-systemd', 'containerd-systemd'];

/**
 * Who runs the suite, which cgroup driver the runtime uses, and the test files: with root and plain
 * cgroups all but those that are the same on every machine.
 */
const RUNS = {
  root: { user: false, options: '', files: 'all' },
  'root-systemd': {
    user: false,
    options: '--systemd-cgroup',
    files: [...CGROUPS, ...SYSTEMD, ...LIVES, 'mounts', 'binds', 'devices', 'bundles'],
  },
  user: {
    user: true,
    options: '',
    files: [...CGROUPS, 'lifecycle', 'exec', 'hooks', 'terminal', 'process'],
  },
  // As Podman calls a runtime for a user.
  'user-namespace': {
    user: true,
    namespace: true,
    options: '',
    files: [...CGROUPS, ...LIVES, 'mounts', 'binds', 'devices', 'namespaces', 'terminal'],
  },
  'user-systemd': {
    user: true,
    options: '--systemd-cgroup',
    files: [...CGROUPS, ...SYSTEMD, 'lifecycle', 'exec'],
  },
};

/** Tests of what never looks at the machine, and takes minutes. */
const SAME_EVERYWHERE = ['broken'];

/** The patterns for scripts/test.mjs. */
function filesOf({ files, options }, quick) {
  if (quick) return options === '' ? CGROUPS : [...CGROUPS, ...SYSTEMD];
  if (files !== 'all') return files;
  const runtime = readdirSync(join(project, 'conformance/runtime'))
    .map((name) => name.replace('.test.ts', ''))
    .filter((name) => !SAME_EVERYWHERE.includes(name))
    .map((name) => `runtime/${name}.`);
  return [...runtime, 'conformance/security/'];
}

function parse(words) {
  const chosen = [];
  const patterns = [];
  const runtimes = [];
  let runtime = 'dist/ocirt';
  let quick = false;
  let report;
  let seconds = '120';
  for (let index = 0; index < words.length; index++) {
    const word = words[index];
    if (word === '--node') runtime = 'bin/ocirt-node';
    else if (word === '--quick') quick = true;
    else if (word === '--only') chosen.push(words[++index]);
    else if (word === '--report') report = words[++index];
    else if (word === '--runtime') runtimes.push(words[++index]);
    else if (word === '--seconds') seconds = words[++index];
    else if (word.startsWith('-')) throw new Error(`unknown option ${word}`);
    else patterns.push(word);
  }
  for (const name of chosen) {
    if (!Object.hasOwn(RUNS, name)) {
      throw new Error(`no run "${name}": there are ${Object.keys(RUNS).join(', ')}`);
    }
  }
  if (runtimes.length === 0) runtimes.push(runtime);
  const names = chosen.length > 0 ? chosen : Object.keys(RUNS);
  return { names, patterns, runtimes, quick, report, seconds };
}

const quote = (word) => `'${word.replaceAll("'", `'\\''`)}'`;

/** Where a report begins in the output: a line of base64 follows. */
const REPORT = '==== report';

/**
 * Has a performance counter of a task open until the machine ends. With the first one, such as CRIU's breakpoint,
 * the kernel patches its scheduler, and where the processor is emulated by several threads a
 * processor may run into the patch: the kernel crashes, once in many runs.
 */
const COUNTER = `python3 -c "
import ctypes, signal, struct
software, dummy = 1, 9
attributes = struct.pack('IIQ', software, 64, dummy) + bytes(48)
perf_event_open = 298
if ctypes.CDLL(None).syscall(perf_event_open, attributes, 0, -1, -1, 0) < 0: raise SystemExit('no counter')
signal.pause()" >/dev/null &
`;

/** The command of a run. The tests are to find every folder of theirs writable by who runs them. */
function commandOf({ user, namespace, options }, patterns, { runtimes, report, seconds }) {
  const suite =
    report === undefined
      ? ['scripts/test.mjs', `--runtime=${runtimes[0]}`]
      : [
          ...['dist/conformance/report/main.js', '--report', 'report', '--seconds', seconds],
          ...runtimes.flatMap((path) => ['--runtime', path]),
        ];
  // What an attack leaves mounted, where a runtime lets it through, is not to be there for the next ones.
  const apart = !user && report !== undefined;
  const words = [
    ...(user ? ['as-user'] : []),
    ...(apart ? ['bash', 'conformance/lib/private.sh'] : []),
    ...(namespace ? ['bash', 'conformance/lib/as.sh', 'user-namespace'] : []),
    ...['env', `RUNTIME_OPTIONS=${options}`, `FILE_MINUTES=${FILE_MINUTES}`],
    ...['dist/native/ocirt-payload', 'subreaper', 'node', ...suite, ...patterns],
  ];
  const owner = user ? 'chown -R test:test /src\n' : 'chown -R root:root /src\n';
  const run = `${COUNTER}${owner}${words.map(quote).join(' ')}\nstatus=$?\n`;
  const told = `echo ${quote(REPORT)}; gzip -c report/conformance.json | base64 -w 0; echo\n`;
  return `${run}${report === undefined ? '' : told}exit $status\n`;
}

/** Runs the suite once; its counts, which are those of the first runtime. */
async function run(name, patterns, how) {
  console.log(`\n==== ${name}: ${how.runtimes.join(' ')} ${RUNS[name].options}`);
  const started = Date.now();
  let output = '';
  const status = await runInGuest({
    command: commandOf(RUNS[name], patterns, how),
    tree: project,
    paths: PATHS.filter((path) => existsSync(join(project, path))),
    onOutput(data) {
      // A report is for the file alone.
      if (!output.includes(REPORT)) process.stdout.write(data);
      output += data;
    },
    seconds: SECONDS * how.runtimes.length,
  });
  console.log(`(${name}: ${((Date.now() - started) / 1000).toFixed(0)} s)`);
  const [text, report] = output.split(`\n${REPORT}\n`);
  if (report !== undefined) {
    mkdirSync(how.report, { recursive: true });
    const file = join(how.report, `${name}.json`);
    writeFileSync(file, gunzipSync(Buffer.from(report.trim(), 'base64')));
  }
  const line =
    how.report === undefined
      ? /(\d+) passed, (\d+) failed, (\d+) skipped\s*$/
      : /^# \S+: (\d+) passed, (\d+) failed, (\d+) skipped$/m;
  const counts = line.exec(text)?.slice(1).map(Number);
  if (counts === undefined) throw new Error(`${name} ended with ${status}, without a result`);
  return counts;
}

helpIfAsked(fileURLToPath(import.meta.url));
const total = [0, 0, 0];
try {
  const { names, patterns, quick, ...how } = parse(process.argv.slice(2));
  await image();
  for (const name of names) {
    const files = patterns.length > 0 ? patterns : filesOf(RUNS[name], quick);
    const counts = await run(name, files, how);
    counts.forEach((count, index) => {
      total[index] += count;
    });
  }
} catch (error) {
  console.log(`FAILED: ${error instanceof Error ? error.message : error}`);
  total[1]++;
}
console.log(`\n${total[0]} passed, ${total[1]} failed, ${total[2]} skipped`);
process.exitCode = total[1] > 0 ? 1 : 0;
