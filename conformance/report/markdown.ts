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

const failsAny = ({ results }: Compared): boolean =>
  [...results.values()].some(({ outcome }) => outcome === 'failed');

const key = ({ test }: Compared): string => `${test.file}: ${test.name}`;

/** @param listed what has been listed already: tests that fail in the same runtimes by their kind */
function failureTable({ subjects, tests }: Comparison, listed?: Comparison): string {
  const known = new Map(listed?.tests.filter(failsAny).map((one) => [key(one), failing(one)]));
  const all = tests.filter(failsAny);
  const news = all.filter((one) => {
    const before = known.get(key(one));
    return before === undefined || failing(one).some((name) => !before.includes(name));
  });
  if (all.length === 0) return 'No test failed.';
  if (news.length === 0) return 'Nothing that does not fail in the first place.';
  const cell = ({ results }: Compared, name: string): string => {
    const result = results.get(name);
    if (result === undefined) return 'not run';
    return result.outcome === 'failed' ? cellText(result.reason) : result.outcome;
  };
  return table(
    ['test', ...subjects.map(({ name }) => cellText(name))],
    news.map((one) => [title(one), ...subjects.map(({ name }) => cell(one, name))]),
    false,
  );
}

/** The names of the runtimes that fail a test. */
const failing = ({ results }: Compared): string[] =>
  [...results].flatMap(([name, { outcome }]) => (outcome === 'failed' ? [name] : []));

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

export interface Place {
  /** Where it was run and by whom, in a sentence. */
  readonly machine: string;
  readonly comparison: Comparison;
}

/** What every place has, as passed / run: a line for each. */
function placesTable(places: readonly Place[]): string {
  const names = [
    ...new Set(places.flatMap(({ comparison }) => comparison.subjects.map(({ name }) => name))),
  ];
  const lines = places.map(({ machine, comparison }) => {
    const counts = totals(comparison);
    const cells = names.map((name) => {
      const index = comparison.subjects.findIndex((subject) => subject.name === name);
      const found = counts[index];
      return found === undefined ? '' : shares(found);
    });
    return [cellText(machine.replace(/^Run by (.*)\.$/, '$1')), ...cells];
  });
  return table(['who, and where', ...names.map(cellText)], lines);
}

function section({ comparison, machine }: Place, first?: Place): string[] {
  return [
    totalTable(comparison),
    `${machine} ${comparison.own} tests of what only ocirt has are not counted.`,
    '### By area',
    'Passed / run.',
    areaTable(comparison),
    first === undefined
      ? '### What fails, and why'
      : '### What fails here, and not in the first place',
    failureTable(comparison, first?.comparison),
    ...noteList(comparison),
    '### What is skipped, and why',
    skipTable(comparison),
  ];
}

/** One place, or several: the first with all that fails, the others with what it has not said. */
export function markdown(places: readonly Place[]): string {
  const [first, ...others] = places;
  if (first === undefined) return '';
  if (others.length === 0) return section(first).join('\n\n');
  const heading = ({ machine }: Place) => `## ${machine.replace(/^Run by (.*)\.$/, '$1')}`;
  return [
    placesTable(places),
    heading(first),
    ...section(first),
    ...others.flatMap((place) => [heading(place), ...section(place, first)]),
  ].join('\n\n');
}
