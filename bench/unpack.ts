/**
 * How long `ocirt bundle unpack` takes beside umoci, on the same layers in the same run.
 *
 *   npm run bench -- unpack [RUNS]
 *
 * Two images that this machine makes: some of what is in /usr of Debian, in about 5000 small files, and two large
 * files that are half compressible; each with gzip, as umoci makes them. Every run is into a fresh folder on the
 * same file system (TMPDIR chooses it), and who begins changes from run to run. `umoci unpack` makes a bundle and
 * a record of the tree, as ocirt does; `umoci raw unpack` makes the tree only.
 */

import { spawnSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { closeSync, mkdirSync, mkdtempSync, openSync, rmSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { quantile, summarize } from './statistics.js';

const runs = Number(process.argv[2] ?? 9);
const dir = mkdtempSync(path.join(tmpdir(), 'ocirt-bench-unpack-'));
const at = (...parts: string[]) => path.join(dir, ...parts);

function must(program: string, args: readonly string[]): string {
  const done = spawnSync(program, args, { encoding: 'utf8', maxBuffer: 2 ** 28 });
  if (done.status !== 0) throw new Error(`${program} ${args.join(' ')}: ${done.stderr}`);
  return done.stderr;
}

/** Seconds that passed, and those of processors, in and below a command. */
function timed(command: readonly string[]): { wall: number; processor: number } {
  // bash's own: it counts what a command has waited for, in user and system time.
  const script = 'TIMEFORMAT="%R %U %S"; { time "$@" >/dev/null 2>&1; } 2>&1';
  const done = spawnSync('bash', ['-c', script, 'bash', ...command], { encoding: 'utf8' });
  if (done.status !== 0) throw new Error(`${command.join(' ')} failed`);
  const [wall = 0, user = 0, system = 0] = done.stdout.trim().split(' ').map(Number);
  return { wall, processor: user + system };
}

/** Of two bytes one says nothing: an ordinary file of data. */
function largeFile(file: string, megabytes: number): void {
  const fd = openSync(file, 'w');
  for (let count = 0; count < megabytes; count++) {
    const text = randomBytes(2 ** 19).toString('hex');
    writeSync(fd, text);
  }
  closeSync(fd);
}

function makeImages(): void {
  must('umoci', ['init', '--layout', at('image')]);
  const names = ['share/perl', 'lib/python3', 'share/bash-completion', 'share/zoneinfo'];
  must('tar', ['-C', '/usr', '--ignore-failed-read', '-cf', at('small.tar'), ...names]);
  mkdirSync(at('large'));
  for (const name of ['one', 'two']) largeFile(at('large', name), 120);
  must('tar', ['-C', at('large'), '-cf', at('large.tar'), '.']);
  for (const tag of ['small', 'large']) {
    must('umoci', ['new', '--image', `${at('image')}:${tag}`]);
    must('umoci', ['raw', 'add-layer', '--image', `${at('image')}:${tag}`, at(`${tag}.tar`)]);
    rmSync(at(`${tag}.tar`));
  }
}

const WAYS: readonly (readonly [name: string, command: (tag: string, to: string) => string[]])[] = [
  [
    'ocirt bundle unpack',
    (tag, to) => ['bin/ocirt', 'bundle', 'unpack', '--tag', tag, at('image'), to],
  ],
  ['umoci unpack', (tag, to) => ['umoci', 'unpack', '--image', `${at('image')}:${tag}`, to]],
  [
    'umoci raw unpack',
    (tag, to) => ['umoci', 'raw', 'unpack', '--image', `${at('image')}:${tag}`, to],
  ],
];

try {
  makeImages();
  console.log('| image | by | seconds (quartiles) | of ocirt | processor seconds | of ocirt |');
  console.log('| --- | --- | ---: | ---: | ---: | ---: |');
  for (const tag of ['small', 'large']) {
    const samples = new Map(WAYS.map(([name]) => [name, { wall: [0], processor: [0] }]));
    for (const one of samples.values()) {
      one.wall = [];
      one.processor = [];
    }
    // The first round is for the page cache.
    for (let run = -1; run < runs; run++) {
      for (let turn = 0; turn < WAYS.length; turn++) {
        const [name, command] = WAYS[(turn + run + 1) % WAYS.length] ?? [];
        if (name === undefined || command === undefined) continue;
        // None is removed before the last has ended: for minutes ext4 goes around inodes that were just freed,
        // which takes longer than all else. Nor is one to wait for what another has left to write.
        const to = at('to', `${tag}-${run}-${turn}`);
        mkdirSync(name.includes('raw') ? to : path.dirname(to), { recursive: true });
        must('sync', []);
        const { wall, processor } = timed(command(tag, to));
        if (run >= 0) samples.get(name)?.wall.push(wall);
        if (run >= 0) samples.get(name)?.processor.push(processor);
      }
    }
    const ours = samples.get('ocirt bundle unpack');
    for (const [name, { wall, processor }] of samples) {
      const { median, low, high } = summarize(wall);
      // Of the same round: a machine that is busy with other work is not the same in all.
      const of = (mine: number[], base: number[] = []) => {
        const ratios = mine.map((value, run) => value / (base[run] ?? Number.NaN));
        return quantile(ratios, 0.5).toFixed(2);
      };
      const figures = `${median.toFixed(2)} (${low.toFixed(2)} to ${high.toFixed(2)})`;
      const cells = [tag, name, figures, of(wall, ours?.wall)];
      cells.push(quantile(processor, 0.5).toFixed(2), of(processor, ours?.processor));
      console.log(`| ${cells.join(' | ')} |`);
    }
    rmSync(at('to'), { recursive: true });
  }
} finally {
  rmSync(dir, { recursive: true, force: true });
}
