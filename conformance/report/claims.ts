/**
 * What `features` claims, held against the results of the suite: for each claim there is a test, known
 * by its name, that showed it.
 */

import { OWN } from '../lib/runtime.js';
import type { Outcome, Told } from './results.js';

/** A result, as far as it matters here. */
export interface Tested {
  /** As in Result. */
  readonly file: string;
  /** With or without the mark of what only ocirt has. */
  readonly name: string;
  readonly outcome: Outcome;
}

/** A claim's path in the document, and the tests that show it, one of them at least: `$1` is what was found. */
type Rule = readonly [claim: RegExp, ...tests: string[]];

const HOOK_ORDER = 'hooks: each hook runs at its time, in the order of the life cycle';

/** The first that fits holds. */
const RULES: readonly Rule[] = [
  [/^hooks\./, HOOK_ORDER],

  [/^mountOptions\.r?bind$/, 'binds: bind is not recursive, rbind is'],
  [
    /^(?:mountOptions\.r?idmap|linux\.mountExtensions\.idmap\.enabled)$/,
    'idmap: idmap is for the one mount, ridmap for all below it',
  ],
  [/^mountOptions\.remount$/, 'attributes: remount changes a mount, and adds none'],
  [/^mountOptions\.tmpcopyup$/, 'mounts: a tmpfs with tmpcopyup has what the directory held'],
  [/^mountOptions\.(r?(?:private|shared|slave|unbindable))$/, 'root: mount propagation $1'],
  [
    /^mountOptions\.(\w+)$/,
    'mounts: mount option $1',
    'mounts: mount option $1 is taken and sets nothing',
    'mounts: recursive attribute $1',
    'attributes: mount option $1',
  ],

  [/^linux\.namespaces\.cgroup$/, 'namespaces: a cgroup namespace makes the own cgroup the root'],
  [
    /^linux\.namespaces\.user$/,
    'namespaces: a user namespace with mappings: root inside is another outside',
  ],
  [/^linux\.namespaces\.time$/, 'namespaces: a new time namespace with offsets'],
  [/^linux\.namespaces\.(\w+)$/, 'namespaces: a $1 namespace without a path is a new one'],

  [/^linux\.capabilities\./, 'privileges: each capability is known by its name'],

  [/^linux\.cgroup\.v1$/, 'cgroups: pids.limit is in pids.max'],
  [/^linux\.cgroup\.v2$/, 'cgroups-v2: v2: pids.limit is in pids.max'],
  [/^linux\.cgroup\.systemd(User)?$/, 'systemd: the process is in a delegated scope, alone'],
  [
    /^linux\.cgroup\.rdma$/,
    'attributes: rdma where the host has no such controller is refused by name',
  ],

  [/^linux\.seccomp\.enabled$/, 'seccomp: a filter is there, and only one'],
  [/^linux\.seccomp\.actions\.SCMP_ACT_ALLOW$/, 'seccomp: a default action other than allow'],
  [/^linux\.seccomp\.actions\.SCMP_ACT_ERRNO$/, 'seccomp: SCMP_ACT_ERRNO with a number'],
  [/^linux\.seccomp\.actions\.SCMP_ACT_LOG$/, 'seccomp: SCMP_ACT_LOG lets the call through'],
  [
    /^linux\.seccomp\.actions\.SCMP_ACT_TRACE$/,
    'seccomp: SCMP_ACT_TRACE without a tracer is ENOSYS',
  ],
  [
    /^linux\.seccomp\.actions\.SCMP_ACT_NOTIFY$/,
    'seccomp-notify: the agent answers; noNewPrivileges true',
  ],
  [/^linux\.seccomp\.actions\.(\w+)$/, 'seccomp: $1 ends the process with SIGSYS'],
  [
    /^linux\.seccomp\.operators\.SCMP_CMP_MASKED_EQ$/,
    'seccomp: an argument is compared through a mask',
  ],
  [/^linux\.seccomp\.operators\.(\w+)$/, 'seccomp: an argument is compared with $1'],
  // Others than the machine's own can be built, and no process of theirs can be run.
  [/^linux\.seccomp\.archs\./, 'features: seccomp: actions, operators, architectures and flags'],
  [
    /^linux\.seccomp\.\w+Flags\.SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV$/,
    'seccomp-notify: the agent answers; SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV',
  ],
  [/^linux\.seccomp\.\w+Flags\.(\w+)$/, 'seccomp: filter flags ["$1"]'],

  [/^linux\.apparmor\.enabled$/, 'apparmor: apparmorProfile confines the process'],
  // No machine of ours has SELinux: that its label is written is seen in the plan.
  [/^linux\.selinux\.enabled$/, 'features: cgroups, AppArmor, SELinux'],
  [
    /^linux\.memoryPolicy\.modes\.(\w+)$/,
    'attributes: memoryPolicy $1 without nodes',
    'attributes: memoryPolicy $1 0',
    'attributes: memoryPolicy $1 0-0',
  ],
  [/^linux\.memoryPolicy\.flags\.(\w+)$/, 'attributes: memoryPolicy MPOL_BIND with $1'],
  [
    /^linux\.intelRdt\.monitoring$/,
    'intel-rdt: a monitoring group of its own, removed with the container',
  ],
  [
    /^linux\.intelRdt\.(enabled|schemata)$/,
    'intel-rdt: a class with lines that is not there is made, and stays',
  ],
  [
    /^linux\.netDevices\.enabled$/,
    'net-devices: a device keeps its name, mtu, hardware address and permanent addresses',
  ],
];

