// The validation programs of the opencontainers runtime-tools against a runtime:
//
//   npm run conformance:runtime-tools -- --suite DIR [--runtime BINARY] [--seconds N] [NAME...]
//
//   --suite DIR       the upstream folder, in which `make runtimetest validation-executables`
//                     has been run
//   --runtime BINARY  bin/ocirt
//   --seconds N       how long one program may take, 120
//   NAME              the programs of these names only: `delete` for delete.t
//
// As root. Prints a table; the last line is `N passed, N failed, N skipped`. The status is 1 where
// one has failed for no reason that known.mjs has, and 2 where nothing could be run.
import { accessSync, constants, realpathSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { optionsOf } from '../../scripts/usage.mjs';
import { reasonFor } from './known.mjs';
import { programsOf, runProgram } from './programs.mjs';

const project = join(dirname(fileURLToPath(import.meta.url)), '../..');

function parse() {
  const { values, positionals } = optionsOf(fileURLToPath(import.meta.url), {
    options: {
      suite: { type: 'string' },
      runtime: { type: 'string', default: join(project, 'bin/ocirt') },
      seconds: { type: 'string', default: '120' },
    },
    allowPositionals: true,
  });
  if (values.suite === undefined) throw new Error('--suite DIR is wanted');
  if (process.getuid() !== 0) throw new Error('it takes root');
  const runtime = resolve(values.runtime);
  accessSync(runtime, constants.X_OK);
  const seconds = Number(values.seconds);
  if (!(seconds > 0)) throw new Error('--seconds takes a number above 0');
  const suite = realpathSync(values.suite);
  const all = programsOf(suite);
  const none = positionals.find((name) => all.every((program) => program.name !== name));
  if (none !== undefined) throw new Error(`no ${none}.t below ${suite}`);
  if (all.length === 0) throw new Error(`no *.t below ${suite}: build them as upstream says`);
  const chosen = all.filter(({ name }) => positionals.length === 0 || positionals.includes(name));
  return { programs: chosen, options: { suite, runtime, seconds } };
}

const cell = (text) => String(text).replaceAll('|', '\\|');
const row = (cells) => console.log(`| ${cells.map(cell).join(' | ')} |`);

/** Runs all, a row each; how many of each verdict, and of failures without a known reason. */
async function runAll({ programs, options }) {
  const sums = { passed: 0, failed: 0, skipped: 0, unexplained: 0 };
  row(['program', 'verdict', 'ok', 'not ok', 'skipped', 'reason']);
  row(['---', '---', '---:', '---:', '---:', '---']);
  for (const program of programs) {
    const { name, verdict, counts, timedOut, said, runs } = await runProgram(program, options);
    const reason = verdict === 'failed' ? reasonFor(name) : undefined;
    row([
      name,
      `${verdict}${runs > 1 ? ' (second run)' : ''}`,
      ...[counts.passed, counts.failed, counts.skipped],
      [
        reason,
        timedOut && 'it took too long',
        verdict === 'passed' && counts.passed === 0 && 'it holds no test',
        said && `it says: ${said}`,
      ]
        .filter(Boolean)
        .join('; '),
    ]);
    sums[verdict]++;
    if (verdict === 'failed' && reason === undefined) sums.unexplained++;
  }
  return sums;
}

try {
  const { passed, failed, skipped, unexplained } = await runAll(parse());
  console.log(`\n${unexplained} of those that failed have no known reason`);
  console.log(`${passed} passed, ${failed} failed, ${skipped} skipped`);
  if (unexplained > 0) process.exitCode = 1;
} catch (error) {
  console.error(`conformance:runtime-tools: ${error.message}`);
  process.exitCode = 2;
}
