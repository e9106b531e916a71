/** Measures runtimes side by side; bench/README.md says how, docs/performance.md what it means. */

import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { PROJECT } from '../conformance/lib/runtime.js';
import { writeInto } from './docs.js';
import { describeMachine } from './machine.js';
import { Place } from './place.js';
import { plot } from './plot.js';
import { findRuntimes, type Runtime } from './runtimes.js';
import { Samples } from './samples.js';
import { ratiosTable, valuesTable } from './table.js';
import { crowdRow, measureCrowd } from './work/crowd.js';
import { LIMIT_ROW, measureCreated, PSS_ROW, peakRow, smallestLimit } from './work/memory.js';
import { WORKS } from './work/times.js';

const { values: options } = parseArgs({
  options: {
    runs: { type: 'string' },
    alive: { type: 'string' },
    only: { type: 'string' },
    runtime: { type: 'string', multiple: true },
    without: { type: 'string', multiple: true },
    json: { type: 'string' },
    svg: { type: 'string' },
    docs: { type: 'boolean' },
  },
});
const runs = Number(options.runs ?? 40);
const alive = (options.alive ?? '1,10,100,500').split(',').map(Number);
if (!(runs >= 1) || alive.some((number) => !(number >= 1))) {
  throw new Error('--runs and --alive take numbers from 1 up');
}
const wanted = (row: string): boolean => row.includes(options.only ?? '');

/** The first turns only warm the caches. */
const WARM_UP = 2;
/** Turns of what takes long, or hardly varies. */
const few = Math.max(3, Math.round(runs / 4));

/** Whose verbs have a row for the peak of their memory: not create, which leaves a process. */
const PEAKS = ['--version', 'run of true', 'start', 'state', 'exec of true', 'kill', 'delete'];

const place = new Place();
const samples = new Samples();
// bench/private.sh has mounted a file system in memory there.
const runtimes = findRuntimes(options.runtime ?? [], '/run/ocirt-bench').filter(
  ({ name }) => !options.without?.includes(name),
);
const names = runtimes.map(({ name }) => name);

/** Everybody's turn, in another order each time: nobody always comes after the slowest. */
function* inTurn(turn: number): Generator<Runtime> {
  for (let index = 0; index < runtimes.length; index++) {
    const runtime = runtimes[(index + turn) % runtimes.length];
    if (runtime !== undefined) yield runtime;
  }
}

function tell(text: string): void {
  process.stderr.write(`bench: ${text}\n`);
}

function measureTimes(): void {
  const works = WORKS.filter((work) => work.rows.some(wanted));
  for (let turn = 0; turn < runs + WARM_UP; turn++) {
    for (const work of works) {
      for (const runtime of inTurn(turn)) {
        for (const { label, ms, megabytes } of work.turn(runtime, place)) {
          if (turn < WARM_UP || !wanted(label)) continue;
          samples.add(label, 'ms', runtime.name, ms);
          if (PEAKS.includes(label)) samples.add(peakRow(label), 'MB', runtime.name, megabytes);
        }
      }
    }
    if (turn % 10 === 0) tell(`turn ${turn} of ${runs + WARM_UP}`);
  }
}

function measureCrowds(): void {
  const numbers = alive.filter((number) => wanted(crowdRow(number)));
  if (numbers.length === 0) return;
  for (const runtime of runtimes) {
    tell(`${numbers.join(', ')} containers of ${runtime.name}`);
    measureCrowd(runtime, place, numbers, few, (row, ms) =>
      samples.add(row, 'ms', runtime.name, ms),
    );
  }
}

function measureMemory(): void {
  const createPeak = peakRow('create');
  if (wanted(PSS_ROW) || wanted(createPeak)) {
    for (let turn = 0; turn < few; turn++) {
      for (const runtime of inTurn(turn)) {
        const { pss, peak, create } = measureCreated(runtime, place);
        samples.add(createPeak, 'MB', runtime.name, Math.max(peak, create));
        samples.add(PSS_ROW, 'MB', runtime.name, pss);
      }
    }
  }
  if (!wanted(LIMIT_ROW)) return;
  for (const runtime of runtimes) {
    tell(`the smallest memory limit of ${runtime.name}`);
    const limit = smallestLimit(runtime, place);
    if (limit !== undefined) samples.add(LIMIT_ROW, 'MB', runtime.name, limit / 1024 / 1024);
  }
}

function report(): void {
  const times = samples.rows.filter(({ unit }) => unit === 'ms');
  const memory = samples.rows.filter(({ unit }) => unit === 'MB');
  const machine = describeMachine(runtimes);
  const text = [times, memory]
    .filter((rows) => rows.length > 0)
    .map((rows) => `${ratiosTable(rows, names)}\n\n${valuesTable(rows, names)}`)
    .concat(`Medians of ${runs} runs (quartiles in brackets). ${machine}`)
    .join('\n\n');
  console.log(text);
  if (options.json !== undefined) {
    const all = { machine, runs, rows: samples.rows };
    writeFileSync(options.json, `${JSON.stringify(all, null, 1)}\n`);
  }
  if (options.svg !== undefined) writeFileSync(options.svg, plot(times, names));
  if (options.docs === true) {
    writeFileSync(path.join(PROJECT, 'docs/performance.svg'), plot(times, names));
    const image = (file: string): string => `![medians and quartiles of all work](${file})`;
    writeInto('docs/performance.md', 'figures', `${image('performance.svg')}\n\n${text}`);
    const ratios = ratiosTable(times, names);
    writeInto('README.md', 'ratios', `${image('docs/performance.svg')}\n\n${ratios}`);
  }
}

try {
  measureTimes();
  measureMemory();
  measureCrowds();
} finally {
  await place.leave();
  // Where it failed as well: what was measured until then took its time.
  if (samples.rows.length > 0) report();
}