/** The test files, as in Result, that all of it takes. */
export const FILES: readonly string[] = [
  ...new Set(
    RULES.flatMap(([, ...tests]) => tests.map((test) => test.slice(0, test.indexOf(':')))),
  ),
];

/** What it says that is no claim: versions and notes. */
const NO_CLAIMS = /^(ociVersion|annotations|potentiallyUnsafe)/;

/** Each name that is listed, and each thing that is said to be there, as its path in the document. */
export function claimsOf(value: unknown, path = ''): string[] {
  if (NO_CLAIMS.test(path)) return [];
  if (value === true) return [path];
  if (typeof value === 'string') return [`${path}.${value}`];
  if (Array.isArray(value)) return value.flatMap((one) => claimsOf(one, path));
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([key, inner]) =>
    claimsOf(inner, path === '' ? key : `${path}.${key}`),
  );
}

/** The names of the tests that stand for a claim, each as `FILE: NAME`. */
export function testsOf(claim: string): string[] {
  const rule = RULES.find(([pattern]) => pattern.test(claim));
  if (rule === undefined) return [];
  const [pattern, ...tests] = rule;
  const found = pattern.exec(claim)?.[1] ?? '';
  return tests.map((test) => test.replace('$1', found));
}

export interface Shown {
  readonly shown: readonly string[];
  /** All of their tests were skipped here. */
  readonly skipped: readonly string[];
  /** None of the tests that stand for it was run, or one failed: claim and why, in a line each. */
  readonly unproven: readonly string[];
}

/** @param features the document that `ocirt features` prints */
export function holdAgainst(features: unknown, results: Iterable<Tested>): Shown {
  const outcomes = new Map<string, Outcome>();
  for (const { file, name, outcome } of results) {
    outcomes.set(`${file}: ${name.startsWith(OWN) ? name.slice(OWN.length) : name}`, outcome);
  }
  const shown: string[] = [];
  const skipped: string[] = [];
  const unproven: string[] = [];
  for (const claim of claimsOf(features)) {
    const tests = testsOf(claim);
    const told = tests.flatMap((test) => outcomes.get(test) ?? []);
    if (told.length === 0) unproven.push(`${claim}: no test of ${tests.join(' or ') || 'it'}`);
    else if (told.includes('failed')) unproven.push(`${claim}: its test failed`);
    else if (told.includes('passed')) shown.push(claim);
    else skipped.push(claim);
  }
  return { shown, skipped, unproven };
}

/** What holdAgainst() found, as the result of a test. */
export function toldOf({ shown, unproven }: Shown): Told {
  const name = `${OWN}each thing that it claims was shown by a test`;
  if (unproven.length > 0) return { name, outcome: 'failed', error: unproven.join('\n') };
  if (shown.length === 0) return { name, outcome: 'skipped', reason: 'all tests were skipped' };
  return { name, outcome: 'passed' };
}
