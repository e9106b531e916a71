/** What a container uses: reads the files that src/cgroup/stats.ts asks for. */
import { cgroupStats, hugePageSizes, statsFiles } from '../cgroup/stats.js';
import { parseNetDev } from '../cgroup/stats-network.js';
import { DOMAIN_FILES, type DomainTexts, RDT_FILES, rdtStats } from '../cgroup/stats-rdt.js';
import type { FileText } from '../cgroup/stats-text.js';
import type { CgroupStats, RdtStats, Stats } from '../cgroup/stats-types.js';
import { OcirtError } from '../errors.js';
import type { Binding } from '../native/binding.js';
import { findResctrl } from '../plan/intel-rdt.js';
import { isAlive } from '../state/process.js';
import type { ContainerRecord } from '../state/record.js';
import { leading, subdirectories } from './cgroup-processes.js';
import type { Runtime } from './context.js';
import { errnoOf, wrap } from './errors.js';

const HUGE_PAGES = '/sys/kernel/mm/hugepages';

/**
 * A file that is there and has nothing to say: of a cgroup that is gone meanwhile, of an account
 * that is switched off (PSI), or not for this user.
 */
const NO_TEXT: readonly string[] = ['ENODEV', 'EOPNOTSUPP', 'ENOTSUP', 'EACCES', 'EPERM', 'EINVAL'];

/** What every verb that needs a living container says of one that is none. */
export function notRunning(id: string): OcirtError {
  return new OcirtError('container-not-running', `container with id ${id} is not running`);
}

function readText(native: Binding, path: string): FileText {
  try {
    return native.readFiles([path])[0];
  } catch (error) {
    if (NO_TEXT.includes(errnoOf(error))) return null;
    throw error;
  }
}

/** All in one call; one by one where one of them fails. */
export function readTexts(native: Binding, paths: readonly string[]): (path: string) => FileText {
  let texts: readonly FileText[];
  try {
    texts = native.readFiles(paths);
  } catch {
    texts = paths.map((path) => readText(native, path));
  }
  const byPath = new Map(paths.map((path, index) => [path, texts[index]]));
  return (path) => byPath.get(path);
}

/**
 * The statistics of a created, running or paused container.
 *
 * @throws OcirtError `container-not-running`, also where it ends meanwhile; `cgroup-missing`
 */
export function statistics(runtime: Runtime, id: string): Stats {
  const record = runtime.store.read(id);
  return statisticsOf(runtime, record);
}

/** The same for a record that has been read. */
export function statisticsOf(runtime: Runtime, record: ContainerRecord): Stats {
  const { native } = runtime;
  const { cgroup, id } = record;
  if (!isAlive(native, record.init)) throw notRunning(id);
  const directory = leading(cgroup.paths);
  if (directory === undefined || native.status(directory, true) === null) {
    throw new OcirtError(
      'cgroup-missing',
      'unable to get container cgroup stats: the container has no cgroup',
      { path: directory },
    );
  }
  let stats: Stats;
  try {
    stats = {
      ...groupStatistics(native, cgroup),
      intel_rdt: rdtOf(runtime, record),
      network_interfaces: record.namespaces.includes('network')
        ? parseNetDev(readText(native, `/proc/${record.init?.pid}/net/dev`))
        : null,
    };
  } catch (error) {
    throw wrap(error, 'cgroup-read', 'unable to get container cgroup stats');
  }
  // What was read of a cgroup that went meanwhile is no statistics.
  if (!isAlive(native, record.init)) throw notRunning(id);
  return stats;
}

/** What the cgroup says, whether or not somebody is in it; it must be there. */
function groupStatistics(native: Binding, cgroup: ContainerRecord['cgroup']): CgroupStats {
  const pageSizes = hugePageSizes(native.readDirectory(HUGE_PAGES) ?? []);
  const texts = readTexts(native, statsFiles(cgroup, pageSizes));
  return cgroupStats(cgroup, pageSizes, native.system().clockTicks, texts);
}

function rdtOf(runtime: Runtime, { intelRdt }: ContainerRecord): RdtStats {
  if (intelRdt === undefined) return {};
  const { native } = runtime;
  const root = runtime.resctrl ?? findResctrl(readText(native, '/proc/self/mountinfo') ?? '');
  if (root === undefined) return {};
  const [group = root, monitoring = group] = intelRdt.groups;
  const texts = readTexts(native, [
    `${group}/schemata`,
    ...RDT_FILES.map((file) => `${root}/${file}`),
  ]);
  const domains = subdirectories(native, `${monitoring}/mon_data`).map((path): DomainTexts => {
    const domain = readTexts(
      native,
      DOMAIN_FILES.map((file) => `${path}/${file}`),
    );
    return {
      mbm_total_bytes: domain(`${path}/mbm_total_bytes`),
      mbm_local_bytes: domain(`${path}/mbm_local_bytes`),
      llc_occupancy: domain(`${path}/llc_occupancy`),
    };
  });
  return rdtStats((file) => texts(`${root}/${file}`), texts(`${group}/schemata`), domains);
}
