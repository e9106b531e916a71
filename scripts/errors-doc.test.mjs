// docs/errors.md against the source: every code of an error is in its tables, none is there that
// no error has, and the exit codes are those of the verbs.
import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { test } from 'node:test';

const root = new URL('../', import.meta.url);
const docs = readFileSync(new URL('docs/errors.md', root), 'utf8');

const sources = readdirSync(new URL('src/', root), { recursive: true })
  .filter((file) => /\.ts$/.test(file) && !/\.test\.ts$|^native\/(standalone|testing)/.test(file))
  .map((file) => readFileSync(new URL(`src/${file}`, root), 'utf8'));

/** Where a code stands in the source. */
const PLACES = [
  /OcirtError\(\s*'([a-z-]+)'/g,
  /\bwrap\(\s*[\w.]+,\s*'([a-z-]+)'/g,
  /\bcode: '([a-z-]+)'/g,
];

/** The codes in the first column of the tables behind "## Codes". */
function documented() {
  const rows = docs.slice(docs.indexOf('## Codes')).match(/^\| `.*/gm) ?? [];
  return rows
    .flatMap((row) => row.split(' | ')[0].match(/`[a-z-]+`/g) ?? [])
    .map((code) => code.slice(1, -1));
}

test('every code of the source is in the tables', () => {
  const codes = new Set(
    sources.flatMap((text) =>
      PLACES.flatMap((place) => [...text.matchAll(place)].map(([, code]) => code)),
    ),
  );
  assert.ok(codes.size > 80, `found only ${codes.size}`);
  const known = documented();
  assert.deepEqual(
    [...codes].filter((code) => !known.includes(code)),
    [],
  );
});

test('every code of the tables is in the source, once in the tables', () => {
  const known = documented();
  assert.deepEqual(
    known.filter((code) => !sources.some((text) => text.includes(`'${code}'`))),
    [],
  );
  assert.deepEqual(
    known.filter((code, index) => known.indexOf(code) !== index),
    [],
  );
});

test('every code says what to do', () => {
  const rows = docs.slice(docs.indexOf('## Codes')).match(/^\| `.*/gm) ?? [];
  const cells = rows.map((row) => row.replaceAll('\\|', '').split('|'));
  assert.deepEqual(
    cells.filter(([, , meaning = '', advice = '']) =>
      [meaning, advice].some((text) => !text.trim()),
    ),
    [],
  );
});

test('the exit codes are those of the verbs', async () => {
  const { VERBS } = await import('../dist/cli/verbs.js');
  const rows = docs.slice(0, docs.indexOf('## Codes')).match(/^\| .*/gm) ?? [];
  for (const entry of VERBS) {
    const verb = await entry.load();
    const row =
      rows.find((text) => text.includes(`\`${entry.name}\``)) ??
      rows.find((text) => text.includes('every other verb'));
    assert.equal(Number(row.split('|')[3]), verb.failureCode ?? 1, entry.name);
  }
});
