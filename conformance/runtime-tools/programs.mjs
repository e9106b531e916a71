// Runs the validation programs of a suite, each shut off from the machine, and reads what they say.
import { spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, rmdirSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseTap } from '../../scripts/tap.mjs';
import { GROUP, RACES } from './known.mjs';

/** Where the hierarchies are; with v2 alone the programs have nothing to look at. */
const CGROUPS = '/sys/fs/cgroup';

const here = dirname(fileURLToPath(import.meta.url));

/** Every program below the folder, `*.t`, by name. */
export function programsOf(suite) {
  return readdirSync(suite, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && entry.name.endsWith('.t'))
    .map((entry) => join(entry.parentPath ?? entry.path, entry.name))
    .map((file) => ({ name: basename(file, '.t'), file }))
    .sort((a, b) => (a.name < b.name ? -1 : 1));
}

/** {status, timedOut, stdout, stderr} of a program in a world of its own, started in `suite`. */
function execute(file, { suite, runtime, seconds }) {
  const scratch = mkdtempSync(join(tmpdir(), 'ocirt-runtime-tools-'));
  const words = [
    ...['bash', join(here, '../lib/private.sh')],
    ...['unshare', '--mount', '--propagation', 'private', '--pid', '--fork', '--kill-child'],
    ...['bash', join(here, 'locked.sh'), scratch, suite, file],
  ];
  return new Promise((resolve, reject) => {
    const child = spawn(words[0], words.slice(1), {
      env: { ...process.env, RUNTIME: runtime },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    const texts = { stdout: '', stderr: '' };
    for (const name of ['stdout', 'stderr']) {
      child[name].on('data', (data) => {
        texts[name] += data;
      });
    }
    let timedOut = false;
    // Its child is process 1 of all the others: with it they end.
    const timer = setTimeout(() => {
      timedOut = true;
      child.kill('SIGKILL');
    }, seconds * 1000);
    child.on('error', reject);
    child.on('close', (code, signal) => {
      clearTimeout(timer);
      rmdirSync(scratch);
      resolve({ status: signal ?? code, timedOut, ...texts });
    });
  });
}

/** Removes the cgroups that a program has left empty. */
function removeGroups(folder) {
  if (!existsSync(folder)) return;
  for (const entry of readdirSync(folder, { withFileTypes: true })) {
    if (entry.isDirectory()) removeGroups(join(folder, entry.name));
  }
  try {
    rmdirSync(folder);
  } catch {
    // A process is still in it.
  }
}

/**
 * What a run says in sum: a program passes if it has ended well, with a whole TAP without failures.
 * As upstream's `tap` has it, one without a test passes, too: several tell of an error in a
 * comment alone, and some say nothing but their status.
 */
export function judge({ status, timedOut, stdout, stderr }) {
  const { tests, complete, planned } = parseTap(stdout);
  const count = (outcome) => tests.filter((test) => test.outcome === outcome).length;
  const counts = { passed: count('passed'), failed: count('failed'), skipped: count('skipped') };
  const whole = complete || (tests.length === 0 && planned === undefined);
  const ended = status === 0 && !timedOut && whole;
  const all = tests.length > 0 && counts.skipped === tests.length;
  const verdict = !ended || counts.failed > 0 ? 'failed' : all ? 'skipped' : 'passed';
  const complaint = tests.find(({ outcome }) => outcome === 'failed')?.name;
  const said = complaint ?? stderr.trim().split('\n').at(-1) ?? '';
  return { verdict, counts, timedOut, said: verdict === 'failed' ? said : '' };
}

/** The verdict on a program; one with a known race that fails is run once more. */
export async function runProgram({ name, file }, options) {
  const once = async () => {
    const result = judge(await execute(file, options));
    for (const hierarchy of readdirSync(CGROUPS)) removeGroups(join(CGROUPS, hierarchy, GROUP));
    return result;
  };
  const first = await once();
  if (first.verdict !== 'failed' || !Object.hasOwn(RACES, name)) return { name, ...first, runs: 1 };
  return { name, ...(await once()), runs: 2 };
}
