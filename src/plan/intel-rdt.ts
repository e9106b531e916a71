/**
 * linux.intelRdt: which group of the resctrl file system a container is in, and what is written
 * there. Pure. config-linux.md, "IntelRdt"; the kernel's Documentation/filesystems/resctrl.rst.
 */
import type { IntelRdt } from '../spec/config.gen.js';
import { invalid } from './builder.js';

const AT = '/linux/intelRdt';

export interface RdtPlan {
  /** Directory below the root of resctrl; '' for the root itself, the default class. */
  readonly group: string;
  /** The group must be there, and is nobody's to make: a class that someone else has set up. */
  readonly mustExist: boolean;
  /** delete removes the group if create has made it. */
  readonly ours: boolean;
  /** For a group that is made: all lines of its schemata file. */
  readonly lines: readonly string[];
  /** For one that is there: what its schemata file must say already, */
  readonly expected: readonly string[];
  /** and what is written all the same. */
  readonly extra: readonly string[];
  /** Directory of the container's monitoring group, below the root; '' for none. */
  readonly monitoring: string;
}

/** undefined: nothing is done with resctrl. */
export function rdtPlan(rdt: IntelRdt | undefined, id: string): RdtPlan | undefined {
  if (rdt === undefined) return undefined;
  const { closID = '', l3CacheSchema = '', memBwSchema = '', schemata = [] } = rdt;
  if (closID === '.' || closID === '..' || (closID !== '/' && closID.includes('/'))) {
    throw invalid(`${AT}/closID`, `invalid intelRdt.ClosID "${closID}"`);
  }
  const group = closID === '/' ? '' : closID === '' ? id : closID;
  const expected = [l3CacheSchema, memBwSchema].filter((line) => line !== '');
  return {
    group,
    mustExist: closID !== '' && expected.length === 0 && schemata.length === 0,
    ours: closID === '',
    lines: [...expected, ...schemata],
    expected,
    extra: schemata,
    monitoring:
      rdt.enableMonitoring === true ? `${group === '' ? '' : `${group}/`}mon_groups/${id}` : '',
  };
}

/** `L3:0=7f0;1=1f` -> L3 and its values by domain, without leading zeros and in lower case. */
function parseLine(line: string): [string, Map<string, string>] | undefined {
  const match = /^\s*([^:]+):(.*)$/.exec(line);
  if (match === null) return undefined;
  const domains = new Map<string, string>();
  for (const entry of (match[2] ?? '').split(';')) {
    const [domain = '', value = ''] = entry.split('=').map((part) => part.trim());
    if (domain !== '') domains.set(domain, value.toLowerCase().replace(/^0+(?=.)/, ''));
  }
  return [(match[1] ?? '').trim(), domains];
}

/** The first line that a schemata file does not say; undefined where it says all of them. */
export function schemataDifference(
  expected: readonly string[],
  schemata: string,
): string | undefined {
  const found = new Map<string, Map<string, string>>();
  for (const line of schemata.split('\n')) {
    const parsed = parseLine(line);
    if (parsed !== undefined) found.set(...parsed);
  }
  return expected.find((line) => {
    const parsed = parseLine(line);
    if (parsed === undefined) return true;
    const [resource, domains] = parsed;
    return [...domains].some(([domain, value]) => found.get(resource)?.get(domain) !== value);
  });
}

/** The mount point of resctrl in the text of /proc/self/mountinfo; undefined: it is not mounted. */
export function findResctrl(mountinfo: string): string | undefined {
  for (const line of mountinfo.split('\n')) {
    const [before = '', after = ''] = line.split(' - ');
    const fields = before.split(' ');
    if (after.startsWith('resctrl ') && fields[3] === '/') return fields[4];
  }
  return undefined;
}
