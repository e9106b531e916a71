/** What CRIU's log says about a failure. */
import type { Binding } from '../native/binding.js';

/** Lines before one that says Error. */
const BEFORE = 5;
/** Lines that are quoted at most, the last ones. */
const MOST = 40;

export interface LogQuote {
  /** `NUMBER:TEXT`, with `...` where some are left out. */
  readonly lines: readonly string[];
  /** The texts of the last errors, the cause before what came of it. */
  readonly last: string;
}

/** `(00.012345) Error (criu/file.c:123): text`, also with a pid in between. */
const ERROR = /\bError \([^)]*\): (.*)$/;
/** What CRIU says at the end of every failure, and what it goes on after. */
const NO_CAUSE = /^[\w-]+ FAILED|RLIMIT_NOFILE for self/;
/** How many errors go into a message. */
const TOLD = 3;

/** Quotes the errors in a log's text. Pure. */
export function quoteErrors(text: string): LogQuote {
  const all = text.split('\n');
  const lines: string[] = [];
  let printed = 0;
  const said: string[] = [];
  all.forEach((line, index) => {
    if (!line.includes('Error')) return;
    const message = (ERROR.exec(line)?.[1] ?? '').trim();
    if (message !== '' && !NO_CAUSE.test(message)) said.push(message);
    const from = Math.max(printed, index - BEFORE);
    if (printed > 0 && from > printed) lines.push('...');
    for (let at = from; at <= index; at++) lines.push(`${at + 1}:${all[at] ?? ''}`);
    printed = index + 1;
  });
  return { lines: lines.slice(-MOST), last: said.slice(-TOLD).join('; ') };
}

/** The same of a file; nothing where there is none. */
export function quoteLog(native: Binding, file: string): LogQuote {
  try {
    return quoteErrors(native.readFiles([file])[0] ?? '');
  } catch {
    return { lines: [], last: '' };
  }
}
