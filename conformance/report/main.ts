/** Runs the black-box suite against runtimes; conformance/README.md says how. */

import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { release } from 'node:os';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { ROOTLESS, SYSTEMD } from '../lib/groups.js';
import { cgroupV1 } from '../lib/host.js';
import { PROJECT } from '../lib/runtime.js';
import { type Comparison, compare, totals } from './comparison.js';
import { markdown } from './markdown.js';
import { picture } from './picture.js';
import { count } from './results.js';
import { run, SUITES, type Suite, testFiles } from './run.js';
import { subjects } from './subjects.js';
import { Tap } from './tap.js';

/** The files that a report is written to. */
const REPORTS: Record<Suite, string> = { runtime: 'conformance', engines: 'engines' };

/** Where the tests were run, in a sentence. */
function machine(): string {
  const name = /^PRETTY_NAME="?([^"\n]*)/m.exec(readFileSync('/etc/os-release', 'utf8'))?.[1];
  const who = ROOTLESS ? 'an ordinary user' : 'root';
  const groups = `cgroup ${cgroupV1() ? 'v1' : 'v2'}${SYSTEMD ? ', made by systemd' : ''}`;
  return `Run by ${who} on ${name ?? 'an unknown system'}, Linux ${release()}, ${groups}.`;
}

function json(comparison: Comparison): string {
  const counts = totals(comparison);
  const report = {
    machine: machine(),
    runtimes: comparison.subjects.map(({ name, version, kind }, index) => ({
      name,
      version,
      kind,
      ...counts[index],
    })),
    ownTests: comparison.own,
    tests: comparison.tests.map(({ test, results, note }) => ({
      file: test.file,
      name: test.name,
      area: test.area,
      section: test.section,
      lookedAtTwice: note,
      results: Object.fromEntries(
        [...results].map(([name, { outcome, reason }]) => [
          name,
          outcome === 'passed' ? { outcome } : { outcome, reason },
        ]),
      ),
    })),
  };
  return `${JSON.stringify(report, null, 1)}\n`;
}

const { values, positionals } = parseArgs({
  options: {
    runtime: { type: 'string', multiple: true },
    report: { type: 'string' },
    jobs: { type: 'string' },
    without: { type: 'string' },
    suite: { type: 'string' },
  },
  allowPositionals: true,
});
const { suite: chosen = 'runtime' } = values;
if (!Object.hasOwn(SUITES, chosen)) {
  throw new Error(`--suite is one of ${Object.keys(SUITES).join(', ')}`);
}
const suite = chosen as Suite;
const compared = subjects(values.runtime ?? [path.join(PROJECT, 'bin/ocirt')]);
const files = testFiles(positionals, suite);
if (files.length === 0) throw new Error(`no test file has ${positionals.join(' or ')} in its path`);

const jobs = Number(values.jobs ?? 2);
if (!Number.isInteger(jobs) || jobs < 1) throw new Error('--jobs takes a number from 1 up');

const tap = new Tap((text) => process.stdout.write(text));
const without = values.without ?? '';
const runs = await run(compared, files, { atOnce: jobs, without }, ({ name }, result) =>
  tap.result(compared.length > 1 ? name : '', result),
);
// Through engines, the others are there to be compared with.
const judged = compared.filter(({ kind }) => suite !== 'engines' || kind === 'ocirt');
for (const [name, results] of runs) {
  tap.counts(name, count(results));
  const counts = judged.length === 0 || judged.some((subject) => subject.name === name);
  if (counts && results.some(({ outcome }) => outcome === 'failed')) process.exitCode = 1;
}
tap.end();
if (values.report !== undefined) {
  const comparison = compare(compared, runs);
  mkdirSync(values.report, { recursive: true });
  const write = (name: string, text: string) =>
    writeFileSync(path.join(values.report ?? '', `${REPORTS[suite]}.${name}`), text);
  write('json', json(comparison));
  write('svg', picture(comparison));
  const shown = `![shares by area](${REPORTS[suite]}.svg)`;
  write('md', `${shown}\n\n${markdown(comparison, machine())}\n`);
}
