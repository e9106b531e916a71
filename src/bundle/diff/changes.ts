/** What has changed between two trees: pure, but for asking of a file's bytes. */
import { type Node, sameOutside } from './node.js';

export type Nodes = ReadonlyMap<string, Node>;

export interface Changes {
  /** Names that are new or other than before, in the order of the upper tree. */
  readonly changed: readonly string[];
  /** Names that are gone, whose folder is still there: what was below them is gone with them. */
  readonly gone: readonly string[];
}

/**
 * @param upper in the order of a walk, folders first
 * @param sameBytes whether a file that looks the same has the same bytes
 */
export function changesOf(
  lower: Nodes,
  upper: Nodes,
  sameBytes: (path: string) => boolean,
): Changes {
  const before = groupsOf(lower);
  const after = groupsOf(upper);
  const changed = new Set<string>();
  for (const [path, node] of upper) {
    const old = lower.get(path);
    const same =
      old !== undefined &&
      sameOutside(old, node) &&
      // A name that was one of several of a file, and is no more, or is with others.
      before.get(path)?.join('\n') === after.get(path)?.join('\n') &&
      (node.type !== 'file' || sameBytes(path));
    if (!same) changed.add(path);
  }
  // A layer can't count on a hard link to the layers below being one: all names of a file, or none.
  for (const path of [...changed]) {
    for (const other of after.get(path) ?? []) changed.add(other);
  }
  const gone = [...lower.keys()].filter((path) => {
    if (upper.has(path)) return false;
    const folder = path.includes('/') ? path.slice(0, path.lastIndexOf('/')) : '';
    return upper.get(folder)?.type === 'directory' && lower.get(folder)?.type === 'directory';
  });
  return { changed: [...upper.keys()].filter((path) => changed.has(path)), gone: gone.sort() };
}

/** For each name of a file that has several: all of them. */
function groupsOf(nodes: Nodes): Map<string, string[]> {
  const groups = new Map<string, string[]>();
  for (const [path, { group }] of nodes) {
    if (group === undefined) continue;
    const names = groups.get(group);
    if (names === undefined) groups.set(group, [path]);
    else names.push(path);
  }
  const out = new Map<string, string[]>();
  for (const names of groups.values()) {
    if (names.length > 1) for (const name of names) out.set(name, names);
  }
  return out;
}

/** The first name of the file that this is another name of; undefined where it is the first itself. */
export function firstNames(nodes: Nodes): (path: string) => string | undefined {
  const groups = groupsOf(nodes);
  return (path) => {
    const [first] = groups.get(path) ?? [];
    return first === path ? undefined : first;
  };
}
