/** What was used, as a few lines for people. Pure. */
import type { Known, Usage } from '../cgroup/usage.js';
import { sizeWords, timeWords } from '../units.js';

export interface Report {
  readonly name: string;
  readonly exitCode: number;
  /** Nanoseconds from the start to the end. */
  readonly elapsed: bigint;
  /** null: there was no cgroup that counts. */
  readonly usage: Usage | null;
  /** How often the limit has refused a process. */
  readonly pidsRefused: Known;
  readonly limits: {
    /** Bytes. */
    readonly memory?: number | undefined;
    readonly cpus?: number | undefined;
    readonly pids?: number | undefined;
  };
}

const times = (count: bigint): string => (count === 1n ? 'once' : `${count} times`);

/** The report, each line with its end. */
export function reportText(report: Report): string {
  const { name, exitCode, elapsed, usage } = report;
  const lines = [`${name}: ended with status ${exitCode} after ${timeWords(elapsed)}`];
  if (usage === null)
    lines.push('  not counted: it had no cgroup of its own, or systemd has removed it already');
  else {
    const rows = [
      ['memory', memoryText(usage, report)],
      ['processor', processorText(usage, report)],
      ['processes', processesText(usage, report)],
      ['disk', diskText(usage)],
    ];
    for (const [what = '', text] of rows) {
      if (text !== undefined) lines.push(`  ${what.padEnd(10)} ${text}`);
    }
  }
  return `${lines.join('\n')}\n`;
}

function memoryText({ memory }: Usage, { limits }: Report): string | undefined {
  const peak = memory.peakBytes ?? memory.bytes;
  const kills = memory.oomKills ?? 0n;
  const parts = [
    peak === null
      ? undefined
      : `at most ${sizeWords(peak)}${limits.memory === undefined ? '' : ` of ${sizeWords(BigInt(limits.memory))}`}`,
    kills === 0n ? undefined : `out of memory: the kernel has killed ${times(kills)}`,
  ];
  return joined(parts);
}

/** How much of the processors that is says nothing of what ended at once: setting it up counts, too. */
const SHARE_FROM = 1_000_000_000n;

function processorText({ cpu }: Usage, { elapsed, limits }: Report): string | undefined {
  const { totalNs, userNs, systemNs, throttledPeriods, throttledNs } = cpu;
  if (totalNs === null) return undefined;
  const user = userNs ?? 0n;
  const kernel = systemNs ?? 0n;
  const parts = user + kernel > 0n ? ` (${timeWords(user)} user, ${timeWords(kernel)} kernel)` : '';
  const most = limits.cpus === undefined ? '' : ` of ${limits.cpus}`;
  const share =
    elapsed < SHARE_FROM ? '' : `, ${(Number(totalNs) / Number(elapsed)).toFixed(2)}${most} in use`;
  const held = throttledPeriods ?? 0n;
  return joined([
    `${timeWords(totalNs)}${parts}${share}`,
    held === 0n ? undefined : `held back ${times(held)}, for ${timeWords(throttledNs ?? 0n)}`,
  ]);
}

function processesText({ pids }: Usage, { pidsRefused, limits }: Report): string | undefined {
  const most = limits.pids === undefined ? '' : ` of ${limits.pids}`;
  const refused = pidsRefused ?? 0n;
  return joined([
    pids.peak === null ? undefined : `at most ${pids.peak}${most} at a time`,
    refused === 0n ? undefined : `the limit has refused one ${times(refused)}`,
  ]);
}

function diskText({ io: { readBytes, writtenBytes } }: Usage): string | undefined {
  if (readBytes === null || writtenBytes === null) return undefined;
  return `${sizeWords(readBytes)} read, ${sizeWords(writtenBytes)} written`;
}

function joined(parts: readonly (string | undefined)[]): string | undefined {
  const said = parts.filter((part) => part !== undefined);
  return said.length === 0 ? undefined : said.join('; ');
}
