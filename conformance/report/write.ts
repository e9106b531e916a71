/** Writes what --report asks for: Markdown, JSON and a picture. */

import { mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { compare } from './comparison.js';
import { markdown } from './markdown.js';
import { picture } from './picture.js';
import { type Run, toJson } from './record.js';

/**
 * @param runs one or more; the picture is of the first
 * @param name of the files, without the ending
 */
export function writeReports(dir: string, name: string, runs: readonly Run[]): void {
  const places = runs.map(({ machine, subjects, results }) => ({
    machine,
    comparison: compare(subjects, results),
  }));
  const [first] = places;
  if (first === undefined) throw new Error('there is no run to report');
  mkdirSync(dir, { recursive: true });
  const write = (ending: string, text: string) =>
    writeFileSync(path.join(dir, `${name}.${ending}`), text);
  write('json', toJson(runs));
  write('svg', picture(first.comparison));
  write('md', `![shares by area](${name}.svg)\n\n${markdown(places)}\n`);
}
