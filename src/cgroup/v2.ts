/** Resources -> files of cgroup v2. <kernel>/Documentation/admin-guide/cgroup-v2.rst. */
import type { BlockIo, Cpu, Memory, Resources } from '../spec/config.gen.js';
import {
  given,
  invalidResource,
  pidsMax,
  type ResourceWriter,
  warnKernelMemory,
  writeRdma,
} from './resources.js';

const DEFAULT_PERIOD = 100000n;

/**
 * cpu.shares (2 to 262144, default 1024) as cpu.weight (1 to 10000, default 100): the curve
 * through these three pairs, quadratic in the logarithm, that runc and crun agree on.
 */
export function sharesToWeight(shares: bigint): number {
  if (shares <= 2n) return 1;
  if (shares >= 262144n) return 10000;
  const log = Math.log2(Number(shares));
  return Math.ceil(10 ** ((log * log + 125 * log) / 612 - 7 / 34));
}

/** blkio.weight (10 to 1000) as io.weight (1 to 10000), linear. */
export function blkioToIoWeight(weight: number): number {
  return 1 + Math.floor(((weight - 10) * 9999) / 990);
}

const limitText = (limit: bigint): string => (limit === -1n ? 'max' : String(limit));

/**
 * memory.swap.max from memory+swap, which is what config has.
 *
 * @returns undefined where nothing is to be written.
 */
export function swapMax(limit: bigint | undefined, swap: bigint | undefined): string | undefined {
  // As on v1: unlimited memory with no word of swap lifts both.
  if (swap === undefined) return limit === -1n ? 'max' : undefined;
  if (swap === -1n) return 'max';
  if (limit === undefined) {
    throw invalidResource('/memory/swap', 'unable to set swap limit without memory limit');
  }
  if (limit === -1n) return String(swap);
  if (limit < 0n) throw invalidResource('/memory/limit', `invalid memory value: ${limit}`);
  if (swap < limit) {
    throw invalidResource('/memory/swap', 'memory+swap limit should be >= memory limit');
  }
  return String(swap - limit);
}

function memory(writer: ResourceWriter, memory: Memory): void {
  const limit = given(memory.limit);
  const swap = swapMax(limit, given(memory.swap));
  if (swap !== undefined) {
    const at = memory.swap === undefined ? '/memory/limit' : '/memory/swap';
    // Without swap accounting there is nothing to lift or forbid.
    const harmless = swap === 'max' || swap === '0' ? { tolerate: ['ENOENT'] } : {};
    writer.write('memory', 'memory.swap.max', swap, at, harmless);
  }
  if (limit !== undefined) writer.write('memory', 'memory.max', limitText(limit), '/memory/limit');
  const reservation = given(memory.reservation);
  if (reservation !== undefined) {
    writer.write('memory', 'memory.low', limitText(reservation), '/memory/reservation');
  }
  for (const name of ['swappiness', 'disableOOMKiller', 'useHierarchy'] as const) {
    const value = memory[name];
    if (value !== undefined && value !== false && !(name === 'useHierarchy' && value === true)) {
      writer.warn(`/memory/${name}`, `${name} is ignored: cgroup v2 has no such setting`);
    }
  }
  warnKernelMemory(writer, memory, ['kernel', 'kernelTCP']);
}

function cpu(writer: ResourceWriter, cpu: Cpu): void {
  const shares = given(cpu.shares);
  if (shares !== undefined) {
    writer.write('cpu', 'cpu.weight', sharesToWeight(shares), '/cpu/shares');
  }
  const quota = given(cpu.quota);
  const period = given(cpu.period);
  if (quota !== undefined || period !== undefined) {
    const max = quota !== undefined && quota > 0n ? String(quota) : 'max';
    const at = quota !== undefined ? '/cpu/quota' : '/cpu/period';
    writer.write('cpu', 'cpu.max', `${max} ${period ?? DEFAULT_PERIOD}`, at);
  }
  // After the quota, which it must not exceed.
  if (cpu.burst !== undefined) writer.write('cpu', 'cpu.max.burst', cpu.burst, '/cpu/burst');
  // After the weight: an idle group takes none.
  if (cpu.idle !== undefined) writer.write('cpu', 'cpu.idle', cpu.idle, '/cpu/idle');
  for (const name of ['realtimeRuntime', 'realtimePeriod'] as const) {
    if (given(cpu[name]) !== undefined) {
      writer.warn(`/cpu/${name}`, `${name} is ignored: cgroup v2 has no real-time bandwidth`);
    }
  }
  for (const name of ['cpus', 'mems'] as const) {
    const list = cpu[name];
    if (list !== undefined && list !== '') {
      writer.write('cpuset', `cpuset.${name}`, list, `/cpu/${name}`);
    }
  }
}

