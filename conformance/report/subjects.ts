/** The runtimes that the suite is run against. */

import { spawnSync } from 'node:child_process';
import { accessSync, constants } from 'node:fs';
import path from 'node:path';
import { type Kind, kindOf } from '../lib/runtime.js';
import { Misuse } from './options.js';

/** A runtime, wherever it was run. */
export interface Named {
  readonly name: string;
  readonly kind: Kind;
  /** The number that it says its version is. */
  readonly version: string;
}

export interface Subject extends Named {
  readonly binary: string;
}

/** What `--runtime` takes: BINARY, or NAME=BINARY. Throws where it cannot be run. */
export function parseSubject(text: string): Omit<Subject, 'version'> {
  const [, named, program = text] = /^([^=/]+)=(.+)$/.exec(text) ?? [];
  const binary = path.resolve(program);
  try {
    accessSync(binary, constants.X_OK);
  } catch {
    throw new Misuse(`--runtime ${text}: there is no program ${binary}`);
  }
  return { name: named ?? path.basename(binary), binary, kind: kindOf(binary) };
}

export function subject(text: string): Subject {
  const parsed = parseSubject(text);
  const { stdout } = spawnSync(parsed.binary, ['--version'], { encoding: 'utf8', timeout: 60_000 });
  const version = /\bversion (\S+)/.exec(stdout ?? '')?.[1] ?? 'unknown';
  return { ...parsed, version };
}

/** Throws where two have one name: the table could not tell them apart. */
export function subjects(texts: readonly string[]): Subject[] {
  const found = texts.map(subject);
  const twice = found.find(
    ({ name }, index) => found.findIndex((one) => one.name === name) < index,
  );
  if (twice !== undefined)
    throw new Misuse(`two runtimes are named ${twice.name}: use NAME=BINARY`);
  return found;
}
