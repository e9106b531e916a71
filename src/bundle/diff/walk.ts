/**
 * Goes through a tree that somebody may be changing: each folder is opened below the one before, no link
 * is followed, and so nothing outside of the root is ever looked at.
 */
import { isUtf8 } from 'node:buffer';
import { closeSync, constants, openSync, readdirSync } from 'node:fs';
import { OcirtError } from '../../errors.js';
import type { Binding } from '../../native/binding.js';
import { type Node, nodeOf } from './node.js';

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
      const own = native.attributes(`${here}/.`);
      const node = own === null ? undefined : nodeOf(place, own);
      if (node === undefined) return;
      visit(path, node, place);
      for (const name of namesOf(here, path)) {
        const inside = path === '' ? name : `${path}/${name}`;
        const below = `${here}/${name}`;
        const found = native.attributes(below);
        // Gone meanwhile.
        if (found === null) continue;
        if (found.kind === constants.S_IFDIR) enter(below, inside, FOLDER);
        else {
          const node = nodeOf(below, found);
          if (node === undefined) warn(`${JSON.stringify(inside)} is a socket, and left out`);
          else visit(inside, node, below);
        }
      }
    } finally {
      closeSync(fd);
    }
  };
  enter(root, '', constants.O_RDONLY | constants.O_DIRECTORY);
}

function namesOf(place: string, path: string): string[] {
  const names = readdirSync(place, { encoding: 'buffer' }) as unknown as Buffer[];
  return names
    .sort((a, b) => Buffer.compare(a as unknown as Uint8Array, b as unknown as Uint8Array))
    .map((name) => {
      if (isUtf8(name as unknown as Uint8Array)) return name.toString();
      throw new OcirtError(
        'tree-unreadable',
        `${JSON.stringify(`${path}/${name.toString('latin1')}`.replace(/^\//, ''))}: a name that is not UTF-8`,
        { path, hint: 'rename it: layers have names in UTF-8' },
      );
    });
}
