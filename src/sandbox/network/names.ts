/** Writes what is known only once a container is attached into its two files. */
import { readFileSync, writeFileSync } from 'node:fs';
import { resolvConfOf, withAddress } from './files.js';
import type { CniResult } from './types.js';

/** In place, for it is the file that the container has mounted. A file that is not there is not made. */
function change(path: string, change: (text: string) => string | undefined): void {
  let before: string;
  try {
    before = readFileSync(path, 'utf8');
  } catch {
    return;
  }
  const text = change(before);
  if (text !== undefined && text !== before) writeFileSync(path, text);
}

/**
 * @param address the container's own, for its name
 * @param result of the plugins, whose resolvers count where none were asked for; absent: none
 */
export function writeNames(folder: string, address: string | undefined, result?: CniResult): void {
  if (address !== undefined) change(`${folder}/hosts`, (text) => withAddress(text, address));
  if (result !== undefined) change(`${folder}/resolv.conf`, () => resolvConfOf(result));
}
