import { OcirtError } from '../../errors.js';
import { requireDriver } from '../../runtime/context.js';
import { readResources, update as updateContainer } from '../../runtime/update.js';
import { checkRdt, updateRdt } from '../../runtime/update-rdt.js';
import type { Resources } from '../../spec/config.gen.js';
import { textOf } from '../options.js';
import type { OptionSpec, OptionValues, Verb } from '../verb.js';

type Member = 'memory' | 'cpu' | 'pids' | 'blockIO';
type Reader = (text: string, option: string) => bigint | number | string;

function invalid(option: string, text: string, why: string): OcirtError {
  return new OcirtError('usage', `invalid value for ${option}: "${text}": ${why}`);
}

const INT64 = 2n ** 63n;

const integer = (text: string, option: string): bigint => {
  if (!/^[+-]?\d{1,20}$/.test(text)) throw invalid(option, text, 'not an integer');
  const value = BigInt(text.replace('+', ''));
  if (value >= INT64 || value < -INT64) throw invalid(option, text, 'value out of range');
  return value;
};

const natural = (text: string, option: string): bigint => {
  const value = integer(text, option);
  if (value < 0) throw invalid(option, text, 'it cannot be negative');
  return value;
};

const weight: Reader = (text, option) => {
  const value = Number(integer(text, option));
  if (value === 0 || (value >= 10 && value <= 1000)) return value;
  throw invalid(option, text, 'from 10 to 1000');
};

const idle: Reader = (text, option) => {
  if (text === '0' || text === '1') return Number(text);
  throw invalid(option, text, '0 or 1');
};

const list: Reader = (text) => text;

const UNITS = 'kmgtp';

/** Bytes, with a unit of 1024 or without; -1: no limit. */
const bytes: Reader = (text, option) => {
  if (text === '-1') return -1n;
  const match = /^(\d{1,19})(?:\.(\d{1,9}))? ?(?:b|([kmgtp])(?:i?b)?)?$/i.exec(text);
  if (match === null) throw invalid(option, text, 'bytes, such as 512M, or -1 for no limit');
  const [, whole = '', fraction = '', unit = ''] = match;
  const scale = 1024n ** BigInt(UNITS.indexOf(unit.toLowerCase() || ' ') + 1);
  const value = (BigInt(whole + fraction) * scale) / 10n ** BigInt(fraction.length);
  if (value >= INT64) throw invalid(option, text, 'value out of range');
  return value;
};

interface Limit extends OptionSpec {
  readonly argument: string;
  readonly member: Member;
  readonly property: string;
  readonly read: Reader;
}

const limit = (
  name: string,
  [member, property]: readonly [Member, string],
  [argument, read]: readonly [string, Reader],
  description: string,
): Limit => ({ name, member, property, argument, read, description });

const LIMITS: readonly Limit[] = [
  limit('memory', ['memory', 'limit'], ['BYTES', bytes], 'limit of memory; -1: none'),
  limit('memory-reservation', ['memory', 'reservation'], ['BYTES', bytes], 'soft limit of memory'),
  limit('memory-swap', ['memory', 'swap'], ['BYTES', bytes], 'memory and swap together; -1: none'),
  limit('kernel-memory', ['memory', 'kernel'], ['BYTES', bytes], 'obsolete, ignored'),
  limit('kernel-memory-tcp', ['memory', 'kernelTCP'], ['BYTES', bytes], 'TCP buffers (cgroup v1)'),
  limit('cpu-period', ['cpu', 'period'], ['USECS', natural], 'CFS period; 0: as it is'),
  limit('cpu-quota', ['cpu', 'quota'], ['USECS', integer], 'CPU time in a period; -1: no limit'),
  limit('cpu-burst', ['cpu', 'burst'], ['USECS', natural], 'CPU time that can be saved up'),
  limit('cpu-share', ['cpu', 'shares'], ['N', natural], 'weight against other containers'),
  limit('cpu-idle', ['cpu', 'idle'], ['0|1', idle], '1: run only when nothing else wants to'),
  limit('cpu-rt-period', ['cpu', 'realtimePeriod'], ['USECS', natural], 'real-time period'),
  limit(
    'cpu-rt-runtime',
    ['cpu', 'realtimeRuntime'],
    ['USECS', integer],
    'real-time CPU time in a real-time period',
  ),
  limit('cpuset-cpus', ['cpu', 'cpus'], ['LIST', list], 'CPUs to run on, such as 0-3,7'),
  limit('cpuset-mems', ['cpu', 'mems'], ['LIST', list], 'memory nodes to take memory from'),
  limit('pids-limit', ['pids', 'limit'], ['N', integer], 'number of tasks; -1: no limit'),
  limit('blkio-weight', ['blockIO', 'weight'], ['N', weight], 'weight for disks, 10 to 1000'),
];

/** Of Intel RDT, and of no cgroup. */
const RDT: readonly OptionSpec[] = [
  {
    name: 'l3-cache-schema',
    argument: 'LINE',
    description: 'Intel RDT: parts of the L3 cache, such as L3:0=f;1=f0',
  },
  {
    name: 'mem-bw-schema',
    argument: 'LINE',
    description: 'Intel RDT: memory bandwidth, such as MB:0=50',
  },
];

function givenLimits(options: OptionValues): Limit[] {
  return LIMITS.filter(({ name }) => textOf(options, name) !== undefined);
}

/** The limits that options give, as config.json has them. */
export function limitsOf(options: OptionValues): Resources {
  const members: Partial<Record<Member, Record<string, unknown>>> = {};
  for (const { name, member, property, read } of givenLimits(options)) {
    const value = read(textOf(options, name) ?? '', name);
    members[member] = { ...members[member], [property]: value };
  }
  return members as Resources;
}

export const update: Verb = {
  name: 'update',
  usage: '<container-id>',
  summary: 'change the limits of a container',
  description:
    'Changes what is given, and nothing else. FILE has linux.resources, or a part of it, as in\nconfig.json; with it the other options are ignored.',
  options: [
    {
      name: 'resources',
      short: 'r',
      argument: 'FILE',
      description: "read the limits from this JSON file, or '-' from standard input",
    },
    ...LIMITS,
    ...RDT,
  ],
  minArguments: 1,
  maxArguments: 1,
  run({ runtime }, options, [id = '']) {
    const rdt = {
      l3CacheSchema: textOf(options, 'l3-cache-schema'),
      memBwSchema: textOf(options, 'mem-bw-schema'),
    };
    const rdtGiven = rdt.l3CacheSchema !== undefined || rdt.memBwSchema !== undefined;
    // Before any limit is written: what the host lacks is known at once.
    if (rdtGiven) checkRdt(runtime, rdt);
    const source = textOf(options, 'resources');
    if (source !== undefined) {
      const ignored = givenLimits(options).map(({ name }) => `--${name}`);
      if (ignored.length > 0) runtime.log.warn(`ignored with --resources: ${ignored.join(' ')}`);
      requireDriver(runtime, runtime.store.read(id));
      updateContainer(runtime, id, readResources(runtime, source));
    } else {
      updateContainer(runtime, id, limitsOf(options));
    }
    if (rdtGiven) updateRdt(runtime, id, rdt);
    return 0;
  },
};
