/**
 * New limits for a cgroup that is in use: which files are written, in which order, and how a write
 * is taken back. Pure; src/runtime/update.ts carries it out.
 */
import type { Cpu, Memory, Resources } from '../spec/config.gen.js';
import { given, invalidResource, ResourceWriter } from './resources.js';
import type { CgroupFacts, CgroupPlan, CgroupWrite } from './types.js';
import { writeV1 } from './v1.js';
import { writeV2 } from './v2.js';

export interface UpdateInput {
  readonly mode: CgroupFacts['mode'];
  /** The cgroup of the container in each hierarchy, as its record has it. */
  readonly paths: Readonly<Record<string, string>>;
  /** What is to change. */
  readonly given: Resources;
  /** What the container was limited to so far. */
  readonly stored: Resources;
  /** A cgroup file; null where there is none. */
  readonly read: (path: string) => string | null;
}

export interface UpdatePlan {
  /** One after the other; the writes of a stage go in any order that the kernel takes. */
  readonly stages: readonly (readonly CgroupWrite[])[];
  readonly warnings: CgroupPlan['warnings'];
}

const V2_CORE: readonly string[] = ['', 'cgroup'];

const fileOf = (path: string): string => path.slice(path.lastIndexOf('/') + 1);

/** The number in a file; "max" and what is not there are undefined. */
function numberIn(text: string | null | undefined): bigint | undefined {
  const trimmed = (text ?? '').trim();
  return /^-?\d+$/.test(trimmed) ? BigInt(trimmed) : undefined;
}

/** Compiles an update. Throws where a value can't be had. */
export function compileUpdate(input: UpdateInput): UpdatePlan {
  const v2 = input.mode === 'v2';
  const available = v2
    ? (input.read(`${input.paths['']}/cgroup.controllers`) ?? '').trim().split(/\s+/)
    : [];
  const writer = new ResourceWriter((controller) => {
    if (!v2) return input.paths[controller];
    return [...V2_CORE, ...available].includes(controller) ? input.paths[''] : undefined;
  });
  const { devices: _, ...rest } = input.given;
  const resources: Resources = { ...rest };
  if (rest.cpu !== undefined) resources.cpu = wholeCpu(rest.cpu, input, v2);
  if (v2) {
    if (rest.memory !== undefined) resources.memory = wholeMemory(rest.memory, input);
    writeV2(writer, resources);
  } else {
    writeV1(writer, resources);
    if (rest.memory?.disableOOMKiller === false && input.stored.memory?.disableOOMKiller === true) {
      writer.write('memory', 'memory.oom_control', 0, '/memory/disableOOMKiller');
    }
  }
  return { stages: inStages(orderMemory(writer.writes, input.read)), warnings: writer.warnings };
}

/** What is to be written beside what was given, as the two are one value to the kernel. */
function wholeCpu(cpu: Cpu, input: UpdateInput, v2: boolean): Cpu {
  const whole: Cpu = { ...cpu };
  const directory = input.paths[v2 ? '' : 'cpu'] ?? '';
  const quota = given(cpu.quota);
  const period = given(cpu.period);
  if (v2 && (quota !== undefined || period !== undefined)) {
    // cpu.max has both: "max 100000".
    const [max, every] = (input.read(`${directory}/cpu.max`) ?? '').trim().split(' ');
    whole.quota = quota ?? numberIn(max) ?? -1;
    const current = period ?? numberIn(every);
    if (current !== undefined) whole.period = current;
  }
  const idle = () => numberIn(input.read(`${directory}/cpu.idle`)) === 1n;
  const shares = given(input.stored.cpu?.shares);
  // The kernel takes no weight for a group that is idle, and has forgotten the one before.
  if (cpu.idle === 1 && given(cpu.shares) !== undefined && idle()) delete whole.shares;
  if (cpu.idle === 0 && given(cpu.shares) === undefined && shares !== undefined && idle()) {
    whole.shares = shares;
  }
  return whole;
}

/** v2 has swap by itself where config has it together with memory: each needs the other. */
function wholeMemory(memory: Memory, input: UpdateInput): Memory {
  const limit = given(memory.limit);
  const swap = given(memory.swap);
  const whole: Memory = { ...memory };
  const stored = input.stored.memory ?? {};
  if (limit === undefined && swap !== undefined) {
    const known = given(stored.limit);
    if (known !== undefined) whole.limit = known;
  }
  if (limit !== undefined && limit !== -1n && swap === undefined) {
    const known = given(stored.swap);
    if (known !== undefined) whole.swap = known;
  }
  return whole;
}

