// The library as another program uses it: by the package's name, with its types, and docs/library.md's
// example. The asynchronous forms, beside an event loop that goes on.
import assert from 'node:assert/strict';
import { execFileSync, spawn, spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import {
  ConfigError,
  create,
  eventsAsync,
  execAsync,
  kill,
  list,
  OcirtError,
  openRuntime,
  parseSignal,
  plan,
  remove,
  runAsync,
  start,
  state,
  validate,
  wait,
  waitAsync,
} from 'ocirt';

const project = path.join(path.dirname(fileURLToPath(import.meta.url)), '..');
const top = mkdtempSync(path.join(tmpdir(), 'ocirt-library-'));
const root = path.join(top, 'state');
const runtime = openRuntime({ root });
const skip = process.getuid() !== 0 && 'it makes containers as root';
/** The same in the names of cgroups: other runs may go on beside this one. */
const own = path.basename(top);

after(() => {
  for (const { id } of list(runtime)) remove(runtime, { id, force: true });
  rmSync(top, { recursive: true, force: true });
});

/** A bundle of busybox that runs a shell command. */
function bundle(name, command, change = () => {}) {
  const dir = path.join(top, name);
  execFileSync(path.join(project, 'bundles/prepare'), ['hello', dir]);
  const file = path.join(dir, 'config.json');
  const config = JSON.parse(readFileSync(file, 'utf8'));
  config.process.args = ['/bin/sh', '-c', command];
  change(config);
  writeFileSync(file, JSON.stringify(config));
  return { id: `${own}-${name}`, bundle: dir };
}

/** How often a timer of 5 ms comes while a promise is waited for. */
async function ticksDuring(promise) {
  let ticks = 0;
  const timer = setInterval(() => ticks++, 5);
  try {
    return { result: await promise, ticks };
  } finally {
    clearInterval(timer);
  }
}

test('the example compiles against the types of the package, and does what its words say', {
  skip,
}, () => {
  const tsc = path.join(project, 'node_modules/.bin/tsc');
  execFileSync(tsc, ['-p', path.join(project, 'docs/examples')], { encoding: 'utf8' });
  const { bundle: dir } = bundle('example', 'sleep 0.1; exit 3');
  const program = path.join(project, 'dist/docs/examples/library.js');
  const done = spawnSync(process.execPath, [program, dir, path.join(top, 'example-state')], {
    encoding: 'utf8',
    timeout: 120_000,
  });
  assert.equal(done.stderr, '');
  assert.match(
    done.stdout,
    new RegExp(
      [
        /^a plan of \d+ steps, the last: exec/,
        /one is created, process \d+/,
        /one has ended with 3, and is stopped/,
        /two and three: 3, 3; the timer went on/,
        /four has 1 process/,
        /four has ended with 137/,
        /container-not-found: container does not exist\n$/,
      ]
        .map(({ source }) => source)
        .join('\n'),
    ),
  );
  assert.equal(done.status, 0);
});

test('a use that the types forbid is found', () => {
  const dir = path.join(project, 'dist/docs/types');
  mkdirSync(dir, { recursive: true });
  try {
    const wrong =
      "import { kill, openRuntime } from 'ocirt';\nkill(openRuntime({ root: '/r' }), { id: 'a', signal: 'KILL' });\n";
    writeFileSync(path.join(dir, 'wrong.ts'), wrong);
    const config = { extends: '../../../docs/examples/tsconfig.json', include: ['*.ts'] };
    writeFileSync(
      path.join(dir, 'tsconfig.json'),
      JSON.stringify({ ...config, compilerOptions: { noEmit: true, rootDir: '.' } }),
    );
    const found = spawnSync(path.join(project, 'node_modules/.bin/tsc'), ['-p', dir], {
      encoding: 'utf8',
    });
    assert.match(found.stdout, /wrong\.ts\(2,\d+\): error TS2322: Type 'string'/);
  } finally {
    rmSync(dir, { recursive: true, force: true });
  }
});

test('validate names faults and throws nothing', () => {
  const { bundle: dir } = bundle('valid', 'true');
  assert.deepEqual(validate(runtime, { bundle: dir }), { valid: true, faults: [], warnings: [] });
  const { bundle: broken } = bundle('broken', 'true', (config) => {
    config.hostname = 5;
  });
  const { valid, faults } = validate(runtime, { bundle: broken });
  assert.equal(valid, false);
  assert.deepEqual(
    faults.map(({ pointer, code }) => [pointer, code]),
    [['/hostname', 'config-invalid']],
  );
  const { faults: missing } = validate(runtime, { bundle: path.join(top, 'none') });
  assert.equal(missing[0].code, 'bundle-missing');
});

test('plan decides and makes nothing', () => {
  const before = list(runtime).length;
  const { plan: steps, cgroup } = plan(runtime, bundle('planned', 'true'));
  assert.equal(steps.steps.at(-1).op, 'exec');
  assert.ok(Object.keys(cgroup.paths).length > 0);
  assert.equal(list(runtime).length, before);
});

test('waitAsync: the event loop goes on, and the status is told', { skip }, async () => {
  const made = bundle('waited', 'sleep 0.5; exit 7');
  create(runtime, made);
  start(runtime, made.id);
  const { result, ticks } = await ticksDuring(waitAsync(runtime, made.id));
  assert.equal(result.exitCode, 7);
  assert.ok(ticks > 5, `${ticks} ticks`);
  assert.equal(state(runtime, made.id).status, 'stopped');
  remove(runtime, { id: made.id });
});

test('wait reaps a container that is the child of the program', { skip }, () => {
  const made = bundle('reaped', 'sleep 1000');
  const { pid } = create(runtime, made);
  start(runtime, made.id);
  kill(runtime, { id: made.id, signal: parseSignal('KILL') });
  assert.deepEqual(wait(runtime, made.id), {
    exitCode: 137,
    signal: 9,
    oomKilled: false,
    finished: null,
  });
  assert.ok(!existsSync(`/proc/${pid}`), 'it is a zombie');
  remove(runtime, { id: made.id });
});

test('runAsync: several at once, beside children that are no containers', { skip }, async () => {
  const child = spawn('sh', ['-c', 'sleep 0.2; exit 4']);
  const childEnded = new Promise((resolve) => child.once('exit', resolve));
  const { result, ticks } = await ticksDuring(
    Promise.all(
      [1, 2].map((code) => runAsync(runtime, bundle(`run${code}`, `sleep 0.3; exit ${code}`))),
    ),
  );
  assert.deepEqual(result, [1, 2]);
  assert.ok(ticks > 5, `${ticks} ticks`);
  assert.equal(await childEnded, 4, "the program's own child was reaped by somebody else");
  assert.ok(!list(runtime).some(({ id }) => /run\d/.test(id)), 'they are deleted');
});

test('runAsync: errors are those of run', { skip }, async () => {
  const broken = bundle('faulty', 'true', (config) => {
    config.hostname = 5;
    config.process.cwd = 'relative';
  });
  await assert.rejects(runAsync(runtime, broken), (error) => {
    assert.ok(error instanceof ConfigError);
    assert.deepEqual(error.faults.map(({ pointer }) => pointer).sort(), [
      '/hostname',
      '/process/cwd',
    ]);
    return true;
  });
  const lost = bundle('lost', 'true', (config) => {
    config.process.args = ['/none'];
  });
  await assert.rejects(runAsync(runtime, lost), (error) => {
    assert.ok(error instanceof OcirtError);
    assert.equal(error.code, 'command-not-found');
    return true;
  });
});

test('execAsync, and kill of what runAsync waits for', { skip }, async () => {
  const made = bundle('box', 'trap "exit 9" TERM; touch /tmp/up; while true; do sleep 0.05; done');
  const ended = runAsync(runtime, made);
  const exec = (...args) => execAsync(runtime, { id: made.id, args });
  // It is there once runAsync's thread has made it.
  while (!list(runtime).some(({ id, status }) => id === made.id && status === 'running')) {
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  assert.equal(await exec('sh', '-c', 'until [ -e /tmp/up ]; do sleep 0.05; done; exit 6'), 6);
  kill(runtime, { id: made.id, signal: parseSignal('TERM') });
  assert.equal(await ended, 9);
});

test('eventsAsync ends with the container, and with the loop', { skip }, async () => {
  const made = bundle('told', 'sleep 1000');
  create(runtime, made);
  const told = [];
  for await (const event of eventsAsync(runtime, made.id, { intervalMs: 50 })) {
    told.push(event.type);
    if (told.length === 2) kill(runtime, { id: made.id, signal: 9 });
  }
  assert.deepEqual([...new Set(told)], ['stats']);
  await waitAsync(runtime, made.id);
  await assert.rejects(eventsAsync(runtime, made.id, { intervalMs: 50 }).next(), {
    code: 'container-not-running',
  });
  remove(runtime, { id: made.id });
  const all = eventsAsync(runtime, undefined, {
    intervalMs: 1000,
    signal: AbortSignal.timeout(1),
  });
  await assert.rejects(all.next(), { name: 'AbortError' });
});

test('a signal ends a wait, and so does the end of the program', { skip }, async () => {
  const made = bundle('left', 'sleep 1000');
  create(runtime, made);
  const aborter = new AbortController();
  const waiting = waitAsync(runtime, made.id, { signal: aborter.signal });
  setTimeout(() => aborter.abort(), 100);
  await assert.rejects(waiting, { name: 'AbortError' });
  assert.equal(state(runtime, made.id).status, 'created');
  const program = `import { openRuntime, waitAsync } from 'ocirt';
    setTimeout(() => process.exit(5), 1500);
    await waitAsync(openRuntime({ root: process.argv[1] }), process.argv[2]);`;
  const args = ['--input-type=module', '--eval', program, root, made.id];
  const done = spawnSync(process.execPath, args, { cwd: project, timeout: 60_000 });
  assert.equal(done.status, 5, String(done.stderr));
  remove(runtime, { id: made.id, force: true });
});
