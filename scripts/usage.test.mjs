// Scripts that take words say which, and take no others: nobody is shown a stack for a word.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';

const root = path.join(path.dirname(fileURLToPath(import.meta.url)), '..');

function run(program, ...words) {
  const { status, stdout, stderr } = spawnSync(program, words, { cwd: root, encoding: 'utf8' });
  return { status, stdout, stderr };
}

/** The words before the script, the script that is run, and the file whose options it tells. */
const SCRIPTS = [
  ['bash', 'scripts/conformance', 'conformance/report/options.ts'],
  ['bash', 'scripts/test', 'scripts/test'],
  ['bash', 'scripts/test-mutations', 'conformance/mutations/main.mjs'],
  ['bash', 'conformance/vm/run', 'conformance/vm/suite.mjs'],
  ['node', 'conformance/runtime-tools/main.mjs', 'conformance/runtime-tools/main.mjs'],
  ['node', 'conformance/resilience/soak.mjs', 'conformance/resilience/soak.mjs'],
];

for (const [program, script, file] of SCRIPTS) {
  test(`${script} --help tells every option`, () => {
    for (const help of ['--help', '-h']) {
      const { status, stdout, stderr } = run(program, script, help);
      assert.equal(status, 0, stderr);
      assert.equal(stderr, '');
      assert.match(stdout, /npm (run|test)/);
      const source = readFileSync(path.join(root, file), 'utf8');
      const options = [...source.matchAll(/^ {2,8}(\w+): \{ type: '(?:string|boolean)'/gm)];
      for (const [, name] of options) assert.ok(stdout.includes(`--${name}`), `--${name}`);
    }
  });
}

test('a word that a script does not take is told without a stack', () => {
  const ofReport = ['node', 'dist/conformance/report/main.js'];
  const wrong = [
    [...ofReport, '--colour'],
    [...ofReport, '--jobs', 'many'],
    [...ofReport, '--suite', 'other'],
    [...ofReport, '--merge', 'file'],
    [...ofReport, '--runtime', '/nowhere'],
    [...ofReport, 'no-such-test-file'],
    ['node', 'conformance/runtime-tools/main.mjs', '--colour'],
    ['node', 'conformance/resilience/soak.mjs', '--colour'],
  ];
  for (const words of wrong) {
    const { status, stdout, stderr } = run(...words);
    assert.equal(status, 2, words.join(' '));
    assert.equal(stdout, '');
    assert.match(stderr, /^[\w.-]+: ./);
    assert.doesNotMatch(stderr, /^ +at /m);
  }
});
