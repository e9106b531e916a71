/** Runs the black-box suite against runtimes; conformance/README.md says how. */

import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { release } from 'node:os';
import path from 'node:path';
import { IDENTITY, SYSTEMD } from '../lib/groups.js';
import { cgroupV1 } from '../lib/host.js';
import { PROJECT } from '../lib/runtime.js';
import { FILES, holdAgainst, toldOf } from './claims.js';
import { Misuse, type Options, parseOptions } from './options.js';
import { fromJson, merge } from './record.js';
import { count, resultOf } from './results.js';
import { run, type Suite, testFiles } from './run.js';
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

async function runSuite(options: Options): Promise<void> {
  const { patterns, suite, report } = options;
  const runtimes =
    options.runtimes.length > 0 ? options.runtimes : [path.join(PROJECT, 'bin/ocirt')];
  const compared = subjects(runtimes);
  const files = testFiles(patterns, suite);
  if (files.length === 0) {
    throw new Misuse(`no test file has ${patterns.join(' or ')} in its path`);
  }
  const { jobs: atOnce, seconds: callSeconds, without } = options;
  const tap = new Tap((text) => process.stdout.write(text));
  const results = await run(compared, files, { atOnce, callSeconds, without }, ({ name }, result) =>
    tap.result(compared.length > 1 ? name : '', result),
  );
  const whole = FILES.every((file) => files.includes(file));
  for (const subject of whole ? compared.filter(({ kind }) => kind === 'ocirt') : []) {
    const { name, binary } = subject;
    const held = holdAgainst(featuresOf(binary), results.get(name) ?? []);
    const result = resultOf('features', toldOf(held));
    results.get(name)?.push(result);
    tap.result(compared.length > 1 ? name : '', result);
    if (held.skipped.length > 0)
      tap.comment(`not shown on this machine: ${held.skipped.join(', ')}`);
  }
  // Through engines, the others are there to be compared with.
  const judged = compared.filter(({ kind }) => suite !== 'engines' || kind === 'ocirt');
  for (const [name, ones] of results) {
    tap.counts(name, count(ones));
    const counts = judged.length === 0 || judged.some((subject) => subject.name === name);
    if (counts && ones.some(({ outcome }) => outcome === 'failed')) process.exitCode = 1;
  }
  tap.end();
  if (report !== undefined) {
    writeReports(report, REPORTS[suite], [{ machine: machine(), subjects: compared, results }]);
  }
}

const featuresOf = (binary: string): unknown =>
  JSON.parse(execFileSync(binary, ['features'], { encoding: 'utf8' }));

/** Puts the results of earlier runs together. */
function mergeReports({ merge: files, report = '', suite }: Options): void {
  const runs = files.flatMap((file) => fromJson(readFileSync(file, 'utf8')));
  writeReports(report, REPORTS[suite], merge(runs));
}

try {
  const options = parseOptions(process.argv.slice(2));
  if (options.merge.length > 0) mergeReports(options);
  else await runSuite(options);
} catch (error) {
  if (!(error instanceof Misuse)) throw error;
  console.error(`conformance: ${error.message}\nnpm run conformance -- --help says what there is`);
  process.exitCode = 2;
}
