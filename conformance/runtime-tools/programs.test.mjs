// Small programs in the place of the upstream ones.
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { judge } from './programs.mjs';

const main = path.join(path.dirname(fileURLToPath(import.meta.url)), 'main.mjs');
const suite = mkdtempSync(path.join(tmpdir(), 'ocirt-suite-'));
after(() => rmSync(suite, { recursive: true }));

/** A program that is its own folder's, as upstream's are. */
function program(name, ...lines) {
  mkdirSync(path.join(suite, 'validation', name), { recursive: true });
  const text = ['#!/bin/bash', ...lines, ''].join('\n');
  writeFileSync(path.join(suite, 'validation', name, `${name}.t`), text, { mode: 0o755 });
}

/** The table's rows by program, and how it ended. */
async function run(...args) {
  const words = [main, '--suite', suite, '--runtime', '/bin/true', ...args];
  const { stdout, stderr, code } = await promisify(execFile)(process.execPath, words).catch(
    (error) => error,
  );
  const rows = new Map(
    stdout
      .split('\n')
      .filter((line) => line.startsWith('| '))
      .map((line) => line.slice(2, -2).split(' | '))
      .map(([name, ...cells]) => [name, cells]),
  );
  return { rows, status: code ?? 0, stderr, stdout };
}

const skip = process.getuid() !== 0 && 'it takes root';

test('verdicts, counts and the status', { skip }, async () => {
  program('good', 'echo "ok 1 - it is good"', 'echo "ok 2 # SKIP not set"', 'echo 1..2');
  program('bad', 'echo 1..1', 'echo "not ok 1 - it is | bad"');
  program('none', 'echo 1..1', 'echo "ok 1 # SKIP: no such controller"');
  program('silent', 'echo "failed to create the container" >&2', 'exit 1');
  program('cut', 'echo 1..2', 'echo "ok 1 - one of two"');
  program('empty', 'echo "TAP version 13"', 'echo 1..0');
  program('mute', 'echo "refused, as it must be" >&2');
  const names = ['good', 'bad', 'none', 'silent', 'cut', 'empty', 'mute'];
  const { rows, status, stdout } = await run(...names);
  assert.deepEqual(rows.get('good'), ['passed', '1', '0', '1', '']);
  assert.deepEqual(rows.get('bad'), ['failed', '0', '1', '0', 'it says: it is \\| bad']);
  assert.equal(rows.get('none')?.[0], 'skipped');
  assert.equal(rows.get('silent')?.at(-1), 'it says: failed to create the container');
  assert.equal(rows.get('cut')?.[0], 'failed');
  for (const name of ['empty', 'mute']) {
    assert.deepEqual(rows.get(name), ['passed', '0', '0', '0', 'it holds no test']);
  }
  assert.equal(status, 1);
  assert.match(stdout, /\n3 passed, 3 failed, 1 skipped\n$/);
});

test('a program sees the runtime, its folder and the machine, and can harm nothing', {
  skip,
}, async () => {
  const files = ['/etc/passwd', main, path.join(suite, 'kept')];
  writeFileSync(path.join(suite, 'kept'), 'kept');
  const before = files.map((file) => readFileSync(file));
  program(
    'harm',
    `[ "$RUNTIME" = /bin/true ] && [ "$PWD" = "${suite}" ] && [ -s /etc/passwd ] && echo "ok 1 - sees"`,
    'mkdir "$TMPDIR/etc" && touch "$TMPDIR/here" && echo "ok 2 - writes to its own"',
    // What the upstream test does, with a runtime that makes the mount writable.
    'mount --bind /etc "$TMPDIR/etc" && mount -o remount,bind,rw "$TMPDIR/etc"',
    'rm -rf "$TMPDIR" 2>/dev/null',
    ...files.map((file) => `echo gone 2>/dev/null >${file}; rm -f ${file} 2>/dev/null`),
    'mount -o remount,rw / 2>/dev/null && touch /of-the-test',
    '[ -e /etc/passwd ] && echo "ok 3 - is still there"',
    'echo 1..3',
  );
  const { rows, status, stdout, stderr } = await run('harm');
  assert.equal(rows.get('harm')?.[0], 'passed', stdout + stderr);
  assert.equal(status, 0);
  assert.deepEqual(
    files.map((file) => readFileSync(file)),
    before,
  );
  assert.ok(!existsSync('/of-the-test'));
});

test('one that does not end is ended, with all that it started', { skip }, async () => {
  program('stuck', 'sleep 4711 &', 'sleep 4711');
  const { rows, status } = await run('--seconds', '3', 'stuck');
  assert.match(rows.get('stuck')?.at(-1) ?? '', /took too long/);
  assert.equal(status, 1);
});

test('a known reason excuses a failure; a known race has a second run', { skip }, async () => {
  program('delete', 'echo "not ok 1 - refused"', 'echo 1..1');
  program('hostname', 'echo "not ok 1 - the name"', 'echo 1..1');
  const known = await run('delete');
  assert.match(known.rows.get('delete')?.at(-1) ?? '', /a created container/);
  assert.equal(known.status, 0);
  const race = await run('hostname');
  assert.equal(race.rows.get('hostname')?.[0], 'failed (second run)');
  assert.equal(race.status, 1);
});

test('what cannot be run is said', { skip }, async () => {
  const { status, stderr } = await run('no-such');
  assert.equal(status, 2);
  assert.match(stderr, /no no-such\.t below/);
});

test('several texts in a row are one', () => {
  const stdout =
    'ok 1 - a\n1..1\nTAP version 13\nok 1 - b\n  ---\n  {"x": 1}\n  ...\nok 2 # SKIP no\n1..2\n';
  const { verdict, counts } = judge({ status: 0, timedOut: false, stdout, stderr: '' });
  assert.equal(verdict, 'passed');
  assert.deepEqual(counts, { passed: 2, failed: 0, skipped: 1 });
});
