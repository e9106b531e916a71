/**
 * Resources -> properties of a unit: systemd.resource-control(5), org.freedesktop.systemd1(5).
 *
 * systemd writes the same cgroup files as we do afterwards. It is told so that it writes them the
 * same whenever it comes back to the unit; what it has no property for is in the files alone. Pure.
 */
import type { Cpu, Memory, Resources } from '../../spec/config.gen.js';
import { given, invalidResource, pidsMax } from '../resources.js';
import { blkioToIoWeight, sharesToWeight, swapMax } from '../v2.js';
import { listToMask } from './cpu-mask.js';
import type { Property } from './types.js';

/** What systemd takes for "no limit". */
export const INFINITY = 2n ** 64n - 1n;
const SECOND_US = 1_000_000n;
const DEFAULT_PERIOD_US = 100_000n;
/** systemd keeps a quota as whole percents of a processor: 10 ms of each second. */
const PERCENT_US = 10_000n;

/** The first version of systemd that has it. */
const SINCE = { period: 242, cpuset: 244, idle: 252 } as const;

interface Notes {
  readonly at: string;
  readonly message: string;
}

/** The properties of one container in the making. */
class Collector {
  readonly properties: Property[] = [];
  readonly warnings: Notes[] = [];
  readonly version: number;

  constructor(version: number) {
    this.version = version;
  }

  add(name: string, signature: string, value: Property['value'], at: string): void {
    this.properties.push({ name, signature, value, at: `/linux/resources${at}` });
  }

  /** A number of which -1 and below say "no limit". */
  limit(name: string, value: bigint, at: string): void {
    this.add(name, 't', value < 0n ? INFINITY : value, at);
  }

  /** Whether this systemd has the property; else the cgroup file alone has the limit. */
  has(feature: keyof typeof SINCE): boolean {
    return this.version >= SINCE[feature];
  }

  warn(at: string, message: string): void {
    this.warnings.push({ at: `/linux/resources${at}`, message });
  }
}

/** Processor time in each second, rounded up to what systemd can keep. */
export function quotaPerSecond(quota: bigint, period: bigint): bigint {
  const exact = (quota * SECOND_US) / period;
  return ((exact + PERCENT_US - 1n) / PERCENT_US) * PERCENT_US;
}

function quota(to: Collector, cpu: Pick<Cpu, 'quota' | 'period'>, at: string): void {
  const quota = given(cpu.quota);
  const period = given(cpu.period);
  if (quota === undefined && period === undefined) return;
  if (period !== undefined && to.has('period')) to.add('CPUQuotaPeriodUSec', 't', period, at);
  const limited = quota !== undefined && quota > 0n;
  const each = limited ? quotaPerSecond(quota, period ?? DEFAULT_PERIOD_US) : INFINITY;
  to.add('CPUQuotaPerSecUSec', 't', each, at);
}

function cpuset(to: Collector, cpus: string | undefined, mems: string | undefined, at: string) {
  if (!to.has('cpuset')) return;
  const lists = [
    ['AllowedCPUs', cpus],
    ['AllowedMemoryNodes', mems],
  ] as const;
  for (const [name, list] of lists) {
    if (list !== undefined && list !== '') to.add(name, 'ay', listToMask(list, at), at);
  }
}

/** The weight and whether the group is idle are one property: CPUWeight=0 is idle. */
function weight(to: Collector, idle: boolean, value: bigint | undefined, at: string): void {
  if (idle && to.has('idle')) {
    to.add('CPUWeight', 't', 0n, at);
    if (value !== undefined) {
      to.warn(at, 'unable to apply both the weight and idle to systemd: the weight is ignored');
    }
  } else if (value !== undefined) to.add('CPUWeight', 't', value, at);
}

function memoryV2(to: Collector, memory: Memory): void {
  const limit = given(memory.limit);
  if (limit !== undefined) to.limit('MemoryMax', limit, '/memory/limit');
  const reservation = given(memory.reservation);
  if (reservation !== undefined) to.limit('MemoryLow', reservation, '/memory/reservation');
  const swap = swapMax(limit, given(memory.swap));
  if (swap !== undefined) {
    to.limit('MemorySwapMax', swap === 'max' ? -1n : BigInt(swap), '/memory/swap');
  }
}

/** "max" or a number. */
function numberOrMax(text: string, at: string): bigint {
  const trimmed = text.trim();
  if (trimmed === 'max') return -1n;
  if (!/^\d+$/.test(trimmed)) throw invalidResource(at, `invalid value "${text}"`);
  return BigInt(trimmed);
}

