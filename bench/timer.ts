/** The timer program (bench/native/timer.cc): a script of commands for it, and what it says. */

import { spawnSync } from 'node:child_process';
import { closeSync, openSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { PROJECT } from '../conformance/lib/runtime.js';
import { call, type Runtime } from './runtimes.js';

export interface Measure {
  label: string;
  ms: number;
  /** Peak of resident memory, or what `peak` and `left` ask for. */
  megabytes: number;
}

/** What is run for one runtime, in order. */
export class Script {
  readonly #runtime: Runtime;
  readonly #lines: string[][] = [];

  constructor(runtime: Runtime, bundle: string) {
    this.#runtime = runtime;
    this.#lines.push(['cd', bundle]);
  }

  time(label: string, ...args: string[]): this {
    return this.#add('time', label, ...call(this.#runtime, ...args));
  }

  quiet(...args: string[]): this {
    return this.#add('quiet', ...call(this.#runtime, ...args));
  }

  /** All at once; the time until the last has ended. */
  together(label: string, all: readonly string[][]): this {
    this.#add('together', label, String(all.length));
    for (const args of all) this.#add(...call(this.#runtime, ...args));
    return this;
  }

  /** Waits for the end of a container's first process. */
  reap(pidFile: string): this {
    return this.#add('reap', pidFile);
  }

  /** The peak of resident memory of a container's first process. */
  peak(label: string, pidFile: string): this {
    return this.#add('peak', label, pidFile);
  }

  /** The proportional set size of every process that commands of this script have left. */
  left(label: string): this {
    return this.#add('left', label);
  }

  #add(...words: string[]): this {
    this.#lines.push(words);
    return this;
  }

  /** Throws with what was said on standard error where a command fails. */
  run(scratch: string): Measure[] {
    const errors = path.join(scratch, 'stderr');
    // A file and no pipe: a container that goes on holds it open.
    const fd = openSync(errors, 'w');
    const { status, stdout } = spawnSync(path.join(PROJECT, 'dist/bench/timer'), {
      input: `${this.#lines.map((words) => words.join('\t')).join('\n')}\n`,
      stdio: ['pipe', 'pipe', fd],
      env: { PATH: '/usr/sbin:/usr/bin:/sbin:/bin' },
      encoding: 'utf8',
    });
    closeSync(fd);
    if (status !== 0) {
      throw new Error(`${this.#runtime.name} failed:\n${readFileSync(errors, 'utf8')}`);
    }
    return stdout.split('\n').filter(Boolean).map(parseMeasure);
  }
}

function parseMeasure(line: string): Measure {
  const [label = '', nanoseconds, kilobytes] = line.split('\t');
  return { label, ms: Number(nanoseconds) / 1e6, megabytes: Number(kilobytes) / 1024 };
}
