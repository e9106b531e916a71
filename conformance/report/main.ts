/** Runs the black-box suite against runtimes; conformance/README.md says how. */

import { readFileSync } from 'node:fs';
import { release } from 'node:os';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { IDENTITY, SYSTEMD } from '../lib/groups.js';
import { cgroupV1 } from '../lib/host.js';
import { PROJECT } from '../lib/runtime.js';
import { fromJson, merge } from './record.js';
import { count } from './results.js';
import { run, SUITES, type Suite, testFiles } from './run.js';
import { subjects } from './subjects.js';
import { Tap } from './tap.js';
import { writeReports } from './write.js';

/** The name of the files that a report is written to. */
const REPORTS: Record<Suite, string> = { runtime: 'conformance', engines: 'engines' };

/** Where the tests are run and by whom, in a sentence. */
function machine(): string {
  const name = /^PRETTY_NAME="?([^"\n]*)/m.exec(readFileSync('/etc/os-release', 'utf8'))?.[1];
  const groups = `cgroup ${cgroupV1() ? 'v1' : 'v2'}${SYSTEMD ? ', made by systemd' : ''}`;
  return `Run by ${IDENTITY} on ${name ?? 'an unknown system'}, Linux ${release()}, ${groups}.`;
}

const { values, positionals } = parseArgs({
  options: {
    runtime: { type: 'string', multiple: true },
    report: { type: 'string' },
    merge: { type: 'string', multiple: true },
    jobs: { type: 'string' },
    seconds: { type: 'string' },
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

function number(option: 'jobs' | 'seconds', otherwise: number): number {
  const value = Number(values[option] ?? otherwise);
  if (!Number.isInteger(value) || value < 1) {
    throw new Error(`--${option} takes a number from 1 up`);
  }
  return value;
}

async function runSuite(): Promise<void> {
  const compared = subjects(values.runtime ?? [path.join(PROJECT, 'bin/ocirt')]);
  const files = testFiles(positionals, suite);
  if (files.length === 0) {
    throw new Error(`no test file has ${positionals.join(' or ')} in its path`);
  }
  const options = {
    atOnce: number('jobs', 2),
    callSeconds: number('seconds', 120),
    without: values.without ?? '',
  };
  const tap = new Tap((text) => process.stdout.write(text));
  const results = await run(compared, files, options, ({ name }, result) =>
    tap.result(compared.length > 1 ? name : '', result),
  );
  // Through engines, the others are there to be compared with.
  const judged = compared.filter(({ kind }) => suite !== 'engines' || kind === 'ocirt');
  for (const [name, ones] of results) {
    tap.counts(name, count(ones));
    const counts = judged.length === 0 || judged.some((subject) => subject.name === name);
    if (counts && ones.some(({ outcome }) => outcome === 'failed')) process.exitCode = 1;
  }
  tap.end();
  if (values.report !== undefined) {
    writeReports(values.report, REPORTS[suite], [
      { machine: machine(), subjects: compared, results },
    ]);
  }
}

if (values.merge === undefined) {
  await runSuite();
} else {
  if (values.report === undefined) throw new Error('--merge wants --report DIR');
  const runs = values.merge.flatMap((file) => fromJson(readFileSync(file, 'utf8')));
  writeReports(values.report, REPORTS[suite], merge(runs));
}
