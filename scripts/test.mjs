// Runs the tests and counts them. scripts/test has built everything and started us.
//
//   node scripts/test.mjs [--runtime=PATH] [PART | PATTERN]...
//
// --runtime: only this one, of bin/ocirt and dist/ocirt.
// Parts: lint, unit, native, conformance, engines. A pattern is a part of a test file's path; with
// none of both, everything is run. The last line of output is always
//
//   N passed, N failed, N skipped
//
// Each test file is a process of its own, whose tests scripts/reporter.mjs tells us.
import { spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { children, underSubreaper } from './children.mjs';
import { differences, snapshot } from './host-snapshot.mjs';
import { parseTap } from './tap.mjs';

const root = join(dirname(fileURLToPath(import.meta.url)), '..');
const reporter = join(root, 'scripts/reporter.mjs');

/**
 * A file that takes longer is stuck: the slowest takes two minutes on a slow machine. FILE_MINUTES in
 * the environment is for a slower one.
 */
const FILE_TIMEOUT_MS = Number(process.env.FILE_MINUTES ?? 15) * 60_000;
/** Files of one kind at a time. Each test of containers has a place of its own. */
const AT_ONCE = 2;

const PARTS = ['lint', 'unit', 'native', 'conformance', 'engines'];

const words = process.argv.slice(2);
const only = words[0]?.startsWith('--runtime=') ? words.shift().slice(10) : undefined;

/** The runtimes that the conformance tests are run with. */
const RUNTIMES = [
  { name: 'node', path: 'bin/ocirt-node' },
  { name: 'standalone', path: 'dist/ocirt' },
].filter(({ path }) => only === undefined || path === only);

/**
 * Engines get what the README tells users to give them: bin/ocirt, which is the standalone host.
 * What they ask of a runtime in common is tried with the Node.js host as well.
 */
const ENGINE_RUNTIMES = [
  { name: 'standalone', path: 'bin/ocirt', files: /./ },
  { name: 'node', path: 'bin/ocirt-node', files: /\/(podman|containerd)\.test\.ts$/ },
];

/**
 * containerd reads no statistics where a controller has a hierarchy that is mounted nowhere, as
 * hugetlb's for a while after others mounted it. Only root can mount, and only root's engines ask.
 */
const ALL_CONTROLLERS =
  process.getuid() === 0 ? ['bash', join(root, 'conformance/lib/private.sh')] : [];

const patterns = words.filter((word) => !PARTS.includes(word));
const chosen = words.filter((word) => PARTS.includes(word));

/** Whether this part is to be run; with patterns, those parts that have test files. */
const wanted = (part) =>
  words.length === 0 ||
  chosen.includes(part) ||
  (chosen.length === 0 && !['lint', 'native'].includes(part));

const started = Date.now();
const before = snapshot();
const results = [];
const scratch = mkdtempSync(join(tmpdir(), 'ocirt-tests-'));
let serial = 0;

/** Keeps a result. A skip has to say why, or it is a failure. */
function keep(where, result) {
  const kept = { ...result, name: `${where}: ${result.name}` };
  if (kept.outcome === 'skipped' && !kept.reason) {
    kept.outcome = 'failed';
    kept.error = 'skipped without a reason';
  }
  results.push(kept);
  if (kept.outcome === 'failed') console.log(`  FAILED ${kept.name}`);
}

function count(some, outcome) {
  return some.filter((result) => result.outcome === outcome).length;
}

const summary = (some) =>
  ['passed', 'failed', 'skipped'].map((outcome) => `${count(some, outcome)} ${outcome}`).join(', ');

const running = new Set();

/** Ends at once what runs when we are told to end: it is not to go on alone. */
for (const [signal, status] of [
  ['SIGINT', 130],
  ['SIGTERM', 143],
]) {
  process.once(signal, () => {
    for (const child of running) child.kill('SIGKILL');
    rmSync(scratch, { recursive: true, force: true });
    // What was not run has not passed: nobody is to read "0 failed".
    keep('tests', { name: `the run was ended by ${signal}`, outcome: 'failed' });
    console.log(summary(results));
    process.exit(status);
  });
}

/** Runs a program to its end; its output as one text. */
function execute(program, args, { env = {}, timeout = FILE_TIMEOUT_MS } = {}) {
  return new Promise((resolve) => {
    const child = spawn(program, args, {
      cwd: root,
      env: { ...process.env, ...env },
      stdio: ['ignore', 'pipe', 'pipe'],
      timeout,
      killSignal: 'SIGKILL',
    });
    running.add(child);
    const out = [];
    const both = [];
    child.stdout.on('data', (data) => {
      out.push(data);
      both.push(data);
    });
    child.stderr.on('data', (data) => both.push(data));
    const text = (parts) => Buffer.concat(parts).toString();
    const end = (status) => resolve({ status, stdout: text(out), output: text(both) });
    child.on('error', (error) => end(String(error)));
    // Not 'close': a process that was left behind would hold the pipes open.
    child.on('exit', (code, signal) => {
      running.delete(child);
      setTimeout(() => end(signal ?? code), 20);
    });
  });
}

/** Every test file of the sources below `folder`, where it was compiled to. */
function testFiles(folder, compiled) {
  if (!existsSync(join(root, folder))) return [];
  return readdirSync(join(root, folder), { recursive: true })
    .filter((file) => /\.test\.(ts|mjs)$/.test(file))
    .map((file) => join(folder, file))
    .filter((file) => patterns.length === 0 || patterns.some((pattern) => file.includes(pattern)))
    .sort()
    .map((source) => ({ source, file: compiled(source).replace(/\.ts$/, '.js') }));
}

/** Runs one test file, as an argument of the program `within`, and keeps what its tests said. */
async function runFile(where, { source, file }, env, within) {
  const report = join(scratch, `${serial++}.jsonl`);
  const started = Date.now();
  const [program, ...args] = [
    ...within,
    ...[process.execPath, `--test-reporter=${reporter}`],
    ...[`--test-reporter-destination=${report}`, file],
  ];
  const { status, output } = await execute(program, args, { env });
  const lines = existsSync(report) ? readFileSync(report, 'utf8').split('\n').filter(Boolean) : [];
  const told = lines.map((line) => JSON.parse(line));
  const name = where === '' ? source : `${where}: ${source}`;
  const before = results.length;
  for (const result of told) keep(name, result);
  const failed = count(told, 'failed');
  if (told.length === 0 && status === 0) {
    keep(name, { name: 'the file', outcome: 'failed', error: 'it holds no test' });
  } else if (status !== 0 && failed === 0) {
    keep(name, {
      name: 'the file',
      outcome: 'failed',
      error: `it ended with ${status}\n${output}`,
    });
  }
  const seconds = ((Date.now() - started) / 1000).toFixed(1);
  console.log(`  ${source}: ${summary(results.slice(before))} (${seconds} s)`);
}

/** Runs test files, some at a time. */
async function runFiles(where, files, env = {}, within = []) {
  const rest = [...files];
  const worker = async () => {
    for (let next = rest.shift(); next !== undefined; next = rest.shift()) {
      await runFile(where, next, env, within);
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, worker));
}

/** Runs test files that drive a runtime from outside, with this one. */
async function runWith(what, { name, path }, files, within) {
  heading(`${what} with ${path}`);
  // bin/ocirt would fall back to Node.js, and the tests would not be of what they are said to be.
  const needed = name === 'standalone' ? [path, 'dist/ocirt'] : [path];
  const missing = needed.filter((file) => !existsSync(join(root, file)));
  if (missing.length > 0) {
    keep(name, { name: 'the runtime', outcome: 'failed', error: `no ${missing.join(', ')}` });
    return;
  }
  await runFiles(name, files, { RUNTIME: join(root, path) }, within);
}

/** Runs a program that prints TAP, and keeps its tests. */
async function runTap(where, program, args) {
  const { status, stdout, output } = await execute(program, args);
  const { tests, complete } = parseTap(stdout);
  for (const result of tests) keep(where, result);
  const failed = count(tests, 'failed');
  if (!complete || (status !== 0 && failed === 0)) {
    keep(where, {
      name: 'the program',
      outcome: 'failed',
      error: `it ended with ${status}\n${output}`,
    });
  }
  console.log(`  ${summary(results.filter((result) => result.name.startsWith(`${where}: `)))}`);
}

/** Keeps whether what `features` claims was shown by the tests of the suite. */
async function keepClaims({ name, path }) {
  const { holdAgainst, toldOf } = await import(join(root, 'dist/conformance/report/claims.js'));
  const told = results.flatMap((result) => {
    const [title = '', of] = result.name.split(': conformance/runtime/');
    const [, file, test] = /^([\w-]+)\.test\.ts: (.*)$/s.exec(of ?? '') ?? [];
    return title === name && file ? [{ file, name: test, outcome: result.outcome }] : [];
  });
  const { stdout } = await execute(join(root, path), ['features']);
  keep(`${name}: features`, toldOf(holdAgainst(JSON.parse(stdout), told)));
}

function heading(text) {
  console.log(`\n== ${text}`);
}

async function runParts() {
  if (wanted('lint')) {
    heading('lint');
    await runTap('lint', 'bash', ['scripts/lint']);
  }
  if (wanted('native')) {
    heading('native tests');
    await runTap('native', 'dist/native/ocirt-native-tests', []);
  }
  const units = [
    ...testFiles('src', (source) => source.replace(/^src/, 'dist')),
    ...testFiles('scripts', (source) => source),
    ...testFiles('bench', (source) => join('dist', source)),
    ...testFiles('conformance/report', (source) => join('dist', source)),
    ...testFiles('conformance/runtime-tools', (source) => source),
    ...testFiles('conformance/mutations', (source) => source),
  ];
  if (wanted('unit') && units.length > 0) {
    heading('unit tests');
    await runFiles('', units);
  }
  const compiled = (source) => join('dist', source);
  const conformance = [
    ...testFiles('conformance/runtime', compiled),
    ...testFiles('conformance/security', compiled),
    ...testFiles('conformance/resilience', compiled),
  ];
  if (wanted('conformance') && conformance.length > 0) {
    for (const runtime of RUNTIMES) {
      await runWith('conformance tests', runtime, conformance);
      if (patterns.length === 0) await keepClaims(runtime);
    }
  }
  const engines = testFiles('conformance/engines', compiled);
  if (wanted('engines') && engines.length > 0) {
    for (const runtime of ENGINE_RUNTIMES) {
      const files = engines.filter(({ source }) => runtime.files.test(source));
      if (files.length > 0) await runWith('tests of engines', runtime, files, ALL_CONTROLLERS);
    }
  }
}

/** Polls for a moment until `look` finds nothing: what is on its way out may go. */
async function settled(look) {
  for (let tries = 0; ; tries++) {
    const found = look();
    if (found.length === 0 || tries === 50) return found;
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
}

/** What the tests left on the host. Orphans of theirs are now children of the subreaper above us. */
async function checkHost(before) {
  const processes = underSubreaper()
    ? await settled(() => children(process.ppid, process.pid))
    : [];
  for (const line of processes) {
    keep('host', { name: `left behind: process ${line}`, outcome: 'failed' });
    process.kill(Number(line.split(' ')[0]), 'SIGKILL');
  }
  const found = await settled(() => differences(before, snapshot()));
  for (const name of found) keep('host', { name, outcome: 'failed' });
  const clean = processes.length + found.length === 0;
  if (clean) keep('host', { name: 'nothing is left behind', outcome: 'passed' });
}

function tell() {
  const skipped = results.filter((result) => result.outcome === 'skipped');
  const failed = results.filter((result) => result.outcome === 'failed');
  if (skipped.length > 0) heading('skipped');
  for (const { name, reason } of skipped) console.log(`  ${name}\n    # ${reason}`);
  if (failed.length > 0) heading('failed');
  for (const { name, error } of failed) {
    console.log(`  ${name}`);
    if (error) console.log(error.trimEnd().replace(/^/gm, '      '));
  }
}

let ran = 0;
try {
  await runParts();
  ran = results.length;
} catch (error) {
  keep('tests', { name: 'the run', outcome: 'failed', error: error.stack });
} finally {
  rmSync(scratch, { recursive: true, force: true });
}
if (ran === 0) keep('tests', { name: 'the run', outcome: 'failed', error: 'no test was run' });
await checkHost(before);
tell();
console.log(`\n${((Date.now() - started) / 1000).toFixed(0)} s`);
process.exitCode = count(results, 'failed') > 0 ? 1 : 0;
console.log(summary(results));
