/**
 * The verdict of `validate --format-only` is that of the specification's own JSON schema. Debian's
 * package golang-github-opencontainers-specs-dev has the schema; RUNTIME_SPEC names the `schema`
 * folder of another version, such as of a checkout, which has examples as well.
 */
import assert from 'node:assert/strict';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { Ajv } from 'ajv';
import { OcirtError } from '../errors.js';
import { checkFormat } from './load.js';
import { brokenCases } from './testing/broken-cases.js';
import { GOOD, toJson } from './testing/fixtures.js';

const FOLDER =
  process.env.RUNTIME_SPEC ?? '/usr/share/gocode/src/github.com/opencontainers/runtime-spec/schema';
const skip = existsSync(join(FOLDER, 'config-schema.json'))
  ? false
  : 'golang-github-opencontainers-specs-dev is not installed';

type Verdict = (text: string) => boolean;

/** The official schema is of draft 4; of what has changed since it uses nothing. */
function officialVerdict(): Verdict {
  const ajv = new Ajv({ strict: false, validateSchema: false, logger: false });
  for (const name of readdirSync(FOLDER).filter((file) => file.endsWith('.json'))) {
    const { $schema: _, ...schema } = JSON.parse(readFileSync(join(FOLDER, name), 'utf8'));
    ajv.addSchema(schema, name);
  }
  const validate = ajv.getSchema('config-schema.json');
  assert.ok(validate !== undefined);
  return (text) => {
    try {
      return validate(JSON.parse(text)) === true;
    } catch (error) {
      if (error instanceof SyntaxError) return false;
      throw error;
    }
  };
}

const ourVerdict: Verdict = (text) => {
  try {
    checkFormat(text);
    return true;
  } catch (error) {
    if (error instanceof OcirtError) return false;
    throw error;
  }
};

/** Go reads null as "not there", and so do engines that write it. */
const NULL_PROCESS = 'default: /process null';

/** The good configs that a schema knows all of: an older one refuses what came after it. */
const known = (official: Verdict) =>
  Object.keys(GOOD).filter((name) => official(toJson(GOOD[name as keyof typeof GOOD])));

test('what the official schema refuses is refused', { skip }, () => {
  const official = officialVerdict();
  const bases = known(official);
  let refused = 0;
  for (const { name, text } of brokenCases()) {
    const base = name.slice(0, name.indexOf(':'));
    if (!bases.includes(base) || name === NULL_PROCESS || official(text)) continue;
    // Time namespaces came with 1.1, which `full` tells.
    if (!bases.includes('full') && text.includes('"time"')) continue;
    refused++;
    assert.equal(ourVerdict(text), false, name);
  }
  assert.ok(refused > 50, `${refused} of the broken configs are refused by the official schema`);
});

test('the good configs are good for both', { skip }, () => {
  const bases = known(officialVerdict());
  assert.ok(bases.length >= 3, `${bases}`);
  for (const name of Object.keys(GOOD)) {
    assert.equal(ourVerdict(toJson(GOOD[name as keyof typeof GOOD])), true, name);
  }
});

for (const verdict of ['good', 'bad'] as const) {
  const examples = join(FOLDER, 'test/config', verdict);
  const missing = existsSync(examples)
    ? false
    : 'this version of the schema comes without examples';
  test(`the ${verdict} examples of the specification`, { skip: skip || missing }, () => {
    const official = officialVerdict();
    for (const name of readdirSync(examples)) {
      const text = readFileSync(join(examples, name), 'utf8');
      assert.equal(official(text), verdict === 'good', `official: ${name}`);
      assert.equal(ourVerdict(text), verdict === 'good', name);
    }
  });
}
