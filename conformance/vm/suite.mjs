// The conformance suite in a virtual machine with cgroup v2, systemd and AppArmor:
//
//   npm run conformance:vm -- [--only RUN]... [--quick] [--node] [PATTERN...]
//
//   --only RUN   this run only, of: root root-systemd user user-systemd
//   --quick      what differs most from the host: cgroups, systemd, podman
//   --node       with bin/ocirt-node, and not with dist/ocirt
//   PATTERN      the test files whose path has PATTERN in it, in place of those of the run
//
// Every run has a fresh machine. The last line is `N passed, N failed, N skipped`, of all of them.
import { existsSync, readdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { runInGuest } from './guest.mjs';
import { image } from './image.mjs';

const project = join(dirname(fileURLToPath(import.meta.url)), '../..');

/** What the guest needs of the project. */
const PATHS = [
  'bin',
  'bundles',
  'conformance',
  'dist',
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

const SECONDS = 45 * 60;

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
    files: [...CGROUPS, ...SYSTEMD, ...LIVES, 'mounts', 'devices', 'bundles'],
  },
  user: {
    user: true,
    options: '',
    files: [...CGROUPS, 'lifecycle', 'exec', 'hooks', 'terminal', 'process'],
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
  let runtime = 'dist/ocirt';
  let quick = false;
  for (let index = 0; index < words.length; index++) {
    const word = words[index];
    if (word === '--node') runtime = 'bin/ocirt-node';
    else if (word === '--quick') quick = true;
    else if (word === '--only') chosen.push(words[++index]);
    else if (word.startsWith('-')) throw new Error(`unknown option ${word}`);
    else patterns.push(word);
  }
  for (const name of chosen) {
    if (!Object.hasOwn(RUNS, name)) {
      throw new Error(`no run "${name}": there are ${Object.keys(RUNS).join(', ')}`);
    }
  }
  return { names: chosen.length > 0 ? chosen : Object.keys(RUNS), patterns, runtime, quick };
}

const quote = (word) => `'${word.replaceAll("'", `'\\''`)}'`;

/** The command of a run. The tests are to find every folder of theirs writable by who runs them. */
function commandOf({ user, options }, runtime, patterns) {
  const words = [
    ...(user ? ['as-user'] : []),
    ...['env', `RUNTIME_OPTIONS=${options}`],
    ...['dist/native/ocirt-payload', 'subreaper', 'node', 'scripts/test.mjs'],
    ...[`--runtime=${runtime}`, ...patterns],
  ];
  const owner = user ? 'chown -R test:test /src\n' : 'chown -R root:root /src\n';
  return `${owner}exec ${words.map(quote).join(' ')}\n`;
}

/** Runs the suite once; its counts. */
async function run(name, runtime, patterns) {
  console.log(`\n==== ${name}: ${runtime} ${RUNS[name].options}`);
  const started = Date.now();
  let last = '';
  const status = await runInGuest({
    command: commandOf(RUNS[name], runtime, patterns),
    tree: project,
    paths: PATHS.filter((path) => existsSync(join(project, path))),
    onOutput(data) {
      process.stdout.write(data);
      last = (last + data).slice(-200);
    },
    seconds: SECONDS,
  });
  console.log(`(${name}: ${((Date.now() - started) / 1000).toFixed(0)} s)`);
  const counts = /(\d+) passed, (\d+) failed, (\d+) skipped\s*$/.exec(last)?.slice(1).map(Number);
  if (counts === undefined) throw new Error(`${name} ended with ${status}, without a result`);
  return counts;
}

const total = [0, 0, 0];
try {
  const { names, patterns, runtime, quick } = parse(process.argv.slice(2));
  await image();
  for (const name of names) {
    const files = patterns.length > 0 ? patterns : filesOf(RUNS[name], quick);
    const counts = await run(name, runtime, files);
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
