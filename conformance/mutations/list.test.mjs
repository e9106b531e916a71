// The list keeps up with the source: every edit finds its place, every attack is a test.
import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { MUTATIONS, sourceOf } from './list.mjs';

const PROJECT = fileURLToPath(new URL('../..', import.meta.url));
const read = (file) => readFileSync(`${PROJECT}/${file}`, 'utf8');

for (const { name, edits, tests } of MUTATIONS) {
  test(`${name}: the source has what is taken out`, () => {
    assert.ok(edits.length > 0 && tests.length > 0);
    for (const { file, search, replace } of edits) {
      assert.equal(read(file).split(search).length, 2, `${file} has this once: ${search}`);
      assert.notEqual(search, replace);
    }
    for (const [file] of tests) read(`${sourceOf(file)}.test.ts`);
  });
}

test('every file of attacks has a mutation', () => {
  const files = readdirSync(`${PROJECT}/conformance/security`).flatMap(
    (name) => /^(.+)\.test\.ts$/.exec(name)?.[1] ?? [],
  );
  const covered = new Set(MUTATIONS.flatMap(({ tests }) => tests.map(([file]) => file)));
  assert.deepEqual(
    files.filter((file) => !covered.has(file)),
    [],
  );
});

test('docs/security.md names every file of attacks', () => {
  const text = read('docs/security.md');
  for (const { tests } of MUTATIONS) {
    for (const [file] of tests) {
      const name = sourceOf(file).replace('conformance/', '');
      assert.ok(text.includes(`${name}.test.ts`), name);
    }
  }
});
