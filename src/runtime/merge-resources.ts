/** The resources of a container with changes laid over them. Pure. */
import type {
  BlockIo,
  Cpu,
  HugepageLimit,
  Memory,
  Network,
  Resources,
} from '../spec/config.gen.js';

type Keyed = Readonly<{ major: number | bigint; minor: number | bigint }>;

/** Properties in which 0 has a meaning; in the others it says "as it is", as engines write it. */
const ZERO_COUNTS: readonly string[] = ['burst', 'idle', 'swappiness'];

/** The properties that are there and say something. */
function said<T extends object>(changes: T | undefined): T {
  return Object.fromEntries(
    Object.entries(changes ?? {}).filter(
      ([name, value]) =>
        value !== undefined &&
        value !== '' &&
        (ZERO_COUNTS.includes(name) || (value !== 0 && value !== 0n)),
    ),
  ) as T;
}

/** Lists by a key: an entry that is there already is changed in its place. */
function byKey<T extends object>(
  stored: readonly T[] | undefined,
  changes: readonly T[],
  keyOf: (entry: T) => string,
): T[] {
  const entries = new Map((stored ?? []).map((entry) => [keyOf(entry), entry]));
  for (const entry of changes) {
    entries.set(keyOf(entry), { ...entries.get(keyOf(entry)), ...entry });
  }
  return [...entries.values()];
}

const deviceKey = ({ major, minor }: Keyed): string => `${major}:${minor}`;

function mergeMemory(stored: Memory | undefined, changes: Memory): Memory {
  // The limit of kernel memory is gone from the kernel; the warning at the update is enough.
  const { kernel: _kernel, ...rest } = said(changes);
  const memory: Memory = { ...stored, ...rest };
  // No limit of memory, and not a word of swap: that is lifted, too.
  if (Number(rest.limit) === -1 && rest.swap === undefined) delete memory.swap;
  return memory;
}

const BY_DEVICE = [
  'throttleReadBpsDevice',
  'throttleWriteBpsDevice',
  'throttleReadIOPSDevice',
  'throttleWriteIOPSDevice',
] as const;

function mergeBlockIo(stored: BlockIo | undefined, changes: BlockIo): BlockIo {
  const merged: BlockIo = { ...stored, ...said(changes) };
  if (changes.weightDevice !== undefined) {
    merged.weightDevice = byKey(stored?.weightDevice, changes.weightDevice, deviceKey);
  }
  for (const name of BY_DEVICE) {
    const list = changes[name];
    if (list !== undefined) merged[name] = byKey(stored?.[name], list, deviceKey);
  }
  return merged;
}

function mergeNetwork(stored: Network | undefined, changes: Network): Network {
  const merged: Network = { ...stored, ...said(changes) };
  if (changes.priorities !== undefined) {
    merged.priorities = byKey(stored?.priorities, changes.priorities, ({ name }) => name);
  }
  return merged;
}

/**
 * Lays the changes of an `update` over the resources that a container has. A list of devices in
 * blockIO, huge page sizes, interfaces, RDMA devices and unified files are merged entry by entry;
 * device rules, whose order has a meaning, are replaced as a whole.
 */
export function mergeResources(stored: Resources, changes: Resources): Resources {
  const merged: Resources = { ...stored };
  if (changes.devices !== undefined) merged.devices = changes.devices;
  if (changes.memory !== undefined) merged.memory = mergeMemory(stored.memory, changes.memory);
  if (changes.cpu !== undefined) {
    merged.cpu = { ...stored.cpu, ...said<Cpu>(changes.cpu) };
  }
  if (changes.pids?.limit !== undefined) merged.pids = { ...stored.pids, ...changes.pids };
  if (changes.blockIO !== undefined) merged.blockIO = mergeBlockIo(stored.blockIO, changes.blockIO);
  if (changes.hugepageLimits !== undefined) {
    const size = ({ pageSize }: HugepageLimit): string => pageSize;
    merged.hugepageLimits = byKey(stored.hugepageLimits, changes.hugepageLimits, size);
  }
  if (changes.network !== undefined) merged.network = mergeNetwork(stored.network, changes.network);
  if (changes.rdma !== undefined) {
    const rdma = { ...stored.rdma };
    for (const [name, limits] of Object.entries(changes.rdma)) {
      rdma[name] = { ...rdma[name], ...limits };
    }
    merged.rdma = rdma;
  }
  if (changes.unified !== undefined) merged.unified = { ...stored.unified, ...changes.unified };
  return merged;
}
