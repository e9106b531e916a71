import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';
import { KNOWN, kindOf, OWN, PROJECT } from '../lib/runtime.js';
import { noteOf } from '../notes.js';
import { placeOf } from './areas.js';
import { compare, totals } from './comparison.js';
import { markdown } from './markdown.js';
import { picture } from './picture.js';
import { reasonOf } from './reason.js';
import { fromJson, merge, type Run, toJson } from './record.js';
import { type Result, resultOf } from './results.js';
import { testFiles } from './run.js';
import { parseSubject, type Subject } from './subjects.js';
import { Tap } from './tap.js';

const subject = (name: string, kind: Subject['kind'] = 'other'): Subject => ({
  name,
  kind,
  binary: `/usr/bin/${name}`,
  version: '1.2',
});
const SUBJECTS = [subject('ocirt', 'ocirt'), subject('crun', 'crun'), subject('runc', 'runc')];

const passed = (name: string) => resultOf('root', { name, outcome: 'passed' });
const failed = (name: string, error: string) =>
  resultOf('root', { name, outcome: 'failed', error });

function three() {
  return compare(
    SUBJECTS,
    new Map<string, Result[]>([
      ['ocirt', [passed('a'), passed('b | c'), passed(`${OWN}d`)]],
      ['crun', [failed('a', `Error: ${KNOWN}it is old\nat x`), passed('b | c')]],
      [
        'runc',
        [
          failed('a', 'Error: no\n    at x'),
          resultOf('root', { name: 'b | c', outcome: 'skipped', reason: 'no y' }),
        ],
      ],
    ]),
  );
}

test('every test file has an area', () => {
  const files = testFiles([]);
  assert.ok(files.length > 30);
  files.push(...testFiles([], 'engines'));
  for (const file of files) assert.notEqual(placeOf(file, 'anything').area, '');
  assert.throws(() => placeOf('none', 'anything'), /no area for none/);
});

test('patterns are parts of the path of a test file', () => {
  assert.deepEqual(testFiles(['runtime/mounts.']), ['mounts']);
  assert.deepEqual(testFiles(['security/procfs.']), ['security/procfs']);
  assert.equal(placeOf('security/procfs', 'anything').area, 'security');
  assert.deepEqual(testFiles(['no-such']), []);
});

test('the reason of a failure is what is known, or its message in a line', () => {
  assert.equal(reasonOf(`Error: ${KNOWN}it is old\nAssertionError: x`), 'it is old');
  const text = 'AssertionError [ERR_ASSERTION]: they differ:\n\n0 !== 1\n\n    at file:1';
  assert.equal(reasonOf(text), 'they differ');
  assert.equal(reasonOf('Error: spawnSync /bin/x ETIMEDOUT\n at y'), 'it does not come back');
  const run = 'Error: time="2026" level=error of /tmp/ocirt-test-aB1/x';
  assert.equal(reasonOf(run), 'level=error of TEST/x');
});

test('a comparison is told in words', () => {
  const said = (...lines: string[]) =>
    reasonOf(`AssertionError [ERR_ASSERTION]: ${lines.join('\n')}\n\n    at file:///x.js:1:1\n`);
  const EQUAL = 'Expected values to be strictly equal:';
  assert.equal(said(EQUAL, '', "'0022' !== '0077'"), "'0022' in place of '0077'");
  const legend = '+ actual - expected';
  assert.equal(
    said(EQUAL, legend, '', '  {', '+   a: 1,', '-   a: 2,', '  }'),
    'a: 1 in place of a: 2',
  );
  assert.equal(said(EQUAL, `${legend} ... Lines skipped`, '', "+ 'x'"), "'x', too much");
  assert.equal(
    said('left behind', legend, '', '+ [', "+   'x'", '+ ]', '- []'),
    "left behind: [ 'x' ], too much",
  );
  assert.equal(said(EQUAL, legend, '', "- 'x'"), "without 'x'");
  const matched = 'The input did not match the regular expression /x/. Input:';
  assert.equal(said(matched, '', "'y\\n'"), "'y\\n' in place of /x/");
  // What the input is may be the environment of who runs the suite.
  const present = 'The input was expected to not match the regular expression /x/. Input:';
  assert.equal(said(present, '', "'x y'"), '/x/ is in what it says');
  assert.equal(said('Expected "actual" to be strictly unequal to: 0'), '0, which it should not be');
  const untrue = 'The expression evaluated to a falsy value:';
  assert.equal(said(untrue, '', "  assert.ok(env.includes('a'))"), "not so: env.includes('a')");
  assert.equal(reasonOf('SyntaxError: Unexpected end of JSON input\n at y'), 'no JSON');
});

test('a skip without a reason is a failure', () => {
  assert.equal(resultOf('root', { name: 'a', outcome: 'skipped' }).outcome, 'failed');
});

test('TAP is numbered through, names its sections, escapes what TAP reads', () => {
  let text = '';
  const tap = new Tap((more) => {
    text += more;
  });
  tap.result('crun', passed('a'));
  tap.result('runc', failed('b', 'no\n\nnever'));
  tap.result('', resultOf('cli', { name: `${OWN}c`, outcome: 'skipped', reason: 'why' }));
  tap.end();
  assert.equal(
    text,
    [
      'ok 1 - crun: config.md\\#root: a',
      'not ok 2 - runc: config.md\\#root: b',
      '# no',
      '#',
      '# never',
      `ok 3 - ${OWN}runc's command line: c # SKIP why`,
      '1..3',
      '',
    ].join('\n'),
  );
});

