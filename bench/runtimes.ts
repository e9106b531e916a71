/** The runtimes that are compared. */

import { existsSync } from 'node:fs';
import path from 'node:path';
import { PROJECT } from '../conformance/lib/runtime.js';

export interface Runtime {
  readonly name: string;
  /** The program and what stands before the runtime's own arguments. */
  readonly command: readonly string[];
  /** Its state folder. */
  readonly root: string;
}

/** The program that does only what nobody can leave out. */
export const FLOOR = 'floor';
/** What the others are compared with: a runtime of this name, or the first. */
export const BASE = 'crun';

/** Where distributions put programs. */
function installed(name: string): string {
  const dirs = ['/usr/bin', '/usr/sbin', '/usr/local/bin', '/usr/local/sbin'];
  return dirs.map((dir) => path.join(dir, name)).find((file) => existsSync(file)) ?? name;
}

/**
 * The known ones that are there, and those that the user names: `NAME=COMMAND WORD...`, words
 * separated by spaces. A binary of another distribution is run through its own loader, as
 * `NAME=LD.SO --library-path DIR BINARY`: a wrapper script would be a program more to start. Each keeps
 * its states below `states`.
 */
export function findRuntimes(named: readonly string[], states: string): Runtime[] {
  const known: [string, string[]][] = [
    [FLOOR, [path.join(PROJECT, 'dist/bench/floor')]],
    ['ocirt', [path.join(PROJECT, 'dist/ocirt')]],
    ['ocirt on Node.js', [path.join(PROJECT, 'bin/ocirt-node')]],
    ['crun', [installed('crun')]],
    ['runc', [installed('runc')]],
  ];
  const present = known.filter(([, [program = '']]) => existsSync(program));
  return [...present, ...named.map(parseNamed)].map(([name, command], index) => ({
    name,
    command,
    root: path.join(states, `root${index}`),
  }));
}

export function parseNamed(text: string): [string, string[]] {
  const match = /^([^=]+)=(.+)$/.exec(text);
  const command = match?.[2]?.split(' ').filter((word) => word !== '') ?? [];
  if (match?.[1] === undefined || command[0] === undefined) {
    throw new Error(`--runtime ${text}: NAME=COMMAND is wanted`);
  }
  if (!existsSync(command[0])) throw new Error(`--runtime ${text}: there is no ${command[0]}`);
  return [match[1], command];
}

/** The words that call it. */
export function call(runtime: Runtime, ...args: string[]): string[] {
  return [...runtime.command, '--root', runtime.root, ...args];
}
