/** What a layer says is gone from those below it (image-spec, layer.md). */
import { refuseEntry } from './errors.js';
import type { Tree } from './tree.js';

export const WHITEOUT = '.wh.';
const OPAQUE = '.wh..wh..opq';
/** What AUFS keeps for itself: `.wh..wh.plnk` and others. */
const AUFS = '.wh..wh.';

export const isWhiteout = (parts: readonly string[]): boolean =>
  parts.some((part) => part.startsWith(WHITEOUT));

/**
 * Takes away what an entry names, of lower layers only.
 *
 * @param brought what this layer has brought itself
 * @throws OcirtError `archive-refused`
 */
export function applyWhiteout(
  tree: Tree,
  all: readonly string[],
  name: string,
  brought: ReadonlySet<string>,
  warn: (text: string) => void,
): void {
  if (all.some((part) => part.startsWith(AUFS) && part !== OPAQUE)) {
    warn(`${JSON.stringify(name)} is left out: AUFS kept it for itself`);
    return;
  }
  const parts = all.slice(0, -1);
  const last = all[all.length - 1] ?? '';
  if (!last.startsWith(WHITEOUT) || isWhiteout(parts)) {
    throw refuseEntry(name, 'a whiteout is not the last part of its name');
  }
  const gone = last.slice(WHITEOUT.length);
  if (gone === '' || gone === '.' || gone === '..')
    throw refuseEntry(name, 'a whiteout of no name');
  const folder = tree.folder(parts, name, false);
  if (folder === undefined) return;
  if (last === OPAQUE) tree.emptyOthers(folder, brought);
  else tree.removeOthers(folder === '' ? gone : `${folder}/${gone}`, brought);
}
