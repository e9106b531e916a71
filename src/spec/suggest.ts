/** The nearest valid name, for what looks like a typing error. */

/**
 * Damerau-Levenshtein distance (optimal string alignment): how many insertions, deletions,
 * replacements and swaps of neighbours make one string the other.
 */
export function distance(a: string, b: string): number {
  let before: number[] = [];
  let previous = Array.from({ length: b.length + 1 }, (_, i) => i);
  for (let i = 1; i <= a.length; i++) {
    const row = [i];
    for (let j = 1; j <= b.length; j++) {
      const same = a[i - 1] === b[j - 1];
      let best = Math.min(
        (previous[j] ?? 0) + 1,
        (row[j - 1] ?? 0) + 1,
        (previous[j - 1] ?? 0) + (same ? 0 : 1),
      );
      if (i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1]) {
        best = Math.min(best, (before[j - 2] ?? 0) + 1);
      }
      row.push(best);
    }
    before = previous;
    previous = row;
  }
  return previous[b.length] ?? 0;
}

/** Longer names than these are no typing errors, and not worth the time. */
const MAX_LENGTH = 64;

/**
 * The one of `names` that `name` was probably meant to be: the same but for case, or near enough,
 * that is a third of the part in which the names differ (SCHED_ tells nothing); undefined if none
 * is.
 */
export function nearest(name: string, names: readonly string[]): string | undefined {
  if (name.length > MAX_LENGTH) return undefined;
  const folded = name.toLowerCase();
  const telling = name.length - commonPrefix([name, ...names]);
  let best: string | undefined;
  // Of names that tell in one or two letters, every other one is near.
  let least = telling < 3 ? 1 : Math.floor(telling / 3) + 1;
  for (const candidate of names) {
    if (Math.abs(candidate.length - name.length) >= least) continue;
    const far = distance(folded, candidate.toLowerCase());
    if (far < least) {
      least = far;
      best = candidate;
    }
  }
  return best;
}

/** How many characters all names begin with. */
function commonPrefix(names: readonly string[]): number {
  const [first = '', ...others] = names;
  let length = first.length;
  for (const name of others) {
    while (!name.startsWith(first.slice(0, length))) length--;
  }
  return length;
}
