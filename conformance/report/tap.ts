/** The results as one stream of the Test Anything Protocol, numbered through. */

import { type Counts, fullName, type Result } from './results.js';

export class Tap {
  readonly #write: (text: string) => void;
  #number = 0;

  constructor(write: (text: string) => void) {
    this.#write = write;
  }

  /** @param runtime its name stands before each test's where there is more than one */
  result(runtime: string, result: Result): void {
    const name = `${runtime === '' ? '' : `${runtime}: `}${fullName(result)}`.replaceAll(
      '#',
      '\\#',
    );
    const not = result.outcome === 'failed' ? 'not ' : '';
    const skip = result.outcome === 'skipped' ? ` # SKIP ${result.reason}` : '';
    this.#write(`${not}ok ${++this.#number} - ${name.replaceAll('\n', ' ')}${skip}\n`);
    if (not !== '') this.comment(result.details.trimEnd());
  }

  comment(text: string): void {
    this.#write(text.replace(/^/gm, '# ').replace(/ +$/gm, '').concat('\n'));
  }

  counts(runtime: string, { passed, failed, skipped }: Counts): void {
    this.comment(`${runtime}: ${passed} passed, ${failed} failed, ${skipped} skipped`);
  }

  end(): void {
    this.#write(`1..${this.#number}\n`);
  }
}
