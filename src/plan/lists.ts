/** Lists of numbers as the kernel writes them: "0-3,7" (cpuset(7), "List format"). */

/** CONFIG_NR_CPUS and the node mask are below this on every architecture. */
const HIGHEST = 65535;

/** The numbers, sorted, each once; undefined if the text is malformed. An empty text: none. */
export function parseNumberList(text: string): number[] | undefined {
  const numbers = new Set<number>();
  for (const raw of text.split(',')) {
    const part = raw.trim();
    if (part === '') continue;
    const match = /^(\d{1,6})(?:-(\d{1,6}))?$/.exec(part);
    if (match === null) return undefined;
    const first = Number(match[1]);
    const last = Number(match[2] ?? match[1]);
    if (last < first || last > HIGHEST) return undefined;
    for (let number = first; number <= last; number++) numbers.add(number);
  }
  return [...numbers].sort((a, b) => a - b);
}
