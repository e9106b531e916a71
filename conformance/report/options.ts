/** The words of the command line: scripts/conformance says what each means. */

import { parseArgs } from 'node:util';
import { SUITES, type Suite } from './run.js';

/** What was asked for cannot be: it is told without a stack. */
export class Misuse extends Error {}

export interface Options {
  /** NAME=BINARY or BINARY; none where none was given. */
  readonly runtimes: readonly string[];
  readonly patterns: readonly string[];
  readonly report?: string;
  /** Files of earlier runs; then none is made. */
  readonly merge: readonly string[];
  readonly suite: Suite;
  /** How many files at a time. */
  readonly jobs: number;
  /** How long a call of the runtime may take. */
  readonly seconds: number;
  /** System calls, with commas. */
  readonly without: string;
}

function number(option: string, text: string): number {
  const value = Number(text);
  if (!Number.isInteger(value) || value < 1) {
    throw new Misuse(`--${option} takes a number from 1 up`);
  }
  return value;
}

const isSuite = (text: string): text is Suite => Object.hasOwn(SUITES, text);

function parsed(words: readonly string[]) {
  try {
    return parseArgs({
      args: [...words],
      options: {
        runtime: { type: 'string', multiple: true },
        report: { type: 'string' },
        merge: { type: 'string', multiple: true },
        jobs: { type: 'string' },
        seconds: { type: 'string' },
        without: { type: 'string' },
        suite: { type: 'string' },
      },
      allowPositionals: true,
    });
  } catch (error) {
    throw new Misuse((error as Error).message);
  }
}

/** Throws a Misuse where they make no sense. */
export function parseOptions(words: readonly string[]): Options {
  const { values, positionals } = parsed(words);
  const { report, merge = [], suite = 'runtime' } = values;
  if (!isSuite(suite)) throw new Misuse(`--suite is one of ${Object.keys(SUITES).join(', ')}`);
  if (merge.length > 0 && report === undefined) throw new Misuse('--merge wants --report DIR');
  return {
    runtimes: values.runtime ?? [],
    patterns: positionals,
    ...(report === undefined ? {} : { report }),
    merge,
    suite,
    jobs: number('jobs', values.jobs ?? '2'),
    seconds: number('seconds', values.seconds ?? '120'),
    without: values.without ?? '',
  };
}
