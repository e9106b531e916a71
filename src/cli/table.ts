/** Tables as Go's tabwriter makes them for runc: what scripts cut columns out of. */

const MIN_WIDTH = 12;
const PADDING = 3;

/** Left-aligned columns, each at least 12 wide with 3 blanks behind its widest cell; the last is not padded. */
export function formatTable(rows: readonly (readonly string[])[]): string {
  const widths: number[] = [];
  for (const row of rows) {
    for (const [column, cell] of row.entries()) {
      widths[column] = Math.max(widths[column] ?? MIN_WIDTH, cell.length + PADDING);
    }
  }
  return rows
    .map((row) => {
      const last = row.length - 1;
      const cells = row.map((cell, column) =>
        column === last ? cell : cell.padEnd(widths[column] ?? 0),
      );
      return `${cells.join('')}\n`;
    })
    .join('');
}
