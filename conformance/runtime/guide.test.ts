/**
 * docs/guide.md as a reader goes through it: every block of commands in one shell, in order, and
 * what each prints held against the block of text that stands behind it, `…` being anything: on
 * a line of its own any lines, within a line any words.
 */

import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { after, before, test } from 'node:test';
import { notRoot } from '../lib/groups.js';
import { notOwn, OPTIONS, OWN, PROJECT, RUNTIME } from '../lib/runtime.js';
import { Sandbox } from '../lib/sandbox.js';

interface Block {
  readonly commands: string;
  readonly expected: string;
}

/** The parts of the guide, by heading, and their blocks: of commands, and maybe of text behind it. */
function readGuide(): Map<string, Block[]> {
  const guide = readFileSync(path.join(PROJECT, 'docs/guide.md'), 'utf8');
  const parts = new Map<string, Block[]>();
  for (const [index, part] of guide.split(/^## /m).entries()) {
    const heading = index === 0 ? 'before the first step' : part.slice(0, part.indexOf('\n'));
    const blocks = part.matchAll(/^```sh\n([\s\S]*?)^```\n(?:\n```text\n([\s\S]*?)^```\n)?/gm);
    parts.set(
      heading,
      [...blocks].map(([, commands = '', expected = '']) => ({ commands, expected })),
    );
  }
  return parts;
}

/** A pattern of what a block is to print. */
function patternOf(expected: string): RegExp {
  const words = expected
    .replace(/[.*+?^${}()|[\]\\]/g, '\\$&')
    .replace(/^…\n/gm, '(?:.*\\n)*')
    .replaceAll('…', '.*');
  return new RegExp(`^${words}$`);
}

const guide = readGuide();
const skip = notOwn || notRoot;

/** What each block has printed: standard output and standard error, as on a terminal. */
const printed = new Map<Block, string>();
let sandbox: Sandbox | undefined;
/** The ID of the guide's container is made one of this sandbox, in the host's cgroups too. */
let id = '';

before(() => {
  if (skip) return;
  sandbox = new Sandbox();
  id = path.basename(sandbox.dir);
  const tmp = sandbox.path('tmp');
  const folder = sandbox.path('blocks');
  for (const made of [tmp, folder]) mkdirSync(made);
  const runtime = ['--root', sandbox.stateRoot, ...OPTIONS].map((word) => `'${word}'`).join(' ');
  const blocks = [...guide.values()].flat();
  const session = blocks.map(({ commands }, number) => {
    const file = path.join(folder, String(number));
    writeFileSync(file, commands.replaceAll(/\bbox\b/g, id));
    return `. '${file}' >'${file}.out' 2>&1 </dev/null`;
  });
  const shell = sandbox.path('session');
  writeFileSync(shell, [`ocirt() { '${RUNTIME}' ${runtime} "$@"; }`, ...session, ''].join('\n'));
  spawnSync('bash', ['--norc', shell], {
    cwd: PROJECT,
    env: { ...process.env, TMPDIR: tmp },
    timeout: 300_000,
  });
  for (const [number, block] of blocks.entries()) {
    const out = path.join(folder, `${number}.out`);
    if (existsSync(out)) printed.set(block, readFileSync(out, 'utf8').replaceAll(id, 'box'));
  }
});

after(() => sandbox?.end());

for (const [heading, blocks] of guide) {
  test(`${OWN}guide: ${heading}`, { skip }, () => {
    for (const block of blocks) {
      const found = printed.get(block) ?? assert.fail(`not run: ${block.commands}`);
      const fits = patternOf(block.expected).test(found);
      assert.ok(fits, `${block.commands}\nis to print\n${block.expected}\nand prints\n${found}`);
    }
  });
}

test(`${OWN}guide: twelve steps, each with a container that tells`, { skip: notOwn }, () => {
  const steps = [...guide].filter(([heading]) => /^\d+\. /.test(heading));
  assert.deepEqual(
    steps.map(([heading]) => Number.parseInt(heading, 10)),
    Array.from({ length: 12 }, (_, index) => index + 1),
  );
  for (const [heading, blocks] of steps) {
    const telling = blocks.filter(({ commands }) => /\b(inside|ocirt)\b/.test(commands));
    assert.ok(
      telling.some(({ expected }) => expected.replaceAll('…', '').trim() !== ''),
      heading,
    );
  }
});
