/** What the tests said of a runtime, and how often. */

import { OWN } from '../lib/runtime.js';
import { type Place, placeOf } from './areas.js';
import { reasonOf } from './reason.js';

export type Outcome = 'passed' | 'failed' | 'skipped';

/** A line of scripts/reporter.mjs. */
export interface Told {
  readonly name: string;
  readonly outcome: Outcome;
  readonly reason?: string;
  readonly error?: string;
}

export interface Result extends Place {
  /** The test file without `.test.ts`, with its folder where that is not `runtime`. */
  readonly file: string;
  readonly name: string;
  /** It is about what ocirt adds: it counts for nobody. */
  readonly own: boolean;
  readonly outcome: Outcome;
  /** Why it failed, in a line, or was skipped. */
  readonly reason: string;
  /** All that a failure said. */
  readonly details: string;
}

export interface Counts {
  passed: number;
  failed: number;
  skipped: number;
}

export function resultOf(file: string, told: Told): Result {
  const own = told.name.startsWith(OWN);
  const { error = '', reason = '' } = told;
  const name = own ? told.name.slice(OWN.length) : told.name;
  const unexplained = told.outcome === 'skipped' && reason === '';
  return {
    ...placeOf(file, name),
    file,
    name,
    own,
    outcome: unexplained ? 'failed' : told.outcome,
    reason: unexplained ? 'skipped without a reason' : reason || (error && reasonOf(error)),
    details: error,
  };
}

/** The name with the section that it is about. */
export function fullName({ own, area, section, name }: Result): string {
  return `${own ? OWN : ''}${section ?? area}: ${name}`;
}

export function count(results: Iterable<Result>): Counts {
  const counts = { passed: 0, failed: 0, skipped: 0 };
  for (const { own, outcome } of results) if (!own) counts[outcome]++;
  return counts;
}
