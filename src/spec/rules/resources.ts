/** Rules of cgroup limits (config-linux.md, "Control groups") that hold for both versions. */
import type { BlockIo, Cpu, Memory, Resources } from '../config.gen.js';
import type { Findings } from '../faults.js';
import { escapePointer } from '../json.js';
import { checkList } from './context.js';
import { checkPageSize } from './formats.js';

/**
 * @param at the pointer of the resources: /linux/resources, or '' for a file of their own.
 * @param partial they will be laid over those of a container (`update`).
 */
export function checkResources(
  resources: Resources,
  at: string,
  findings: Findings,
  partial: boolean,
): void {
  checkDeviceRules(resources, at, findings);
  if (resources.memory !== undefined) {
    checkMemory(resources.memory, `${at}/memory`, findings, partial);
  }
  if (resources.cpu !== undefined) checkCpu(resources.cpu, `${at}/cpu`, findings);
  if (resources.blockIO !== undefined) checkBlockIo(resources.blockIO, `${at}/blockIO`, findings);
  const pids = resources.pids?.limit;
  if (pids !== undefined && pids < -1) {
    findings.fault(`${at}/pids/limit`, 'no such limit', pids, '-1 for no limit, or from 0 up');
  }
  checkHugepages(resources, at, findings);
  for (const [name, { hcaHandles, hcaObjects }] of Object.entries(resources.rdma ?? {})) {
    if (hcaHandles !== undefined || hcaObjects !== undefined) continue;
    const where = `${at}/rdma/${escapePointer(name)}`;
    findings.fault(where, 'limits nothing', undefined, 'hcaHandles, hcaObjects or both');
  }
  for (const file of Object.keys(resources.unified ?? {})) {
    if (/^[^./]+\.[^/]+$/.test(file)) continue;
    const where = `${at}/unified/${escapePointer(file)}`;
    const message = `unified resource ${JSON.stringify(file)} is not the name of a cgroup file`;
    findings.fault(where, message, undefined, 'CONTROLLER.PARAMETER, without slashes');
  }
}

function checkDeviceRules({ devices }: Resources, at: string, findings: Findings): void {
  devices?.forEach((rule, i) => {
    const where = `${at}/devices/${i}`;
    const allowed = 'one or more of r, w and m';
    if (rule.access === undefined || rule.access === '') {
      const message = `device access at ${i} field cannot be empty`;
      findings.fault(`${where}/access`, message, undefined, allowed);
    } else if (!/^(?!.*(.).*\1)[rwm]+$/.test(rule.access)) {
      findings.fault(`${where}/access`, 'no such device access', rule.access, allowed);
    }
    for (const key of ['major', 'minor'] as const) {
      const value = rule[key];
      if (value === undefined || (value >= -1 && value < 2 ** 32)) continue;
      const message = `no such ${key} number`;
      findings.fault(`${where}/${key}`, message, value, '-1 for all of them, or from 0 up');
    }
  });
}

const LIMITS = ['limit', 'reservation', 'swap', 'kernel', 'kernelTCP'] as const;

function checkMemory(memory: Memory, at: string, findings: Findings, partial: boolean): void {
  for (const key of LIMITS) {
    const value = memory[key];
    if (value === undefined || value >= -1) continue;
    findings.fault(`${at}/${key}`, 'no such limit', value, '-1 for no limit, or from 0 up');
  }
  const { limit = 0, swap = 0 } = memory;
  // The swap limit counts memory and swap together; 0 and -1 say nothing of a size.
  if (swap <= 0 || limit < -1) return;
  if (limit <= 0) {
    if (partial && limit === 0) return;
    const message = 'unable to set swap limit without memory limit';
    findings.fault(`${at}/swap`, message, swap, 'memory.limit beside it');
  } else if (swap < limit) {
    const message = `memory+swap limit should be >= memory limit, which is ${limit}`;
    findings.fault(`${at}/swap`, message, swap, `at least ${limit}`);
  }
}

/** Bounds of the kernel for CFS periods and quotas, in microseconds (sched-bwc). */
const MIN_TIME = 1000;
const MAX_PERIOD = 1_000_000;

function checkCpu(cpu: Cpu, at: string, findings: Findings): void {
  const { period = 0, quota = 0, burst = 0, realtimePeriod = 0, realtimeRuntime = 0 } = cpu;
  if (period !== 0 && period !== 0n && (period < MIN_TIME || period > MAX_PERIOD)) {
    const allowed = `from ${MIN_TIME} to ${MAX_PERIOD}`;
    findings.fault(`${at}/period`, 'no period that the kernel takes', period, allowed);
  }
  if (quota > 0 && quota < MIN_TIME) {
    const allowed = `at least ${MIN_TIME}, or -1 for no limit`;
    findings.fault(`${at}/quota`, 'too little for the kernel', quota, allowed);
  }
  if (quota > 0 && burst > quota) {
    const message = `the burst is larger than the quota of ${quota}`;
    findings.fault(`${at}/burst`, message, burst, `at most ${quota}`);
  }
  if (realtimePeriod > 0 && realtimeRuntime > realtimePeriod) {
    const message = `longer than the period of ${realtimePeriod}`;
    findings.fault(`${at}/realtimeRuntime`, message, realtimeRuntime, `at most ${realtimePeriod}`);
  }
  checkList(findings, `${at}/cpus`, cpu.cpus);
  checkList(findings, `${at}/mems`, cpu.mems);
}

const MAX_WEIGHT = 1000;
const THROTTLES = [
  'throttleReadBpsDevice',
  'throttleWriteBpsDevice',
  'throttleReadIOPSDevice',
  'throttleWriteIOPSDevice',
] as const;

function checkBlockIo(blockIo: BlockIo, at: string, findings: Findings): void {
  const checkWeights = (
    weights: { readonly weight?: number; readonly leafWeight?: number },
    where: string,
  ): void => {
    for (const key of ['weight', 'leafWeight'] as const) {
      const value = weights[key];
      if (value === undefined || value <= MAX_WEIGHT) continue;
      findings.fault(`${where}/${key}`, 'no such weight', value, `at most ${MAX_WEIGHT}`);
    }
  };
  const checkNumbers = (
    device: { readonly major: number | bigint; readonly minor: number | bigint },
    where: string,
  ): void => {
    for (const key of ['major', 'minor'] as const) {
      if (device[key] >= 0) continue;
      findings.fault(`${where}/${key}`, `no such ${key} number`, device[key], 'from 0 up');
    }
  };
  checkWeights(blockIo, at);
  blockIo.weightDevice?.forEach((device, i) => {
    const where = `${at}/weightDevice/${i}`;
    checkNumbers(device, where);
    checkWeights(device, where);
    if (device.weight === undefined && device.leafWeight === undefined) {
      findings.fault(where, 'gives no weight', undefined, 'weight, leafWeight or both');
    }
  });
  for (const key of THROTTLES) {
    blockIo[key]?.forEach((device, i) => {
      checkNumbers(device, `${at}/${key}/${i}`);
    });
  }
}

function checkHugepages({ hugepageLimits }: Resources, at: string, findings: Findings): void {
  const seen = new Set<string>();
  hugepageLimits?.forEach(({ pageSize }, i) => {
    const where = `${at}/hugepageLimits/${i}/pageSize`;
    if (checkPageSize(findings, where, pageSize) && seen.has(pageSize)) {
      findings.fault(where, 'the same page size twice', pageSize, 'each size once');
    }
    seen.add(pageSize);
  });
}
