import assert from 'node:assert/strict';
import { test } from 'node:test';
import { between } from './docs.js';
import { plot } from './plot.js';
import { parseNamed } from './runtimes.js';
import { Samples } from './samples.js';
import { ratiosTable, valuesTable } from './table.js';

const NAMES = ['floor', 'ocirt', 'crun'];

function rows() {
  const samples = new Samples();
  for (const ms of [1, 2, 3]) samples.add('run', 'ms', 'floor', ms);
  for (const ms of [4, 5, 6]) samples.add('run', 'ms', 'ocirt', ms);
  for (const ms of [10, 10, 10]) samples.add('run', 'ms', 'crun', ms);
  samples.add('a < b', 'ms', 'crun', 0.5);
  return samples.rows;
}

test('ratios are of medians, to crun and to the floor; what was not measured is empty', () => {
  const lines = ratiosTable(rows(), NAMES).split('\n');
  assert.equal(lines[0], '| × crun / × floor | ocirt | crun |');
  assert.equal(lines[2], '| run | 0.50 / 2.50 | 1.00 / 5.00 |');
  assert.equal(lines[3], '| a < b |  | 1.00 |');
});

test('values have quartiles where these differ', () => {
  const lines = valuesTable(rows(), NAMES).split('\n');
  assert.equal(lines[2], '| run, ms | 2.00 (1.50 to 2.50) | 5.00 (4.50 to 5.50) | 10.0 |');
});

test('the plot has a mark for each median, colors for dark pages, and escapes its text', () => {
  const svg = plot(rows(), NAMES);
  const legend = NAMES.length;
  assert.equal(svg.match(/<circle/g)?.length, legend + 4);
  assert.match(svg, /prefers-color-scheme:dark/);
  assert.match(svg, />a &lt; b</);
  assert.doesNotMatch(svg, /NaN/);
});

test('what is measured replaces what stood between the marks of its name, and nothing else', () => {
  const text =
    'a\n<!-- bench:x -->\nold\n<!-- /bench -->\nb\n<!-- bench:y -->\nc\n<!-- /bench -->\n';
  assert.equal(between(text, 'x', 'new'), text.replace('old', 'new'));
  assert.throws(() => between(text, 'z', 'new'), /bench:z/);
});

test('a named runtime is a name and words; a file that is not there is refused', () => {
  assert.deepEqual(parseNamed('crun 2=/bin/sh -c  true'), ['crun 2', ['/bin/sh', '-c', 'true']]);
  assert.throws(() => parseNamed('/bin/sh'), /NAME=COMMAND/);
  assert.throws(() => parseNamed('x=/nonexistent'), /there is no/);
});
