/** The comparison as Markdown: totals, areas, what failed and why, what was skipped and why. */

import { byArea, type Compared, type Comparison, totals } from './comparison.js';
import type { Counts } from './results.js';

const cellText = (text: string): string =>
  text
    .replaceAll('\\', '\\\\')
    .replaceAll('|', '\\|')
    .replaceAll('<', '&lt;')
    .replaceAll('\n', ' ');

function table(
  head: readonly string[],
  lines: readonly (readonly string[])[],
  right = true,
): string {
  const rule = head.map((_, index) => (index === 0 || !right ? '---' : '---:'));
  return [head, rule, ...lines].map((cells) => `| ${cells.join(' | ')} |`).join('\n');
}

/** `passed / run`, and how many were not run. */
function shares({ passed, failed, skipped }: Counts): string {
  const ran = passed + failed;
  const left = skipped > 0 ? ` (${skipped} skipped)` : '';
  return ran === 0 ? (skipped > 0 ? `${skipped} skipped` : '') : `${passed} / ${ran}${left}`;
}

function totalTable(comparison: Comparison): string {
  const counts = totals(comparison);
  return table(
    ['runtime', 'version', 'passed', 'failed', 'skipped'],
    comparison.subjects.map(({ name, version }, index) => {
      const { passed = 0, failed = 0, skipped = 0 } = counts[index] ?? {};
      return [cellText(name), cellText(version), `${passed}`, `${failed}`, `${skipped}`];
    }),
  );
}

function areaTable(comparison: Comparison): string {
  const names = comparison.subjects.map(({ name }) => cellText(name));
  const lines = byArea(comparison).map(([area, counts]) => [area, ...counts.map(shares)]);
  return table(['area', ...names], [...lines, ['**all**', ...totals(comparison).map(shares)]]);
}

/** A test in a list: what it is about, its name, and a mark where both references fail it. */
function title({ test, note }: Compared): string {
  const about = test.section === undefined ? test.area : `\`${test.section}\``;
  return `${about}: ${cellText(test.name)}${note === undefined ? '' : ' †'}`;
}

function failureTable({ subjects, tests }: Comparison): string {
  const failing = tests.filter(({ results }) =>
    [...results.values()].some(({ outcome }) => outcome === 'failed'),
  );
  if (failing.length === 0) return 'No test failed.';
  const cell = ({ results }: Compared, name: string): string => {
    const result = results.get(name);
    if (result === undefined) return 'not run';
    return result.outcome === 'failed' ? cellText(result.reason) : result.outcome;
  };
  return table(
    ['test', ...subjects.map(({ name }) => cellText(name))],
    failing.map((one) => [title(one), ...subjects.map(({ name }) => cell(one, name))]),
    false,
  );
}

function noteList({ tests }: Comparison): string[] {
  const marked = tests.filter(({ note }) => note !== undefined);
  if (marked.length === 0) return [];
  const byNote = new Map<string, Compared[]>();
  for (const one of marked) {
    const note = one.note || 'Nobody has looked at it twice yet.';
    byNote.set(note, [...(byNote.get(note) ?? []), one]);
  }
  const items = [...byNote].map(([note, ones]) => {
    const names = ones.map(({ test }) => cellText(test.name)).join('; ');
    return `- ${note}\n  († ${names})`;
  });
  return [
    '### Looked at twice',
    'What both runc and crun fail (†), and what the test stands on.',
    items.join('\n'),
  ];
}

function skipTable({ subjects, tests }: Comparison): string {
  const reasons = new Map<string, number[]>();
  for (const { results } of tests) {
    subjects.forEach(({ name }, index) => {
      const result = results.get(name);
      if (result?.outcome !== 'skipped') return;
      const counts = reasons.get(result.reason) ?? subjects.map(() => 0);
      counts[index] = (counts[index] ?? 0) + 1;
      reasons.set(result.reason, counts);
    });
  }
  if (reasons.size === 0) return 'No test was skipped.';
  return table(
    ['reason', ...subjects.map(({ name }) => cellText(name))],
    [...reasons].map(([reason, counts]) => [cellText(reason), ...counts.map(String)]),
  );
}

/** @param machine where it was run, in a sentence */
export function markdown(comparison: Comparison, machine: string): string {
  return [
    totalTable(comparison),
    `${machine} ${comparison.own} tests of what only ocirt has are not counted.`,
    '### By area',
    'Passed / run.',
    areaTable(comparison),
    '### What fails, and why',
    failureTable(comparison),
    ...noteList(comparison),
    '### What is skipped, and why',
    skipTable(comparison),
  ].join('\n\n');
}
