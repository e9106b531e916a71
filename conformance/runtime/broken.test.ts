/**
 * Broken config.json files: each is refused with the pointer of the fault and status 1, and
 * nothing is left. The table is that of the unit tests (src/spec/testing/broken-cases.ts); its
 * pointers are ocirt's own, so other runtimes are not held to it.
 */

import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { after, test } from 'node:test';
import { pathToFileURL } from 'node:url';
import { cgroupDirectories } from '../lib/host.js';
import { notOwn, OWN, PROJECT } from '../lib/runtime.js';
import { Sandbox } from '../lib/sandbox.js';

interface BrokenCase {
  name: string;
  text: string;
  pointer: string;
}

const module = await import(
  pathToFileURL(path.join(PROJECT, 'dist/spec/testing/broken-cases.js')).href
);
const cases = module.brokenCases() as BrokenCase[];
const skip = notOwn;

/** The pointer as a whole: not as the beginning of a longer one. */
function naming(pointer: string): RegExp {
  const literal = pointer.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
  return new RegExp(`(^|[\\s"'=(\`])${literal}(?![\\w/~-])`);
}

test(`${OWN}there are at least 200 broken configs, each of its own kind`, { skip }, () => {
  assert.ok(cases.length >= 200, `${cases.length}`);
  assert.equal(new Set(cases.map((one) => one.name)).size, cases.length);
});

const sandbox = new Sandbox();
const bundle = sandbox.bundle();
/** The cgroups that the good configs name; none may be made. */
const before = ['/libpod_parent', '/default'].flatMap(cgroupDirectories);

for (const { name, text, pointer } of cases) {
  test(`${OWN}refused: ${name}`, { skip }, () => {
    writeFileSync(path.join(bundle, 'config.json'), text);
    const result = sandbox.runtime(['create', '--bundle', bundle, 'bundle-broken']);
    assert.equal(result.status, 1, result.stderr);
    assert.match(result.stderr, naming(pointer));
    sandbox.assertClean();
    assert.deepEqual(['/libpod_parent', '/default'].flatMap(cgroupDirectories), before);
  });
}

after(() => sandbox.end());
