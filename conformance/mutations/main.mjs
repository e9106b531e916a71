// Takes each mitigation out of a copy of the source, builds it, and runs the attacks that must get
// through then: what none does is a mitigation without a test.
//
//   npm run test:mutations -- [PATTERN]...      only those with PATTERN in their name
//
// Standard output is TAP. First everything is run with the source as it is: there no attack may get
// through. It takes a quarter of an hour on two cores.
import { spawnSync } from 'node:child_process';
import {
  cpSync,
  existsSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { helpIfAsked } from '../../scripts/usage.mjs';
import { MUTATIONS, sourceOf } from './list.mjs';

const PROJECT = fileURLToPath(new URL('../..', import.meta.url));
/** Races that are run more often, to lose one for sure. */
const RACES = '250';
/** What a build of the Node.js host takes. */
const PARTS = [
  ...['bin', 'native', 'scripts', 'src', 'schemas', 'conformance'],
  ...['package.json', 'package-lock.json', 'tsconfig.json', 'binding.gyp'],
];

function run(program, args, options = {}) {
  return spawnSync(program, args, {
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'pipe'],
    timeout: 15 * 60_000,
    killSignal: 'SIGKILL',
    ...options,
  });
}

class Copy {
  constructor() {
    this.dir = mkdtempSync(join(tmpdir(), 'ocirt-mutations-'));
    // Times as they are: a lock file that looks new would have the build install all packages again,
    // through the link.
    for (const part of PARTS) {
      cpSync(join(PROJECT, part), join(this.dir, part), {
        recursive: true,
        preserveTimestamps: true,
      });
    }
    symlinkSync(join(PROJECT, 'node_modules'), join(this.dir, 'node_modules'));
  }

  /** What the build says where it fails, else ''. */
  build() {
    const { status, stdout, stderr } = run('bash', [join(this.dir, 'scripts/build')]);
    return status === 0 ? '' : `it does not build\n${stdout}${stderr}`;
  }

  /** Makes the edits; gives what undoes them. */
  mutate(edits) {
    const before = new Map();
    for (const { file, search, replace } of edits) {
      const path = join(this.dir, file);
      const text = readFileSync(path, 'utf8');
      if (!before.has(path)) before.set(path, text);
      if (text.split(search).length !== 2) throw new Error(`${file}: not there once: ${search}`);
      writeFileSync(
        path,
        text.replace(search, () => replace),
      );
    }
    return () => {
      for (const [path, text] of before) writeFileSync(path, text);
    };
  }

  /** The outcomes of the tests of a file whose names begin with `name`, by their names. */
  attack(file, name) {
    const report = join(this.dir, 'report');
    rmSync(report, { force: true });
    const pattern = `^${name.replace(/[.*+?^${}()|[\]\\/]/g, '\\$&')}`;
    run(
      process.execPath,
      [
        `--test-reporter=${join(PROJECT, 'scripts/reporter.mjs')}`,
        `--test-reporter-destination=${report}`,
        `--test-name-pattern=${pattern}`,
        join(PROJECT, `dist/${sourceOf(file)}.test.js`),
      ],
      { env: { ...process.env, RACES, RUNTIME: join(this.dir, 'bin/ocirt-node') } },
    );
    const lines = existsSync(report) ? readFileSync(report, 'utf8').split('\n') : [];
    return lines
      .filter((line) => line !== '')
      .map((line) => JSON.parse(line))
      .filter((told) => told.name.startsWith(name));
  }
}

helpIfAsked(fileURLToPath(import.meta.url));
let count = 0;
let failed = 0;

function tell(ok, name, why = '') {
  count++;
  if (!ok) failed++;
  process.stdout.write(`${ok ? 'ok' : 'not ok'} ${count} - ${name}\n`);
  if (!ok) process.stdout.write(`${why.trimEnd().replace(/^/gm, '# ')}\n`);
}

const patterns = process.argv.slice(2);
const chosen = MUTATIONS.filter(
  ({ name }) => patterns.length === 0 || patterns.some((pattern) => name.includes(pattern)),
);
const copy = new Copy();
try {
  const broken = copy.build();
  if (broken !== '') throw new Error(broken);
  for (const file of new Set(chosen.flatMap(({ tests }) => tests.map(([name]) => name)))) {
    const bad = copy.attack(file, '').filter(({ outcome }) => outcome === 'failed');
    tell(bad.length === 0, `as it is: ${file}`, bad.map(({ name }) => name).join('\n'));
  }
  for (const { name, edits, tests } of chosen) {
    const undo = copy.mutate(edits);
    const bad = copy.build();
    if (bad !== '') tell(false, name, bad);
    for (const [file, test] of bad === '' ? tests : []) {
      const told = copy.attack(file, test);
      const got = told.filter(({ outcome }) => outcome === 'failed').length;
      const why = told.length === 0 ? 'there is no such test' : `${told.length} tests passed`;
      tell(got > 0, `${name}: ${file}: ${test}`, why);
    }
    undo();
  }
} finally {
  rmSync(copy.dir, { recursive: true, force: true });
}
process.stdout.write(`1..${count}\n`);
process.exitCode = failed === 0 ? 0 : 1;
