/** What containers have used, for people: a table of several, and a report about one. */
import type { PressureStats } from '../cgroup/stats-types.js';
import type { Usage } from '../cgroup/usage.js';
import type { ContainerUsage } from '../runtime/usage.js';
import { countText, sizeText, timeText, UNKNOWN } from '../units.js';
import { formatTable } from './table.js';

/** How much of one thing is throttled: "3/20" periods. */
function throttledText({ periods, throttledPeriods }: Usage['cpu']): string {
  return periods === null ? UNKNOWN : `${throttledPeriods ?? 0n}/${periods}`;
}

const COLUMNS: readonly (readonly [title: string, text: (usage: Usage) => string])[] = [
  ['CPU TIME', ({ cpu }) => timeText(cpu.totalNs)],
  ['THROTTLED', ({ cpu }) => throttledText(cpu)],
  ['MEMORY', ({ memory }) => sizeText(memory.bytes)],
  ['PEAK', ({ memory }) => sizeText(memory.peakBytes)],
  ['LIMIT', ({ memory }) => sizeText(memory.limitBytes)],
  ['OOM KILLS', ({ memory }) => countText(memory.oomKills)],
  ['PIDS', ({ pids }) => countText(pids.current)],
  ['PEAK', ({ pids }) => countText(pids.peak)],
  ['LIMIT', ({ pids }) => countText(pids.limit)],
  ['READ', ({ io }) => sizeText(io.readBytes)],
  ['WRITTEN', ({ io }) => sizeText(io.writtenBytes)],
];

/** A row for each container. */
export function usageTable(containers: readonly ContainerUsage[]): string {
  return formatTable([
    ['ID', 'STATUS', ...COLUMNS.map(([title]) => title)],
    ...containers.map(({ id, status, usage }) => [
      id,
      status,
      ...COLUMNS.map(([, text]) => (usage === null ? UNKNOWN : text(usage))),
    ]),
  ]);
}

function pressureText(name: string, stats: PressureStats | null): string {
  return `${name} ${stats === null ? UNKNOWN : timeText(stats.some.total * 1000n)}`;
}

/** What a report has to say, line by line: its subject, and the rest. */
export function reportRows({ cpu, memory, pids, io, pressure }: Usage): [string, string][] {
  const throttled =
    cpu.periods === null || cpu.periods === 0n
      ? 'never: no quota'
      : `${timeText(cpu.throttledNs)} in ${cpu.throttledPeriods ?? 0n} of ${cpu.periods} periods`;
  const kills = memory.oomKills === 1n ? '1 process' : `${countText(memory.oomKills)} processes`;
  const limit = (text: string): string => (text === UNKNOWN ? 'no limit' : `limit ${text}`);
  return [
    [
      'CPU time',
      `${timeText(cpu.totalNs)} (user ${timeText(cpu.userNs)}, system ${timeText(cpu.systemNs)})`,
    ],
    ['throttled', throttled],
    [
      'memory',
      `peak ${sizeText(memory.peakBytes)}, now ${sizeText(memory.bytes)}, ${limit(sizeText(memory.limitBytes))}`,
    ],
    ['swap', sizeText(memory.swapBytes)],
    ['OOM killed', `${kills}; limit met ${countText(memory.limitHits)} times`],
    [
      'pids',
      `peak ${countText(pids.peak)}, now ${countText(pids.current)}, ${limit(countText(pids.limit))}`,
    ],
    [
      'I/O',
      `read ${sizeText(io.readBytes)} (${countText(io.reads)}), wrote ${sizeText(io.writtenBytes)} (${countText(io.writes)})`,
    ],
    [
      'waited for',
      [
        pressureText('CPU', pressure.cpu),
        pressureText('memory', pressure.memory),
        pressureText('I/O', pressure.io),
      ].join(', '),
    ],
  ];
}

/** A report about each container, on several lines. */
export function usageReport(containers: readonly ContainerUsage[]): string {
  return containers
    .map(({ id, status, usage }) => {
      const rows = usage === null ? [['no cgroup', 'nothing was kept']] : reportRows(usage);
      return [
        `${id}: ${status}`,
        ...rows.map(([about = '', text]) => `  ${about.padEnd(12)}${text}`),
      ];
    })
    .map((lines) => `${lines.join('\n')}\n`)
    .join('\n');
}
