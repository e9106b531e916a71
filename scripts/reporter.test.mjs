// What the runner counts must be what node:test and TAP said: real test files are run through the
// reporter, and texts through the TAP reader.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { parseTap } from './tap.mjs';

const scripts = path.dirname(fileURLToPath(import.meta.url));
const root = path.join(scripts, '..');

/** Runs `body` as a test file; what the reporter says of it, and the exit status. */
function report(body) {
  const folder = mkdtempSync(path.join(tmpdir(), 'ocirt-reporter-'));
  try {
    const file = path.join(folder, 'x.mjs');
    const lines = path.join(folder, 'lines');
    writeFileSync(file, `import { test, describe, after } from 'node:test';\n${body}`);
    const { NODE_TEST_CONTEXT: _, ...env } = process.env;
    const { status } = spawnSync(
      process.execPath,
      [
        `--test-reporter=${path.join(scripts, 'reporter.mjs')}`,
        `--test-reporter-destination=${lines}`,
        file,
      ],
      { env },
    );
    const told = readFileSync(lines, 'utf8').split('\n').filter(Boolean).map(JSON.parse);
    return { status, told: told.map(({ name, outcome }) => `${outcome}: ${name}`), lines: told };
  } finally {
    rmSync(folder, { recursive: true });
  }
}

test('passed, failed and skipped are told apart', () => {
  const { status, told, lines } = report(`
    test('good', () => {});
    test('bad', () => { throw new Error('the fault'); });
    test('not here', { skip: 'no such kernel' }, () => {});
    test('late', (t) => t.skip('found out late'));
    test('without a reason', { skip: true }, () => {});`);
  assert.deepEqual(told, [
    'passed: good',
    'failed: bad',
    'skipped: not here',
    'skipped: late',
    'skipped: without a reason',
  ]);
  assert.match(lines[1].error, /the fault/);
  assert.equal(lines[2].reason, 'no such kernel');
  assert.equal(lines[3].reason, 'found out late');
  assert.equal(lines[4].reason, '');
  assert.notEqual(status, 0);
});

test('what only groups is not counted', () => {
  const { told } = report(`
    describe('group', () => { test('inner', () => {}); });
    test('outer', async (t) => {
      await t.test('one', () => {});
      await t.test('two', () => { throw new Error('x'); });
    });`);
  assert.deepEqual(told, ['passed: group > inner', 'passed: outer > one', 'failed: outer > two']);
});

test('a hook that fails is a failure', () => {
  // The status is Node.js's own affair: 22 ends with 0 here.
  const { told } = report(`
    describe('group', () => {
      after(() => { throw new Error('x'); });
      test('inner', () => {});
    });`);
  assert.ok(told.includes('failed: group'), told.join());
});

test('TAP: outcomes, reasons, details', () => {
  const { tests, complete } = parseTap(
    'ok 1 - a\nnot ok 2 - b\n# why\n# and how\nok 3 - c # SKIP not here\n1..3\n',
  );
  assert.ok(complete);
  assert.deepEqual(
    tests.map(({ name, outcome }) => `${outcome}: ${name}`),
    ['passed: a', 'failed: b', 'skipped: c'],
  );
  assert.equal(tests[1].error, 'why\nand how\n');
  assert.equal(tests[2].reason, 'not here');
});

test('TAP without its plan, or with fewer tests than it says, is not whole', () => {
  assert.equal(parseTap('ok 1 - a\n').complete, false);
  assert.equal(parseTap('ok 1 - a\n1..2\n').complete, false);
  assert.equal(parseTap('').complete, false);
});

test('lint: a check that fails is a failed test with its reason', () => {
  const { stdout, status } = spawnSync('bash', ['scripts/lint', 'boundaries', 'nonsense'], {
    cwd: root,
    encoding: 'utf8',
  });
  const { tests, complete } = parseTap(stdout);
  assert.ok(complete);
  assert.deepEqual(
    tests.map(({ name }) => name),
    ['boundaries'],
  );
  assert.equal(status === 0, tests[0].outcome === 'passed');
});
