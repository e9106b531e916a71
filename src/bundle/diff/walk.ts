/**
 * Goes through a tree that somebody may be changing: each folder is opened below the one before, no link
 * is followed, and so nothing outside of the root is ever looked at.
 */
import { isUtf8 } from 'node:buffer';
import { closeSync, constants, openSync, readdirSync } from 'node:fs';
import { OcirtError } from '../../errors.js';
import type { Binding } from '../../native/binding.js';
import { type Found, type Node, nodesOf } from './node.js';

const FOLDER = constants.O_RDONLY | constants.O_DIRECTORY | constants.O_NOFOLLOW;

/** @param place a path that leads to it until the next one is asked for */
export type Visit = (path: string, node: Node, place: string) => void;

/**
 * Visits the root (as '') and everything below it: a folder before what is in it, names in the order of their bytes.
 *
 * @param warn of what no archive can have
 * @throws OcirtError `tree-unreadable`
 */
export function walk(
  native: Binding,
  root: string,
  visit: Visit,
  warn: (text: string) => void,
): void {
  const enter = (place: string, path: string, flags: number) => {
    const fd = openSync(place, flags);
    try {
      const here = `/proc/self/fd/${fd}`;
      // Through the descriptor: it is the folder that is gone through, whatever has its name by now.
      const [own, ...others] = nodesOf(native.folderAttributes(fd), here);
      if (own?.node === undefined) return;
      visit(path, own.node, place);
      refuseOtherNames(others, here, path);
      for (const { name, node } of others) {
        const inside = path === '' ? name : `${path}/${name}`;
        const below = `${here}/${name}`;
        if (node?.type === 'directory') enter(below, inside, FOLDER);
        else if (node !== undefined) visit(inside, node, below);
        else warn(`${JSON.stringify(inside)} is a socket, and left out`);
      }
    } finally {
      closeSync(fd);
    }
  };
  enter(root, '', constants.O_RDONLY | constants.O_DIRECTORY);
}

/** Names that are not UTF-8 come with a U+FFFD in place of what is wrong; a name may have that of itself. */
function refuseOtherNames(found: readonly Found[], place: string, path: string): void {
  if (!found.some(({ name }) => name.includes('\ufffd'))) return;
  for (const name of readdirSync(place, { encoding: 'buffer' }) as unknown as Buffer[]) {
    if (isUtf8(name as unknown as Uint8Array)) continue;
    throw new OcirtError(
      'tree-unreadable',
      `${JSON.stringify(`${path}/${name.toString('latin1')}`.replace(/^\//, ''))}: a name that is not UTF-8`,
      { path, hint: 'rename it: layers have names in UTF-8' },
    );
  }
}
