import assert from 'node:assert/strict';
import { test } from 'node:test';
import { valueAt } from './diagnose.js';
import { parseJson } from './json.js';
import { ConfigError, loadConfig } from './load.js';
import { brokenCases } from './testing/broken-cases.js';
import { GOOD, toJson } from './testing/fixtures.js';

test('the good configs are accepted without a warning', () => {
  for (const [name, config] of Object.entries(GOOD)) {
    const { warnings } = loadConfig(toJson(config), name);
    assert.deepEqual(warnings, [], name);
  }
});

test('there are at least 200 broken configs, each with a name of its own', () => {
  const names = brokenCases().map(({ name }) => name);
  assert.ok(names.length >= 200, `${names.length}`);
  assert.equal(new Set(names).size, names.length);
});

/** The nearest value at or around a pointer, and whether it is the one that was asked for. */
function around(document: unknown, pointer: string): { value: unknown; exact: boolean } {
  for (let at = pointer; ; at = at.slice(0, at.lastIndexOf('/'))) {
    const value = valueAt(document, at);
    if (value !== undefined || at === '') return { value, exact: at === pointer };
  }
}

for (const { name, text, pointer, faults } of brokenCases()) {
  test(`refused: ${name}`, () => {
    assert.throws(
      () => loadConfig(text, 'config.json'),
      (error) => {
        assert.ok(error instanceof ConfigError, String(error));
        const user = /\/user\/(uid|gid|additionalGids\/\d+)/.test(pointer);
        assert.equal(error.code, user ? 'user-invalid' : 'config-invalid');
        assert.equal(error.pointer, pointer, error.message);
        // No more is said than is wrong.
        assert.equal(error.faults.length, faults, error.message);
        assert.match(error.message, /^config\.json: \d faults?: .*\(line \d+, column \d+\)/);
        const fault = error.faults[0];
        assert.ok(fault !== undefined && fault.line > 0 && fault.column > 0);
        assert.notEqual(fault.allowed, '');
        // The text at that place is the value, or what is around a missing one.
        const { value } = around(parseJson(text), pointer);
        const there = text.split('\n')[fault.line - 1]?.slice(fault.column - 1) ?? '';
        const written = toJson(value).split('\n')[0] ?? '';
        assert.ok(there.startsWith(written), `${there} is not ${written}`);
        return true;
      },
    );
  });
}
