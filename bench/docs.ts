/** Puts what was measured into the documents, between marks that they have for it. */

import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { PROJECT } from '../conformance/lib/runtime.js';

/** The text with what stands between `<!-- bench:NAME -->` and `<!-- /bench -->` replaced. */
export function between(text: string, name: string, content: string): string {
  const open = `<!-- bench:${name} -->`;
  const close = '<!-- /bench -->';
  const from = text.indexOf(open);
  const to = text.indexOf(close, from);
  if (from < 0 || to < 0) throw new Error(`no ${open} ... ${close}`);
  return `${text.slice(0, from + open.length)}\n${content}\n${text.slice(to)}`;
}

export function writeInto(file: string, name: string, content: string): void {
  const full = path.join(PROJECT, file);
  writeFileSync(full, between(readFileSync(full, 'utf8'), name, content));
}
