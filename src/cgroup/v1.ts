/** Resources -> files of cgroup v1. <kernel>/Documentation/admin-guide/cgroup-v1/. */
import type { BlockIo, Cpu, Memory, Resources } from '../spec/config.gen.js';
import {
  given,
  invalidResource,
  pidsMax,
  type ResourceWriter,
  warnKernelMemory,
  writeRdma,
} from './resources.js';

const SHARES_MIN = 2n;
const SHARES_MAX = 262144n;

function memory(writer: ResourceWriter, memory: Memory): void {
  const limit = given(memory.limit);
  const swap = given(memory.swap);
  // A new cgroup has no limit, and memory.memsw must never be below memory: so memory first,
  // unless both are lifted.
  const writeLimit = () => {
    if (limit !== undefined) {
      writer.write('memory', 'memory.limit_in_bytes', limit, '/memory/limit');
    }
  };
  const file = 'memory.memsw.limit_in_bytes';
  if (swap === -1n) {
    writer.write('memory', file, swap, '/memory/swap');
    writeLimit();
  } else {
    // "Unlimited memory" says nothing of a swap that is limited: lift that too, where it is there.
    if (limit === -1n && swap === undefined) {
      writer.write('memory', file, -1, '/memory/limit', { tolerate: ['ENOENT'] });
    }
    writeLimit();
    if (swap !== undefined) writer.write('memory', file, swap, '/memory/swap');
  }
  const reservation = given(memory.reservation);
  if (reservation !== undefined) {
    writer.write('memory', 'memory.soft_limit_in_bytes', reservation, '/memory/reservation');
  }
  if (memory.disableOOMKiller === true) {
    writer.write('memory', 'memory.oom_control', 1, '/memory/disableOOMKiller');
  }
  if (memory.useHierarchy === true) {
    // Always on since Linux 5.11; refused where the parent has it on already.
    writer.write('memory', 'memory.use_hierarchy', 1, '/memory/useHierarchy', {
      tolerate: ['EBUSY', 'EINVAL', 'ENOENT'],
    });
  }
  const { swappiness } = memory;
  if (swappiness !== undefined && swappiness !== -1) {
    if (swappiness < 0 || swappiness > 100) {
      throw invalidResource(
        '/memory/swappiness',
        `invalid memory swappiness value: ${swappiness} (valid range is 0-100)`,
      );
    }
    writer.write('memory', 'memory.swappiness', swappiness, '/memory/swappiness');
  }
  const buffers = given(memory.kernelTCP);
  if (buffers !== undefined) {
    writer.write('memory', 'memory.kmem.tcp.limit_in_bytes', buffers, '/memory/kernelTCP', {
      tolerate: ['ENOENT'],
    });
  }
  warnKernelMemory(writer, memory, ['kernel']);
}

function cpu(writer: ResourceWriter, cpu: Cpu): void {
  const shares = given(cpu.shares);
  if (shares !== undefined) {
    // The kernel would take the nearest value and say nothing.
    if (shares < SHARES_MIN) {
      throw invalidResource('/cpu/shares', `the minimum allowed cpu-shares is ${SHARES_MIN}`);
    }
    if (shares > SHARES_MAX) {
      throw invalidResource('/cpu/shares', `the maximum allowed cpu-shares is ${SHARES_MAX}`);
    }
    writer.write('cpu', 'cpu.shares', shares, '/cpu/shares');
  }
  const period = given(cpu.period);
  if (period !== undefined) writer.write('cpu', 'cpu.cfs_period_us', period, '/cpu/period');
  const quota = given(cpu.quota);
  if (quota !== undefined) writer.write('cpu', 'cpu.cfs_quota_us', quota, '/cpu/quota');
  // After the quota, which it must not exceed.
  if (cpu.burst !== undefined) {
    writer.write('cpu', 'cpu.cfs_burst_us', cpu.burst, '/cpu/burst', { tolerate: ['ENOENT'] });
  }
  // After the shares: an idle group takes none.
  if (cpu.idle !== undefined) writer.write('cpu', 'cpu.idle', cpu.idle, '/cpu/idle');
  // The period first: the runtime must fit in it.
  const realtimePeriod = given(cpu.realtimePeriod);
  if (realtimePeriod !== undefined) {
    writer.write('cpu', 'cpu.rt_period_us', realtimePeriod, '/cpu/realtimePeriod');
  }
  const realtimeRuntime = given(cpu.realtimeRuntime);
  if (realtimeRuntime !== undefined) {
    writer.write('cpu', 'cpu.rt_runtime_us', realtimeRuntime, '/cpu/realtimeRuntime');
  }
}

