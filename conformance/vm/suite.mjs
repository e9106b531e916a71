// The conformance suite in a virtual machine with cgroup v2, systemd and AppArmor:
//
//   npm run conformance:vm -- [--only RUN]... [--node] [PATTERN...]
//
//   --only RUN   this run only, of: root root-systemd user user-systemd
//   --node       with bin/ocirt, and not with dist/ocirt
//   PATTERN      the test files whose path has PATTERN in it
//
// Every run has a fresh machine. The last line is `N passed, N failed, N skipped`, of all of them.
import { existsSync } from 'node:fs';
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
  'node_modules/commander',
];

const SECONDS = 45 * 60;

/** Who runs the suite, and which cgroup driver the runtime uses. */
const RUNS = {
  root: { user: false, options: '' },
  'root-systemd': { user: false, options: '--systemd-cgroup' },
  user: { user: true, options: '' },
  'user-systemd': { user: true, options: '--systemd-cgroup' },
};

function parse(words) {
  const chosen = [];
  const patterns = [];
  let runtime = 'dist/ocirt';
  for (let index = 0; index < words.length; index++) {
    const word = words[index];
    if (word === '--node') runtime = 'bin/ocirt';
    else if (word === '--only') chosen.push(words[++index]);
    else if (word.startsWith('-')) throw new Error(`unknown option ${word}`);
    else patterns.push(word);
  }
  for (const name of chosen) {
    if (!Object.hasOwn(RUNS, name)) {
      throw new Error(`no run "${name}": there are ${Object.keys(RUNS).join(', ')}`);
    }
  }
  return { names: chosen.length > 0 ? chosen : Object.keys(RUNS), patterns, runtime };
}

const quote = (word) => `'${word.replaceAll("'", `'\\''`)}'`;

/** The command of a run. The tests are to find every folder of theirs writable by who runs them. */
function commandOf({ user, options }, runtime, patterns) {
  const words = [
    ...(user ? ['as-user'] : []),
    ...['env', `RUNTIME_OPTIONS=${options}`],
    ...['dist/native/ocirt-payload', 'subreaper', 'node', 'scripts/test.mjs'],
    ...[`--runtime=${runtime}`, ...(patterns.length > 0 ? patterns : ['conformance'])],
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
  const { names, patterns, runtime } = parse(process.argv.slice(2));
  await image();
  for (const name of names) {
    const counts = await run(name, runtime, patterns);
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
