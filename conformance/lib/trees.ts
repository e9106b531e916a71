/** Images that other tools make, and what a tree is made of: for the tests of `ocirt bundle`. */

import assert from 'node:assert/strict';
import { execFileSync, spawnSync } from 'node:child_process';
import path from 'node:path';
import { RUNTIME } from './runtime.js';

const alone = path.basename(path.dirname(RUNTIME)) === 'dist';

/** The standalone executable has no `bundle`; what finds Node.js has. */
export const needsNode = alone && 'the standalone executable alone has no bundle';

/** Why a test that needs root and these programs is skipped, or false. */
export function needs(...programs: string[]): string | false {
  if (needsNode) return needsNode;
  if (process.geteuid?.() !== 0) return 'needs root, for owners and devices';
  const missing = programs.filter((name) => {
    const found = spawnSync('sh', ['-c', `command -v ${name}`], { encoding: 'utf8' });
    return found.status !== 0;
  });
  return missing.length > 0 && `needs ${missing.join(', ')}`;
}

/** Runs a program that has to succeed; what it printed. */
export function must(program: string, args: readonly string[]): string {
  const done = spawnSync(program, args, { encoding: 'utf8', maxBuffer: 2 ** 28 });
  assert.equal(done.status, 0, `${program} ${args.join(' ')}: ${done.stdout}${done.stderr}`);
  return done.stdout;
}

const here = (name: string) => path.resolve('conformance/bundle', name);

export interface MadeImage {
  readonly name: string;
  /** What ocirt is given. */
  readonly source: string;
  readonly options: readonly string[];
  /** LAYOUT:TAG of the same image, for umoci. */
  readonly layout: string;
}

/** Makes images in a folder. @param part of conformance/bundle/make-layouts */
export function makeImages(dir: string, part: 'buildah' | 'umoci'): MadeImage[] {
  return must('bash', [here('make-layouts'), dir, part])
    .split('\n')
    .map((line) => line.split('|'))
    .filter(({ length }) => length === 4)
    .map(([name = '', source = '', options = '', layout = '']) => ({
      name,
      source: path.join(dir, source),
      options: options.split(' ').filter((word) => word !== ''),
      layout: path.join(dir, layout),
    }));
}

/** Each name of a tree with all that there is of it: bytes, mode, owner, links, attributes, times. */
export function treeOf(root: string): string[] {
  return must(here('list-tree'), [root]).trimEnd().split('\n');
}

/** Puts files into a folder, or changes them. @param layer of conformance/bundle/fill */
export function fill(root: string, layer: number): void {
  execFileSync('bash', [here('fill'), root, String(layer)]);
}
