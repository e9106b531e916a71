/** What is said of samples: a few of them, unsorted, of a machine that does other things as well. */

export interface Summary {
  median: number;
  /** A quarter of the samples is below, a quarter above. */
  low: number;
  high: number;
}

/** The value that a share `q` (0 to 1) of the samples is below, between two of them where it falls so. */
export function quantile(values: readonly number[], q: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  const at = q * (sorted.length - 1);
  const below = sorted[Math.floor(at)] ?? Number.NaN;
  const above = sorted[Math.ceil(at)] ?? Number.NaN;
  return below + (above - below) * (at - Math.floor(at));
}

export function summarize(values: readonly number[]): Summary {
  return {
    median: quantile(values, 0.5),
    low: quantile(values, 0.25),
    high: quantile(values, 0.75),
  };
}
