/**
 * CRIU for the tests: the machine's, if it works with this kernel, or the one that
 * conformance/lib/newer-criu has unpacked (npm test does that).
 */
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { release } from 'node:os';
import path from 'node:path';
import { ROOTLESS } from './groups.js';
import { KIND, PROJECT, WITHOUT } from './runtime.js';

const UNPACKED = path.join(PROJECT, '.cache/criu/bin');

function run(program: string, ...args: string[]): { ok: boolean; text: string } {
  const { status, stdout, stderr } = spawnSync(program, args, { encoding: 'utf8' });
  return { ok: status === 0, text: `${stdout ?? ''}${stderr ?? ''}`.trim() };
}

const atLeast = (text: string, major: number, minor: number): boolean => {
  const [, one, two] = /(\d+)\.(\d+)/.exec(text) ?? [];
  return Number(one) > major || (Number(one) === major && Number(two) >= minor);
};

/** Older ones ask a TCP socket for an option that Linux 6.16 has taken away from it. */
function fits(program: string): boolean {
  const version = run(program, '--version');
  if (!version.ok || !atLeast(version.text, 4, 0)) return false;
  if (atLeast(release(), 6, 16) && !atLeast(version.text, 4, 2)) return false;
  return run(program, 'check').ok;
}

interface Found {
  /** The folder that it is in; '': one of PATH. */
  readonly folder: string;
  readonly program: string;
}

function find(): Found | string {
  if (ROOTLESS) return 'CRIU needs root';
  if (WITHOUT.length > 0) return 'CRIU is not to do without system calls';
  if (KIND === 'crun') return 'crun needs libcriu, which is not installed';
  if (fits('criu')) return { folder: '', program: 'criu' };
  const program = path.join(UNPACKED, 'criu');
  if (!existsSync(program)) {
    return 'no criu works with this kernel: conformance/lib/newer-criu .cache/criu';
  }
  if (!fits(program)) return `criu does not work here: ${run(program, 'check').text.slice(0, 200)}`;
  return { folder: UNPACKED, program };
}

const found = find();

/** Why tests with CRIU are skipped, or false. */
export const noCriu: string | false = typeof found === 'string' && found;

/** Whether CRIU says that the kernel has something: `mem_dirty_track`, `uffd-noncoop`. */
export function criuFeature(name: string): boolean {
  return typeof found !== 'string' && run(found.program, 'check', '--feature', name).ok;
}

/** The program, for what of it a runtime does not call: `criu page-server`, `criu lazy-pages`. */
export function criuProgram(): string {
  return typeof found === 'string' ? 'criu' : found.program;
}

/** The environment in which a runtime finds it. */
export function criuEnvironment(): NodeJS.ProcessEnv {
  const folder = typeof found === 'string' ? '' : found.folder;
  return folder === ''
    ? process.env
    : { ...process.env, PATH: `${folder}:${process.env.PATH ?? '/usr/sbin:/usr/bin:/sbin:/bin'}` };
}