/**
 * v1: memory must never be more than memory+swap. Where the new memory+swap is no less than the
 * memory limit that is in force, it goes first; else memory has to get below it before.
 */
export function orderMemory(
  writes: readonly CgroupWrite[],
  read: (path: string) => string | null,
): CgroupWrite[] {
  const find = (name: string) => writes.findIndex(({ path }) => fileOf(path) === name);
  const memory = find('memory.limit_in_bytes');
  const swap = find('memory.memsw.limit_in_bytes');
  const result = [...writes];
  const one = writes[memory];
  const both = writes[swap];
  if (one === undefined || both === undefined) return result;
  const inForce = numberIn(read(one.path));
  const wanted = BigInt(both.data);
  const swapFirst = wanted < 0n || inForce === undefined || wanted >= inForce;
  const [first, second] = swapFirst ? [both, one] : [one, both];
  result[Math.min(memory, swap)] = first;
  result[Math.max(memory, swap)] = second;
  return result;
}

/**
 * All of cpu is one stage. The quota must not pass what the parent has for the period, the burst
 * not the quota, the real-time runtime not its period, and an idle group takes no weight: which
 * order fits depends on the values in force, the parent's and the children's, which may change.
 */
function inStages(writes: readonly CgroupWrite[]): CgroupWrite[][] {
  const cpu = writes.filter(({ path }) => fileOf(path).startsWith('cpu.'));
  const stages: CgroupWrite[][] = [];
  for (const write of writes) {
    if (!cpu.includes(write)) stages.push([write]);
    else if (write === cpu[0]) stages.push(cpu);
  }
  return stages;
}

/** With these errnos a write may be taken after another one of its stage. */
export const TRY_AGAIN: readonly string[] = ['EINVAL'];

/**
 * Why an update is refused with memory.checkBeforeUpdate: more is in use than would be allowed.
 *
 * @param usage of memory, and of swap (v2) or both together (v1); undefined: not known.
 */
export function checkUsage(
  memory: Memory,
  usage: { readonly memory?: bigint | undefined; readonly both?: bigint | undefined },
): void {
  const limit = given(memory.limit) ?? 0n;
  const swap = given(memory.swap) ?? 0n;
  if (limit > 0n && usage.memory !== undefined && usage.memory > limit) {
    throw invalidResource(
      '/memory/limit',
      `rejecting memory limit ${limit} < usage ${usage.memory}`,
    );
  }
  if (swap > 0n && usage.both !== undefined && usage.both > swap) {
    throw invalidResource(
      '/memory/swap',
      `rejecting memory+swap limit ${swap} < usage ${usage.both}`,
    );
  }
}

/** Files with a line for each device, and what lifts the limit of one. */
const BY_DEVICE: readonly (readonly [file: RegExp, lifted: string])[] = [
  [/^blkio\.throttle\./, '0'],
  [/^blkio\..*weight_device$/, '0'],
  [/^io\.max$/, 'rbps=max wbps=max riops=max wiops=max'],
  [/^io\.(bfq\.)?weight$/, 'default'],
  [/^rdma\.max$/, 'hca_handle=max hca_object=max'],
  [/^net_prio\.ifpriomap$/, '0'],
];

/**
 * The data that puts a file back as it was; undefined where that can't be told.
 *
 * @param before what the file had.
 */
export function takeBack(write: CgroupWrite, before: string | null): string | undefined {
  const file = fileOf(write.path);
  if (/^devices\.(allow|deny)$/.test(file)) return write.data;
  if (before === null) return undefined;
  if (file === 'memory.oom_control') return /oom_kill_disable (\d)/.exec(before)?.[1];
  const lines = before.split('\n').filter((line) => line !== '');
  const [key = '', value] = write.data.split(' ');
  const lifted = BY_DEVICE.find(([pattern]) => pattern.test(file))?.[1];
  if (lifted !== undefined && value !== undefined) {
    return lines.find((line) => line.startsWith(`${key} `)) ?? `${key} ${lifted}`;
  }
  // io.weight: "default 100", then a line for each device that has another one.
  const plain = lines.find((line) => line.startsWith('default ')) ?? lines[0];
  return plain ?? '\n';
}
