/** What was measured: rows (the work) of columns (the runtimes) of samples, in the order of coming. */

export type Unit = 'ms' | 'MB';

export interface Row {
  work: string;
  unit: Unit;
  /** By the runtime's name. */
  samples: Record<string, number[]>;
}

export class Samples {
  readonly rows: Row[] = [];

  add(work: string, unit: Unit, runtime: string, value: number): void {
    let row = this.rows.find((each) => each.work === work && each.unit === unit);
    if (row === undefined) {
      row = { work, unit, samples: {} };
      this.rows.push(row);
    }
    const samples = row.samples[runtime] ?? [];
    row.samples[runtime] = samples;
    samples.push(value);
  }
}