const THROTTLES = [
  ['throttleReadBpsDevice', 'rbps'],
  ['throttleWriteBpsDevice', 'wbps'],
  ['throttleReadIOPSDevice', 'riops'],
  ['throttleWriteIOPSDevice', 'wiops'],
] as const;

/** BFQ takes the v1 scale, the generic file its own. */
function weighted(writer: ResourceWriter, prefix: string, weight: number, at: string): void {
  const directory = writer.directory('io', at);
  writer.write('io', 'io.bfq.weight', `${prefix}${weight}`, at, {
    otherwise: { path: `${directory}/io.weight`, data: `${prefix}${blkioToIoWeight(weight)}` },
  });
}

function blockIo(writer: ResourceWriter, io: BlockIo): void {
  if (given(io.weight) !== undefined) weighted(writer, '', io.weight ?? 0, '/blockIO/weight');
  if (given(io.leafWeight) !== undefined) {
    writer.warn('/blockIO/leafWeight', 'leafWeight is ignored: cgroup v2 has no such setting');
  }
  (io.weightDevice ?? []).forEach((device, index) => {
    const at = `/blockIO/weightDevice/${index}`;
    if (given(device.weight) !== undefined) {
      weighted(writer, `${device.major}:${device.minor} `, device.weight ?? 0, `${at}/weight`);
    }
    if (given(device.leafWeight) !== undefined) {
      writer.warn(`${at}/leafWeight`, 'leafWeight is ignored: cgroup v2 has no such setting');
    }
  });
  for (const [property, name] of THROTTLES) {
    (io[property] ?? []).forEach(({ major, minor, rate }, index) => {
      // On v1 a rate of 0 lifts the limit; io.max has a word for it.
      const value = given(rate) ?? 'max';
      const at = `/blockIO/${property}/${index}`;
      writer.write('io', 'io.max', `${major}:${minor} ${name}=${value}`, at);
    });
  }
}

/** `unified`: the files by name, each line one write; after all else, so that they win. */
function unified(writer: ResourceWriter, files: Readonly<Record<string, string>>): void {
  for (const [name, value] of Object.entries(files)) {
    const at = `/unified/${name.replaceAll('~', '~0').replaceAll('/', '~1')}`;
    if (name.includes('/') || name === '') {
      throw invalidResource(at, `unified resource "${name}" must be a file name (no slashes)`);
    }
    const [controller = '', parameter] = name.split('.', 2);
    if (parameter === undefined || parameter === '') {
      throw invalidResource(
        at,
        `unified resource "${name}" must be in the form CONTROLLER.PARAMETER`,
      );
    }
    for (const line of value.split('\n')) {
      if (line !== '' || value === '') {
        writer.write(controller === 'cgroup' ? '' : controller, name, line, at);
      }
    }
  }
}

/**
 * Adds the writes of all resources but the devices.
 *
 * @throws OcirtError for what the host has no controller of.
 */
export function writeV2(writer: ResourceWriter, resources: Resources): void {
  if (resources.pids?.limit !== undefined) {
    writer.write('pids', 'pids.max', pidsMax(resources.pids.limit), '/pids/limit');
  }
  if (resources.memory !== undefined) memory(writer, resources.memory);
  if (resources.blockIO !== undefined) blockIo(writer, resources.blockIO);
  if (resources.cpu !== undefined) cpu(writer, resources.cpu);
  (resources.hugepageLimits ?? []).forEach(({ pageSize, limit }, index) => {
    const at = `/hugepageLimits/${index}`;
    writer.write('hugetlb', `hugetlb.${pageSize}.max`, limit, at);
    writer.write('hugetlb', `hugetlb.${pageSize}.rsvd.max`, limit, at, { tolerate: ['ENOENT'] });
  });
  for (const name of ['classID', 'priorities'] as const) {
    if (resources.network?.[name] !== undefined) {
      writer.warn(`/network/${name}`, `${name} is ignored: cgroup v2 has no such setting`);
    }
  }
  writeRdma(writer, resources.rdma);
  unified(writer, resources.unified ?? {});
}
