/** Runs the test files against a runtime, each file as a process of its own. */

import { spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { PAYLOAD, PROJECT } from '../lib/runtime.js';
import { type Result, resultOf, type Told } from './results.js';
import type { Subject } from './subjects.js';

/** The folders of test files that any runtime can be held to: by itself, and through engines. */
export const SUITES = {
  runtime: ['runtime', 'security', 'resilience'],
  engines: ['engines'],
} as const;
export type Suite = keyof typeof SUITES;

const REPORTER = path.join(PROJECT, 'scripts/reporter.mjs');
/** With these in the environment a file does more than usual, on demand, and for hours if need be. */
const MORE = ['CONFIGS', 'FAULTS', 'LIFE_CYCLES', 'RACES'] as const;
/**
 * One that takes longer is stuck: the slowest takes two minutes on a slow machine. FILE_MINUTES in the
 * environment is for a slower one.
 */
const MINUTES = MORE.some((name) => process.env[name] !== undefined) ? 600 : 20;
const FILE_TIMEOUT_MS = Number(process.env.FILE_MINUTES ?? MINUTES) * 60_000;

/** A file of one of the folders; those of `runtime` go by their name alone. */
const fileOf = (folder: string, name: string): string =>
  folder === 'runtime' ? name : `${folder}/${name}`;

const pathOf = (file: string): string => (file.includes('/') ? file : `runtime/${file}`);

/** The test files, without ending, that have one of the patterns in their path. */
export function testFiles(patterns: readonly string[], suite: Suite = 'runtime'): string[] {
  return SUITES[suite].flatMap((folder) =>
    readdirSync(path.join(PROJECT, 'conformance', folder))
      .flatMap((name) => /^(.+)\.test\.ts$/.exec(name)?.[1] ?? [])
      .filter((name) => {
        const source = `conformance/${folder}/${name}.test.ts`;
        return patterns.length === 0 || patterns.some((pattern) => source.includes(pattern));
      })
      .map((name) => fileOf(folder, name))
      .sort(),
  );
}

export interface RunOptions {
  /** How many files at a time: each test has a place of its own. */
  readonly atOnce: number;
  /** The system calls that answer ENOSYS to the tests and the runtime, with commas; '' for none. */
  readonly without: string;
  /** How long each call of the runtime and each wait may take. */
  readonly callSeconds: number;
}

function runFile(
  subject: Subject,
  file: string,
  report: string,
  { without, callSeconds }: RunOptions,
): Promise<string> {
  return new Promise((resolve) => {
    const words = without === '' ? [] : [PAYLOAD, 'without', without];
    const [program = '', ...args] = [...words, process.execPath];
    const child = spawn(
      program,
      [
        ...args,
        `--test-reporter=${REPORTER}`,
        `--test-reporter-destination=${report}`,
        path.join(PROJECT, 'dist/conformance', `${pathOf(file)}.test.js`),
      ],
      {
        cwd: PROJECT,
        env: {
          ...process.env,
          RUNTIME: subject.binary,
          WITHOUT: without,
          CALL_SECONDS: String(callSeconds),
        },
        stdio: ['ignore', 'ignore', 'pipe'],
        timeout: FILE_TIMEOUT_MS,
        killSignal: 'SIGKILL',
      },
    );
    let errors = '';
    child.stderr.on('data', (data) => {
      errors += String(data);
    });
    child.on('error', (error) => resolve(String(error)));
    // Not 'close': what a runtime leaves behind would hold the pipe open.
    child.on('exit', (code, signal) => {
      setTimeout(() => resolve(code === 0 ? '' : `it ended with ${signal ?? code}\n${errors}`), 20);
    });
  });
}

async function resultsOf(
  subject: Subject,
  file: string,
  report: string,
  options: RunOptions,
): Promise<Result[]> {
  const ended = await runFile(subject, file, report, options);
  const text = existsSync(report) ? readFileSync(report, 'utf8') : '';
  const told = text
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as Told);
  const failed = told.some(({ outcome }) => outcome === 'failed');
  if (told.length === 0 || (ended !== '' && !failed)) {
    told.push({ name: 'the file', outcome: 'failed', error: ended || 'it holds no test' });
  }
  return told.map((one) => resultOf(file, one));
}

/**
 * Runs every file against every subject; the results by the subject's name, in the order of the
 * files.
 * @param onResult is told of each result as soon as its file has ended
 */
export async function run(
  subjects: readonly Subject[],
  files: readonly string[],
  options: RunOptions,
  onResult: (subject: Subject, result: Result) => void,
): Promise<Map<string, Result[]>> {
  const scratch = mkdtempSync(path.join(tmpdir(), 'ocirt-conformance-'));
  const rest = subjects.flatMap((subject, number) =>
    files.map((file) => ({
      subject,
      file,
      report: path.join(scratch, `${number}-${file.replace('/', '-')}`),
    })),
  );
  const done = new Map<string, Result[]>();
  const worker = async (): Promise<void> => {
    for (let job = rest.shift(); job !== undefined; job = rest.shift()) {
      const { subject, file, report } = job;
      const results = await resultsOf(subject, file, report, options);
      done.set(report, results);
      for (const result of results) onResult(subject, result);
    }
  };
  const inOrder = [...rest];
  try {
    await Promise.all(Array.from({ length: options.atOnce }, worker));
  } finally {
    rmSync(scratch, { recursive: true, force: true });
  }
  return new Map(
    subjects.map((subject) => [
      subject.name,
      inOrder
        .filter((job) => job.subject === subject)
        .flatMap(({ report }) => done.get(report) ?? []),
    ]),
  );
}
