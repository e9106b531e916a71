import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseWords } from './args.js';
import { suggestOption, suggestVerb } from './suggest.js';
import type { OptionSpec } from './verb.js';

const SPECS: readonly OptionSpec[] = [
  { name: 'bundle', short: 'b', argument: 'DIR', description: '' },
  { name: 'format', short: 'f', argument: 'FORMAT', description: '', default: 'table' },
  { name: 'env', short: 'e', argument: 'ENV', description: '', repeat: true },
  { name: 'preserve-fds', argument: 'N', description: '' },
  { name: 'detach', short: 'd', aliases: ['D', 'background'], description: '' },
  { name: 'no-pivot', description: '' },
  { name: 'no-new-privs', description: '' },
];
const ALL = Number.POSITIVE_INFINITY;

const parse = (words: readonly string[], stopAfter = ALL) => parseWords(words, SPECS, stopAfter);

for (const [title, words] of [
  ['two dashes and a blank', ['--bundle', '/b', 'id']],
  ['two dashes and =', ['--bundle=/b', 'id']],
  ['one dash and a blank', ['-bundle', '/b', 'id']],
  ['one dash and =', ['-bundle=/b', 'id']],
  ['the short name', ['-b', '/b', 'id']],
  ['the short name with two dashes', ['--b=/b', 'id']],
  ['behind the argument', ['id', '--bundle', '/b']],
  ['twice: the last counts', ['--bundle', '/a', 'id', '-b', '/b']],
] as const) {
  test(`a value: ${title}`, () => {
    const { values, rest } = parse(words);
    assert.equal(values.text('bundle'), '/b');
    assert.deepEqual(rest, ['id']);
  });
}

for (const [words, detach] of [
  [['--detach'], true],
  [['-d'], true],
  [['-detach'], true],
  [['-D'], true],
  [['--background=false'], false],
  [['--detach=true'], true],
  [['--detach=1'], true],
  [['--detach=false'], false],
  [['--detach=0'], false],
  [[], undefined],
  [['--detach', '--detach=false'], false],
] as const) {
  test(`a switch: ${words.join(' ') || 'nothing'}`, () => {
    assert.equal(parse(words).values.flag('detach'), detach);
  });
}

for (const [words, value] of [
  [['--no-pivot'], true],
  [['-no-pivot'], true],
  [['--no-pivot=false'], false],
  [[], undefined],
] as const) {
  test(`a switch whose name begins with no-: ${words.join(' ') || 'nothing'}`, () => {
    assert.equal(parse(words).values.flag('no-pivot'), value);
  });
}

test('values may look like options, and be empty', () => {
  assert.equal(parse(['--bundle', '-x']).values.text('bundle'), '-x');
  assert.equal(parse(['--bundle=']).values.text('bundle'), '');
  assert.equal(parse(['--bundle=a=b']).values.text('bundle'), 'a=b');
  assert.equal(parse(['--bundle=two\nlines']).values.text('bundle'), 'two\nlines');
});

test('repeatable options keep all values in order', () => {
  assert.deepEqual(parse(['-e', 'A=1', '--env=B=2', '--env', 'A=3']).values.all('env'), [
    'A=1',
    'B=2',
    'A=3',
  ]);
  assert.deepEqual(parse([]).values.all('env'), []);
});

test('defaults', () => {
  assert.equal(parse([]).values.text('format'), 'table');
  assert.equal(parse(['-f', 'json']).values.text('format'), 'json');
  assert.equal(parse([]).values.text('bundle'), undefined);
});

test('numbers', () => {
  assert.equal(parse(['--preserve-fds', '2']).values.count('preserve-fds'), 2);
  assert.equal(parse([]).values.count('preserve-fds'), undefined);
  for (const text of ['-1', 'x', '1.5', '']) {
    assert.throws(
      () => parse([`--preserve-fds=${text}`]).values.count('preserve-fds'),
      /parse error/,
    );
  }
});

test('of a verb that passes on, all behind the first argument is left alone', () => {
  const { values, rest } = parse(['-d', 'id', 'ls', '-b', '--', '--bundle=x'], 1);
  assert.equal(values.flag('detach'), true);
  assert.equal(values.text('bundle'), undefined);
  assert.deepEqual(rest, ['id', 'ls', '-b', '--', '--bundle=x']);
});

test('-- ends the options', () => {
  assert.deepEqual(parse(['--', '-d', '--bundle']).rest, ['-d', '--bundle']);
});

test('a single dash is an argument', () => {
  assert.deepEqual(parse(['-']).rest, ['-']);
});

for (const [words, message] of [
  [['--bogus'], 'flag provided but not defined: -bogus'],
  [['-x=1'], 'flag provided but not defined: -x'],
  [['--bundle'], 'flag needs an argument: -bundle'],
  [['--detach=maybe'], 'invalid boolean value "maybe" for -detach: parse error'],
] as const) {
  test(`refused: ${words.join(' ')}`, () => {
    assert.throws(() => parse(words), { code: 'usage', message });
  });
}

test('what may have been meant', () => {
  assert.match(suggestOption('bundel', SPECS), /^Did you mean --bundle\?$/);
  assert.equal(suggestOption('zzzzzz', SPECS), '');
  assert.match(suggestVerb('strat', ['start', 'state', 'list']), /^Did you mean .*start/);
  assert.equal(suggestVerb('zzzzzz', ['start', 'list']), '');
});