test("what is ocirt's own counts for nobody", () => {
  const comparison = three();
  assert.equal(comparison.own, 1);
  assert.deepEqual(totals(comparison), [
    { passed: 2, failed: 0, skipped: 0 },
    { passed: 1, failed: 1, skipped: 0 },
    { passed: 0, failed: 1, skipped: 1 },
  ]);
});

test('what both references fail is marked, and only that', () => {
  assert.deepEqual(
    three().tests.map(({ note }) => note),
    ['', undefined],
  );
  const [, crun] = SUBJECTS;
  assert.ok(crun);
  const one = compare([crun], new Map([['crun', [failed('a', 'no')]]]));
  assert.deepEqual(
    one.tests.map(({ note }) => note),
    [undefined],
  );
});

test('two tests of one name are two', () => {
  const [ocirt] = SUBJECTS;
  assert.ok(ocirt);
  const both = compare([ocirt], new Map([['ocirt', [passed('a'), failed('a', 'no')]]]));
  assert.equal(both.tests.length, 2);
});

test('the Markdown has totals, areas, reasons, marks and skips', () => {
  const text = markdown([{ machine: 'Run somewhere.', comparison: three() }]);
  assert.match(text, /^\| crun \| 1\.2 \| 1 \| 1 \| 0 \|$/m);
  assert.match(text, /^\| root \| 2 \/ 2 \| 1 \/ 2 \| 0 \/ 1 \(1 skipped\) \|$/m);
  assert.match(text, /^\| `config.md#root`: a † \| passed \| it is old \| no \|$/m);
  assert.match(text, /Nobody has looked at it twice yet/);
  assert.match(text, /^\| no y \| 0 \| 0 \| 1 \|$/m);
});

test('the picture has a bar for each part of a count, for each area and in total', () => {
  const svg = picture(three());
  assert.equal(svg.match(/class="passed /g)?.length, 3 + 2 * 2);
  assert.equal(svg.match(/class="failed /g)?.length, 2 * 2);
  assert.doesNotMatch(svg, /NaN/);
});

test('a runtime is a program, with a name before it or not', () => {
  assert.deepEqual(parseSubject('/bin/sh'), { name: 'sh', binary: '/bin/sh', kind: 'other' });
  assert.equal(parseSubject('new=/bin/sh').name, 'new');
  assert.throws(() => parseSubject('/nonexistent'), /there is no program/);
  assert.equal(kindOf('/opt/crun-1.28'), 'crun');
});

test('each note is a sentence, and of a test that there is', () => {
  const source = readFileSync(path.join(PROJECT, 'conformance/notes.ts'), 'utf8');
  assert.equal(noteOf('none: no such test'), undefined);
  for (const [, file] of source.matchAll(/\[\s*\/\^([\w-]+): /g)) {
    assert.ok(testFiles([`/${file}.`]).length === 1, `no test file ${file}`);
  }
});

function runOf(machine: string, results: Record<string, Result[]>): Run {
  const subjects = SUBJECTS.filter(({ name }) => Object.hasOwn(results, name));
  return { machine, subjects, results: new Map(Object.entries(results)) };
}

test('a run is the same when it has been written and read', () => {
  const error = `Error: ${KNOWN}it is old`;
  const run = runOf('Run here.', {
    ocirt: [passed('a'), passed(`${OWN}b`)],
    crun: [failed('a', error)],
  });
  const [again] = fromJson(toJson([run]));
  assert.ok(again);
  assert.equal(toJson([again]), toJson([run]));
  assert.equal(again.results.get('ocirt')?.[1]?.own, true);
  assert.equal(again.results.get('crun')?.[0]?.reason, 'it is old');
  assert.equal(fromJson(toJson([run, { ...run, machine: 'Run there.' }])).length, 2);
});

test('runs of one place are put together: the later one of a file is what counts', () => {
  const other = resultOf('cli', { name: 'c', outcome: 'passed' });
  const merged = merge([
    runOf('Run here.', { ocirt: [failed('a', 'under load'), other] }),
    runOf('Run there.', { ocirt: [passed('a')] }),
    runOf('Run here.', { ocirt: [passed('a')], runc: [failed('a', 'no')] }),
  ]);
  assert.deepEqual(
    merged.map(({ machine }) => machine),
    ['Run here.', 'Run there.'],
  );
  const names = (name: string) =>
    merged[0]?.results.get(name)?.map(({ file, outcome }) => `${file} ${outcome}`);
  assert.deepEqual(names('ocirt'), ['cli passed', 'root passed']);
  assert.deepEqual(names('runc'), ['root failed']);
});

test('of further places the Markdown has what fails in them alone', () => {
  const place = (machine: string, ...names: string[]) => ({
    machine,
    comparison: compare(SUBJECTS, new Map([['ocirt', names.map((name) => failed(name, 'no'))]])),
  });
  const text = markdown([place('Run by root.', 'a'), place('Run by a user.', 'a', 'b')]);
  assert.match(text, /^\| a user \| 0 \/ 2 \|/m);
  const [, user = ''] = text.split('## a user');
  assert.match(user, /^\| `config.md#root`: b \| no /m);
  assert.doesNotMatch(user, /^\| `config.md#root`: a /m);
});