/** Files of `unified` that are one number, and their properties. */
const UNIFIED_NUMBERS: Readonly<Record<string, string>> = {
  'memory.high': 'MemoryHigh',
  'memory.low': 'MemoryLow',
  'memory.min': 'MemoryMin',
  'memory.max': 'MemoryMax',
  'memory.swap.max': 'MemorySwapMax',
  'pids.max': 'TasksMax',
};

function unified(to: Collector, files: Readonly<Record<string, string>>): void {
  const place = (name: string): string => `/unified/${name}`;
  for (const [name, value] of Object.entries(files)) {
    const property = UNIFIED_NUMBERS[name];
    if (property !== undefined) to.limit(property, numberOrMax(value, place(name)), place(name));
  }
  const max = files['cpu.max'];
  if (max !== undefined) {
    const at = place('cpu.max');
    const [quotaText = '', period = String(DEFAULT_PERIOD_US)] = max.trim().split(/\s+/);
    quota(to, { quota: numberOrMax(quotaText, at), period: numberOrMax(period, at) }, at);
  }
  const idle = files['cpu.idle']?.trim() === '1';
  const given = files['cpu.weight'];
  const at = place(idle ? 'cpu.idle' : 'cpu.weight');
  weight(to, idle, given === undefined ? undefined : numberOrMax(given, at), at);
  cpuset(to, files['cpuset.cpus'], files['cpuset.mems'], place('cpuset.cpus'));
}

/**
 * The properties of resources, without device rules.
 *
 * @param version systemd's: one that it does not know would make it refuse all of them
 * @throws OcirtError where a value can't be had
 */
export function resourceProperties(
  resources: Resources,
  v2: boolean,
  version: number,
): { readonly properties: readonly Property[]; readonly warnings: readonly Notes[] } {
  const to = new Collector(version);
  const { memory, cpu, pids, blockIO } = resources;
  const ioWeight = given(blockIO?.weight);
  if (v2) {
    if (memory !== undefined) memoryV2(to, memory);
    const shares = given(cpu?.shares);
    const cpuWeight = shares === undefined ? undefined : BigInt(sharesToWeight(shares));
    weight(to, cpu?.idle === 1, cpuWeight, cpu?.idle === 1 ? '/cpu/idle' : '/cpu/shares');
    if (ioWeight !== undefined) {
      to.add('IOWeight', 't', BigInt(blkioToIoWeight(Number(ioWeight))), '/blockIO/weight');
    }
  } else {
    const limit = given(memory?.limit);
    if (limit !== undefined) to.limit('MemoryLimit', limit, '/memory/limit');
    const shares = given(cpu?.shares);
    if (shares !== undefined) to.add('CPUShares', 't', shares, '/cpu/shares');
    if (ioWeight !== undefined) to.add('BlockIOWeight', 't', ioWeight, '/blockIO/weight');
  }
  if (cpu !== undefined) {
    quota(to, cpu, given(cpu.quota) === undefined ? '/cpu/period' : '/cpu/quota');
    cpuset(to, cpu.cpus, cpu.mems, '/cpu/cpus');
  }
  if (pids?.limit !== undefined) {
    to.limit('TasksMax', numberOrMax(pidsMax(pids.limit), '/pids/limit'), '/pids/limit');
  }
  if (v2) unified(to, resources.unified ?? {});
  return { properties: to.properties, warnings: to.warnings };
}

/** What a property is without a limit, by its type; those of which that is another value. */
const UNSET: Readonly<Record<string, Property['value']>> = {
  t: INFINITY,
  ay: [],
  MemoryLow: 0n,
  MemoryMin: 0n,
};

const sameValue = (a: Property, b: Property): boolean => {
  const bytes = (value: Property['value']) => (value instanceof Uint8Array ? [...value] : [value]);
  return bytes(a.value).join() === bytes(b.value).join();
};

/**
 * What has to be set to get from one list of limits to another. Those that stay are left alone:
 * systemd would write their files anew, and not always as exactly as we have.
 */
export function changedProperties(
  from: readonly Property[],
  to: readonly Property[],
): readonly Property[] {
  // The last one of a name counts.
  const byName = (list: readonly Property[]) => new Map(list.map((entry) => [entry.name, entry]));
  const before = byName(from);
  const after = byName(to);
  const changed = [...after.values()].filter((property) => {
    const old = before.get(property.name);
    return old === undefined || !sameValue(old, property);
  });
  const gone = [...before.values()].flatMap((property): Property[] => {
    const value = UNSET[property.name] ?? UNSET[property.signature];
    return after.has(property.name) || value === undefined ? [] : [{ ...property, value }];
  });
  return [...changed, ...gone];
}
