/** What keys mean to `top`. Pure. */
import type { View } from './frame.js';
import type { SortKey } from './sample.js';

const SORTS: Readonly<Record<string, SortKey>> = {
  c: 'cpu',
  m: 'memory',
  p: 'pids',
  i: 'io',
  w: 'pressure',
  n: 'id',
};

/** An escape sequence of a key (CSI or SS3), or one character. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: that is what keys send
const KEY = /\x1b[[O][0-9;]*[A-Za-z~]|[\s\S]/g;

/** How far each key scrolls, in rows or pages of them. */
const SCROLLS: Readonly<Record<string, { readonly rows?: number; readonly pages?: number }>> = {
  k: { rows: -1 },
  '\x1b[A': { rows: -1 },
  '\x1bOA': { rows: -1 },
  j: { rows: 1 },
  '\x1b[B': { rows: 1 },
  '\x1bOB': { rows: 1 },
  '\x1b[5~': { pages: -1 },
  '\x1b[6~': { pages: 1 },
  ' ': { pages: 1 },
};

/**
 * The view after these keys; undefined: it is to end. The offset is not held to the rows there are.
 *
 * @param page rows that are seen at once
 */
export function pressKeys(text: string, view: View, page: number): View | undefined {
  let now = view;
  for (const [key] of text.matchAll(KEY)) {
    // Ctrl-C and ctrl-D: where they are no signals.
    if (key === 'q' || key === 'Q' || key === '\x03' || key === '\x04') return undefined;
    const sort = Object.hasOwn(SORTS, key) ? SORTS[key] : undefined;
    if (sort !== undefined) now = { ...now, sort, offset: 0 };
    if (key === 'r') now = { ...now, reverse: !now.reverse };
    const scroll = Object.hasOwn(SCROLLS, key) ? SCROLLS[key] : undefined;
    if (scroll !== undefined) {
      const by = (scroll.rows ?? 0) + (scroll.pages ?? 0) * Math.max(1, page);
      now = { ...now, offset: Math.max(0, now.offset + by) };
    }
  }
  return now;
}
