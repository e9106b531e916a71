/** Statistics of a container's cgroup, whichever kind the host has. Pure. */
import { type FileText, parsePressure } from './stats-text.js';
import type { CgroupStats } from './stats-types.js';
import { filesV1, statsV1 } from './stats-v1.js';
import { filesV2, hugetlbFilesV2, hugetlbStatsV2, PRESSURE_FILES, statsV2 } from './stats-v2.js';
import type { CgroupFacts } from './types.js';

/** The cgroup of a container, as its record has it: directories by controller, '' for v2. */
export interface CgroupPlace {
  readonly mode: CgroupFacts['mode'];
  readonly paths: Readonly<Record<string, string>>;
}

const UNITS = ['KB', 'MB', 'GB', 'TB', 'PB'];

/**
 * Sizes of huge pages as cgroup files have them in their names: `2MB`.
 *
 * @param names of the directories in /sys/kernel/mm/hugepages: `hugepages-2048kB`
 */
export function hugePageSizes(names: readonly string[]): string[] {
  return names.flatMap((name) => {
    const match = /^hugepages-(\d+)kB$/.exec(name);
    if (match === null) return [];
    let size = Number(match[1]);
    let unit = 0;
    for (; size >= 1024 && unit < UNITS.length - 1; unit++) size = Math.floor(size / 1024);
    return [`${size}${UNITS[unit]}`];
  });
}

/** Absolute paths of all files that `cgroupStats` looks at; not all of them exist. */
export function statsFiles({ mode, paths }: CgroupPlace, pageSizes: readonly string[]): string[] {
  const unified = paths[''];
  const below = (directory: string | undefined, names: readonly string[]): string[] =>
    directory === undefined ? [] : names.map((name) => `${directory}/${name}`);
  if (mode === 'v2') return below(unified, filesV2(pageSizes));
  const v1 = Object.entries(filesV1(pageSizes)).flatMap(([controller, names]) =>
    below(paths[controller], names),
  );
  return [...v1, ...below(unified, [...PRESSURE_FILES, ...hugetlbFilesV2(pageSizes)])];
}

/**
 * The statistics.
 *
 * @param textOf the text of one of `statsFiles`
 * @param clockTicks ticks of the kernel's clock in a second (v1)
 */
export function cgroupStats(
  { mode, paths }: CgroupPlace,
  pageSizes: readonly string[],
  clockTicks: number,
  textOf: (path: string) => FileText,
): CgroupStats {
  const read = (controller: string, file: string): FileText => {
    const directory = paths[controller];
    return directory === undefined ? undefined : textOf(`${directory}/${file}`);
  };
  const unified = (file: string): FileText => read('', file);
  if (mode === 'v2') return statsV2(unified, pageSizes);
  const stats = statsV1(read, pageSizes, clockTicks);
  // What a hybrid host has on its v2 side alone.
  return {
    ...stats,
    cpu: { ...stats.cpu, psi: parsePressure(unified('cpu.pressure')) },
    memory: { ...stats.memory, psi: parsePressure(unified('memory.pressure')) },
    blkio: { ...stats.blkio, psi: parsePressure(unified('io.pressure')) },
    hugetlb: paths.hugetlb === undefined ? hugetlbStatsV2(unified, pageSizes) : stats.hugetlb,
  };
}
