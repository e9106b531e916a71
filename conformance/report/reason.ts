/** Why a test failed, in a line for a table. */

import { KNOWN } from '../lib/runtime.js';

/** What a reason may take of a table's line, in characters, and each side of a comparison. */
const LENGTH = 160;
const SIDE = 70;

const short = (text: string, length: number): string =>
  text.length > length ? `${text.slice(0, length - 3)}...` : text;

/** What differs from run to run would make two reports differ. */
const steady = (text: string): string =>
  text.replace(/[\w/.-]*ocirt-test-\w+/g, 'TEST').replace(/time="[^"]*" /g, '');

/** What node:assert says itself, where the test has no words of its own. */
const GENERAL = /^Expected values to be strictly/;

const isLegend = (line: string): boolean => line.startsWith('+ actual - expected');

/** The lines of one side of a comparison as node:assert prints it. */
function side(lines: readonly string[], sign: '+' | '-'): string {
  const ones = lines.filter((line) => line.startsWith(`${sign} `)).map((line) => line.slice(1));
  return short(ones.map((line) => line.trim().replace(/,$/, '')).join(' '), SIDE);
}

function compared(found: string, due: string): string {
  if (found === '') return `without ${due}`;
  return due === '' || due === '[]' ? `${found}, too much` : `${found} in place of ${due}`;
}

/** The message of an assertion in words: what the runtime did, and what was due. */
function inWords(lines: readonly string[]): string {
  const [first = 'it failed', ...rest] = lines;
  const own = (at: number): string =>
    GENERAL.test(first) ? '' : lines.slice(0, at).join(' ').replace(/:$/, '');
  const legend = lines.findIndex(isLegend);
  if (legend >= 0) {
    const sides = lines.slice(legend + 1);
    const difference = compared(side(sides, '+'), side(sides, '-'));
    return own(legend) === '' ? difference : `${own(legend)}: ${difference}`;
  }
  const present = /^The input was expected to not match the regular expression (.*)\. Input:$/.exec(
    first,
  );
  if (present) return `${present[1]} is in what it says`;
  const matched = /^The input did not match the regular expression (.*)\. Input:$/.exec(first);
  if (matched) return compared(short(rest.join(' '), SIDE), matched[1] ?? '');
  const last = lines.findIndex((line) => / !== /.test(line));
  const [found, due] = lines[last]?.split(' !== ', 2) ?? [];
  if (found !== undefined && due !== undefined) {
    // Words of the test's own are those of the runtime: they say more than its status.
    return own(last) || compared(short(found, SIDE), short(due, SIDE));
  }
  const unequal = /^Expected "actual" to be strictly unequal to: (.*)$/.exec(first);
  if (unequal) return `${unequal[1]}, which it should not be`;
  if (first.startsWith('The expression evaluated to')) {
    return `not so: ${rest.join(' ').replace(/^assert(\.ok)?\((.*)\)$/, '$2')}`;
  }
  if (first === 'Unexpected end of JSON input') return 'no JSON';
  return lines.slice(0, 4).join(' ');
}

/** A failure in one line: what is known of it, or how its message begins. */
export function reasonOf(error: string): string {
  const lines = steady(error)
    .split('\n')
    .map((line) => line.replace(/^(\w*Error)( \[\w+\])?: /, '').trim())
    .filter((line) => line !== '');
  const [first = 'it failed'] = lines;
  if (/^spawnSync .* ETIMEDOUT$/.test(first)) return 'it does not come back';
  if (first.startsWith(KNOWN)) return first.slice(KNOWN.length);
  const end = lines.findIndex((line, index) => index > 0 && /^(at |\{$)/.test(line));
  // A comparison may begin with a brace of its own.
  const frame = lines.findIndex((line) => line.startsWith('at '));
  const stop = lines.some(isLegend) ? frame : end;
  return short(inWords(stop < 0 ? lines : lines.slice(0, stop)), LENGTH);
}