function cpuset(writer: ResourceWriter, cpu: Cpu): void {
  for (const name of ['cpus', 'mems'] as const) {
    const list = cpu[name];
    if (list !== undefined && list !== '') {
      writer.write('cpuset', `cpuset.${name}`, list, `/cpu/${name}`);
    }
  }
}

/** The CFQ scheduler's files (gone in Linux 5.0), or BFQ's. */
function weighted(writer: ResourceWriter, suffix: string, data: string, at: string): void {
  const directory = writer.directory('blkio', at);
  writer.write('blkio', `blkio.weight${suffix}`, data, at, {
    otherwise: { path: `${directory}/blkio.bfq.weight${suffix}`, data },
  });
}

const THROTTLES = [
  ['throttleReadBpsDevice', 'read_bps_device'],
  ['throttleWriteBpsDevice', 'write_bps_device'],
  ['throttleReadIOPSDevice', 'read_iops_device'],
  ['throttleWriteIOPSDevice', 'write_iops_device'],
] as const;

function blockIo(writer: ResourceWriter, io: BlockIo): void {
  if (given(io.weight) !== undefined) weighted(writer, '', `${io.weight}`, '/blockIO/weight');
  if (given(io.leafWeight) !== undefined) {
    writer.write('blkio', 'blkio.leaf_weight', `${io.leafWeight}`, '/blockIO/leafWeight');
  }
  (io.weightDevice ?? []).forEach((device, index) => {
    const at = `/blockIO/weightDevice/${index}`;
    const number = `${device.major}:${device.minor}`;
    if (given(device.weight) !== undefined) {
      weighted(writer, '_device', `${number} ${device.weight}`, `${at}/weight`);
    }
    if (given(device.leafWeight) !== undefined) {
      writer.write(
        'blkio',
        'blkio.leaf_weight_device',
        `${number} ${device.leafWeight}`,
        `${at}/leafWeight`,
      );
    }
  });
  for (const [property, file] of THROTTLES) {
    (io[property] ?? []).forEach(({ major, minor, rate }, index) => {
      writer.write(
        'blkio',
        `blkio.throttle.${file}`,
        `${major}:${minor} ${rate}`,
        `/blockIO/${property}/${index}`,
      );
    });
  }
}

/**
 * Adds the writes of all resources but the devices.
 *
 * @throws OcirtError for `unified`, which is of v2 only, and for what the host has no controller of.
 */
export function writeV1(writer: ResourceWriter, resources: Resources): void {
  if (resources.unified !== undefined && Object.keys(resources.unified).length > 0) {
    throw invalidResource('/unified', 'invalid configuration: cannot use unified on cgroup v1');
  }
  if (resources.cpu !== undefined) cpuset(writer, resources.cpu);
  if (resources.memory !== undefined) memory(writer, resources.memory);
  if (resources.cpu !== undefined) cpu(writer, resources.cpu);
  if (resources.pids?.limit !== undefined) {
    writer.write('pids', 'pids.max', pidsMax(resources.pids.limit), '/pids/limit');
  }
  if (resources.blockIO !== undefined) blockIo(writer, resources.blockIO);
  (resources.hugepageLimits ?? []).forEach(({ pageSize, limit }, index) => {
    const at = `/hugepageLimits/${index}`;
    writer.write('hugetlb', `hugetlb.${pageSize}.limit_in_bytes`, limit, at);
    writer.write('hugetlb', `hugetlb.${pageSize}.rsvd.limit_in_bytes`, limit, at, {
      tolerate: ['ENOENT'],
    });
  });
  const classId = given(resources.network?.classID);
  if (classId !== undefined) {
    writer.write('net_cls', 'net_cls.classid', classId, '/network/classID');
  }
  (resources.network?.priorities ?? []).forEach(({ name, priority }, index) => {
    const at = `/network/priorities/${index}`;
    writer.write('net_prio', 'net_prio.ifpriomap', `${name} ${priority}`, at);
  });
  writeRdma(writer, resources.rdma);
}
