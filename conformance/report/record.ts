/** A run as JSON, which --report writes and --merge reads; and several runs put together. */

import type { Kind } from '../lib/runtime.js';
import { placeOf } from './areas.js';
import { compare, sideBySide, totals } from './comparison.js';
import type { Outcome, Result } from './results.js';
import { testFiles } from './run.js';
import type { Named } from './subjects.js';

/** What runtimes did in one place, by one identity. */
export interface Run {
  /** The place and who ran it, in a sentence. */
  readonly machine: string;
  readonly subjects: readonly Named[];
  readonly results: ReadonlyMap<string, readonly Result[]>;
}

interface Written {
  machine: string;
  runtimes: { name: string; version: string; kind: Kind }[];
  tests: {
    file: string;
    name: string;
    own?: boolean;
    results: Record<string, { outcome: Outcome; reason?: string }>;
  }[];
}

function written({ machine, subjects, results }: Run): Written & object {
  const comparison = compare(subjects, results);
  const counts = totals(comparison);
  const notes = new Map(comparison.tests.map(({ test, note }) => [test, note]));
  return {
    machine,
    runtimes: subjects.map(({ name, version, kind }, index) => ({
      name,
      version,
      kind,
      ...counts[index],
    })),
    tests: sideBySide(subjects, results).map(({ test, results: found }) => ({
      file: test.file,
      name: test.name,
      ...(test.own ? { own: true } : {}),
      area: test.area,
      section: test.section,
      lookedAtTwice: notes.get(test),
      results: Object.fromEntries(
        [...found].map(([name, { outcome, reason }]) => [
          name,
          outcome === 'passed' ? { outcome } : { outcome, reason },
        ]),
      ),
    })),
  };
}

/** One run as an object, several as a list of them. */
export function toJson(runs: readonly Run[]): string {
  const all = runs.map(written);
  return `${JSON.stringify(all.length === 1 ? all[0] : all, null, 1)}\n`;
}

function read({ machine, runtimes, tests }: Written): Run {
  const results = new Map<string, Result[]>(runtimes.map(({ name }) => [name, []]));
  for (const { file, name, own = false, results: found } of tests) {
    for (const [runtime, { outcome, reason = '' }] of Object.entries(found)) {
      const result = { ...placeOf(file, name), file, name, own, outcome, reason, details: '' };
      results.get(runtime)?.push(result);
    }
  }
  return {
    machine,
    subjects: runtimes.map(({ name, version, kind }) => ({ name, version, kind })),
    results,
  };
}

export function fromJson(text: string): Run[] {
  const found = JSON.parse(text) as Written | Written[];
  return (Array.isArray(found) ? found : [found]).map(read);
}

/** By test file, in the order of the suite; files that it has no more come first. */
function inOrder(results: ReadonlyMap<string, readonly Result[]>): Result[] {
  const order = [...testFiles([]), ...testFiles([], 'engines')];
  return [...results]
    .sort(([one], [other]) => order.indexOf(one) - order.indexOf(other))
    .flatMap(([, ones]) => ones);
}

function byFile(results: readonly Result[]): Map<string, Result[]> {
  const files = new Map<string, Result[]>();
  for (const result of results) files.set(result.file, [...(files.get(result.file) ?? []), result]);
  return files;
}

/**
 * Runs of one place by one identity become one, those of others stay beside it, in the order in
 * which they come. What a later run says of a runtime and a test file takes the place of what an
 * earlier one has said: so a file can be run again by itself.
 */
export function merge(runs: readonly Run[]): Run[] {
  const places = new Map<
    string,
    { subjects: Map<string, Named>; files: Map<string, Map<string, Result[]>> }
  >();
  for (const { machine, subjects, results } of runs) {
    const place = places.get(machine) ?? { subjects: new Map(), files: new Map() };
    places.set(machine, place);
    for (const subject of subjects) {
      const { name } = subject;
      place.subjects.set(name, subject);
      const files = new Map([...(place.files.get(name) ?? []), ...byFile(results.get(name) ?? [])]);
      place.files.set(name, files);
    }
  }
  return [...places].map(([machine, { subjects, files }]) => ({
    machine,
    subjects: [...subjects.values()],
    results: new Map([...files].map(([name, of]) => [name, inOrder(of)])),
  }));
}
