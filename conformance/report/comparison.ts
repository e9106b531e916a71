/** The results of several runtimes, test by test. */

import { noteOf } from '../notes.js';
import { type Counts, count, type Result } from './results.js';
import type { Named } from './subjects.js';

export interface Compared {
  readonly test: Result;
  /** By the runtime's name; one may lack it, where its file ended before. */
  readonly results: ReadonlyMap<string, Result>;
  /**
   * Both references fail it, so it is looked at twice: the sentence that it stands on, empty
   * where nobody has looked yet.
   */
  readonly note?: string;
}

export interface Comparison {
  readonly subjects: readonly Named[];
  readonly tests: readonly Compared[];
  /** How many are about ocirt alone, and left out. */
  readonly own: number;
}

/** Whether every reference kind that was run has a runtime that fails, and both kinds were. */
function bothFail(subjects: readonly Named[], results: ReadonlyMap<string, Result>): boolean {
  const fails = (kind: Named['kind']) => {
    const of = subjects.filter((subject) => subject.kind === kind);
    return of.length > 0 && of.every(({ name }) => results.get(name)?.outcome === 'failed');
  };
  return fails('runc') && fails('crun');
}

/** @param runs what each runtime did, by its name */
export function compare(
  subjects: readonly Named[],
  runs: ReadonlyMap<string, readonly Result[]>,
): Comparison {
  const all = sideBySide(subjects, runs);
  const tests = all
    .filter(({ test }) => !test.own)
    .map((one) =>
      bothFail(subjects, one.results)
        ? { ...one, note: noteOf(`${one.test.file}: ${one.test.name}`) ?? '' }
        : one,
    );
  return { subjects, tests, own: all.length - tests.length };
}

/** Every test with the results of each runtime, what is about ocirt alone among them. */
export function sideBySide(
  subjects: readonly Named[],
  runs: ReadonlyMap<string, readonly Result[]>,
): Compared[] {
  const tests = new Map<string, { test: Result; results: Map<string, Result> }>();
  for (const { name: runtime } of subjects) {
    const seen = new Map<string, number>();
    for (const result of runs.get(runtime) ?? []) {
      const title = `${result.file}: ${result.name}`;
      const turn = (seen.get(title) ?? 0) + 1;
      seen.set(title, turn);
      // Two tests of one name are told apart by their order.
      const key = `${title} ${turn}`;
      if (!tests.has(key)) tests.set(key, { test: result, results: new Map() });
      tests.get(key)?.results.set(runtime, result);
    }
  }
  return [...tests.values()];
}

/** The areas in the order of their names, with each runtime's counts in the order of the subjects. */
export function byArea({ subjects, tests }: Comparison): [area: string, counts: Counts[]][] {
  const areas = [...new Set(tests.map(({ test }) => test.area))].sort((a, b) =>
    a.localeCompare(b, 'en'),
  );
  return areas.map((area) => {
    const here = tests.filter(({ test }) => test.area === area);
    const counts = subjects.map(({ name }) =>
      count(here.flatMap(({ results }) => results.get(name) ?? [])),
    );
    return [area, counts];
  });
}

export function totals({ subjects, tests }: Comparison): Counts[] {
  return subjects.map(({ name }) => count(tests.flatMap(({ results }) => results.get(name) ?? [])));
}
