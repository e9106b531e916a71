/** Facts of the machine that the tests run on, and small tools. */

import {
  existsSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  rmdirSync,
  writeFileSync,
} from 'node:fs';
import path from 'node:path';
import { atMost } from './limit.js';
import { WITHOUT } from './runtime.js';

/** Mount points of the cgroup v1 controllers by name, and of cgroup v2 as ''. */
export function cgroupMounts(): Map<string, string> {
  const mounts = new Map<string, string>();
  for (const line of readFileSync('/proc/self/mountinfo', 'utf8').split('\n')) {
    const [left, right] = line.split(' - ');
    const target = left?.split(' ')[4];
    const [type, , superOptions] = right?.split(' ') ?? [];
    if (target === undefined) continue;
    if (type === 'cgroup2' && !mounts.has('')) mounts.set('', target);
    if (type !== 'cgroup') continue;
    for (const option of superOptions?.split(',') ?? []) {
      if (!['rw', 'ro', 'xattr'].includes(option)) mounts.set(option, target);
    }
  }
  return mounts;
}

/** True where the controllers are on v1 hierarchies. */
export function cgroupV1(): boolean {
  return cgroupMounts().has('memory');
}

/** Every directory below the cgroup mounts that has this path, and those below it, deepest first. */
export function cgroupDirectories(cgroupsPath: string): string[] {
  const found: string[] = [];
  const visit = (dir: string): void => {
    if (!existsSync(dir)) return;
    for (const entry of readdirSync(dir, { withFileTypes: true })) {
      if (entry.isDirectory()) visit(path.join(dir, entry.name));
    }
    found.push(dir);
  };
  for (const mount of new Set(cgroupMounts().values())) visit(path.join(mount, cgroupsPath));
  return found;
}

/** Kills what is in cgroups and removes them. @param find gives them, deepest first */
export async function removeCgroups(find: () => string[]): Promise<void> {
  const deadline = Date.now() + 20_000;
  for (;;) {
    const left = find();
    if (left.length === 0) return;
    for (const dir of left) {
      try {
        rmdirSync(dir);
      } catch {
        thaw(dir);
        for (const pid of processesOf(dir)) kill(pid);
      }
    }
    if (Date.now() > deadline) throw new Error(`cgroups left: ${left.join(' ')}`);
    await sleep(10);
  }
}

function thaw(dir: string): void {
  try {
    writeIfThere(path.join(dir, 'freezer.state'), 'THAWED');
    writeIfThere(path.join(dir, 'cgroup.freeze'), '0');
  } catch {
    // It is gone already.
  }
}

function writeIfThere(file: string, text: string): void {
  if (existsSync(file)) writeFileSync(file, text);
}

function kill(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL');
  } catch {
    // It has ended meanwhile.
  }
}

export function processesOf(cgroupDirectory: string): number[] {
  try {
    return readFileSync(path.join(cgroupDirectory, 'cgroup.procs'), 'utf8')
      .split('\n')
      .filter((line) => line !== '' && line !== '0')
      .map(Number);
  } catch {
    return [];
  }
}

/** The link of a process's namespace, such as 'net:[4026531840]'. */
export function namespaceOf(pid: number | 'self', type: string): string {
  return readlinkSync(`/proc/${pid}/ns/${type}`);
}

/** The children of a process that has one thread. */
export function childrenOf(pid: number): number[] {
  return readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8')
    .split(' ')
    .filter((text) => text !== '')
    .map(Number);
}

export function processExists(pid: number): boolean {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    return !/^\d+ \(.*\) [ZX] /s.test(stat);
  } catch {
    return false;
  }
}

/** True where our capability set, as the kernel tells it, has this capability number. */
export function hasCapability(number: number): boolean {
  const hex = /CapBnd:\s*([0-9a-f]+)/.exec(readFileSync('/proc/self/status', 'utf8'))?.[1] ?? '0';
  return ((BigInt(`0x${hex}`) >> BigInt(number)) & 1n) === 1n;
}

export function sleep(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}

/** Polls until `condition` gives something true; fails, naming `what`, after a generous time. */
export async function waitFor<T>(what: string, condition: () => T, ms = 60_000): Promise<T> {
  const deadline = Date.now() + atMost(ms);
  for (;;) {
    const value = condition();
    if (value) return value;
    if (Date.now() > deadline) throw new Error(`waited in vain for ${what}`);
    await sleep(10);
  }
}

/** A block device of the machine, as major:minor. */
export function disk(): { major: number; minor: number } | undefined {
  const found = /(\d+):(\d+)/.exec(
    tryRead('/sys/block/vda/dev') ??
      tryRead('/sys/block/sda/dev') ??
      tryRead('/sys/block/loop0/dev') ??
      '',
  );
  return found ? { major: Number(found[1]), minor: Number(found[2]) } : undefined;
}

function tryRead(file: string): string | undefined {
  return existsSync(file) ? readFileSync(file, 'utf8') : undefined;
}

/** Until a runtime waits for a process: it holds its pidfd. */
export async function untilWaiting(pid: number): Promise<void> {
  // Without pidfds there is nothing of it to be seen.
  if (WITHOUT.includes('pidfd_open')) return sleep(3000);
  await waitFor('the runtime to wait', () => waiting(pid));
}

/** Whether a process has the descriptor of another process open. */
function waiting(pid: number): boolean {
  try {
    return readdirSync(`/proc/${pid}/fd`).some((fd) =>
      /pidfd/.test(readlinkSync(`/proc/${pid}/fd/${fd}`)),
    );
  } catch {
    return false;
  }
}
