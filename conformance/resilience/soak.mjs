// Many life cycles, and many execs in one container: what grows with them?
//
//   npm run soak -- [--cycles N] [--execs N] [--runtime PATH]
//
// Prints what there is of each kind before and after (Markdown), and exits 1 if any life cycle failed
// or anything is left. A machine on which nothing else starts containers is needed.
import { spawn } from 'node:child_process';
import {
  cpSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { differences, snapshot } from '../../scripts/host-snapshot.mjs';
import { optionsOf } from '../../scripts/usage.mjs';

const file = fileURLToPath(import.meta.url);
const root = join(dirname(file), '../..');
const { values } = optionsOf(file, {
  options: {
    cycles: { type: 'string', default: '20000' },
    execs: { type: 'string', default: '20000' },
    runtime: { type: 'string', default: join(root, 'dist/ocirt') },
  },
});
const { baseConfig, toJson } = await import(join(root, 'dist/conformance/lib/config.js'));
const WORKERS = 2;

const dir = mkdtempSync(join(tmpdir(), 'ocirt-soak-'));
const state = join(dir, 'state');
mkdirSync(state, { mode: 0o711 });

function bundle(name, args) {
  const folder = join(dir, name);
  for (const part of ['proc', 'sys', 'dev', 'tmp']) {
    mkdirSync(join(folder, 'rootfs', part), { recursive: true });
  }
  cpSync(join(root, 'dist/native/ocirt-payload'), join(folder, 'rootfs/payload'));
  const config = baseConfig();
  config.process.args = args;
  config.linux.cgroupsPath = `/ocirt-soak/${name}`;
  writeFileSync(join(folder, 'config.json'), toJson(config));
  return folder;
}

/** A shell's loop starts programs with less work of its own than Node.js. Failures go to a file. */
function loop(script, failures, env) {
  return new Promise((resolve) => {
    const child = spawn('bash', ['-c', script], {
      stdio: ['ignore', 'ignore', 'inherit'],
      env: { ...process.env, RUNTIME: values.runtime, STATE: state, FAILURES: failures, ...env },
    });
    child.once('exit', resolve);
  });
}

const CYCLE = `
say() { echo "$1 $2: $3" >>"$FAILURES"; }
for ((i = 0; i < COUNT; i++)); do
  for verb in create start delete; do
    case $verb in
    create) words=(create --bundle "$BUNDLE" "$ID") ;;
    start) words=(start "$ID") ;;
    delete) words=(delete --force "$ID") ;;
    esac
    "$RUNTIME" --root "$STATE" "\${words[@]}" </dev/null >/dev/null 2>"$FAILURES.now" ||
      say "$ID" "$verb" "$(<"$FAILURES.now")"
  done
done`;

const EXEC = `
for ((i = 0; i < COUNT; i++)); do
  "$RUNTIME" --root "$STATE" exec "$ID" /payload exit 0 </dev/null >/dev/null 2>"$FAILURES.now" ||
    echo "exec: $(<"$FAILURES.now")" >>"$FAILURES"
done`;

const count = (list) => list.filter((line) => line !== '').length;
const read = (file) => readFileSync(file, 'utf8');
const meminfo = (name) =>
  Number(new RegExp(`^${name}: +(\\d+)`, 'm').exec(read('/proc/meminfo'))[1]);

function cgroupCount(at = '/sys/fs/cgroup') {
  let found = 0;
  for (const entry of readdirSync(at, { withFileTypes: true })) {
    if (entry.isDirectory()) found += 1 + cgroupCount(join(at, entry.name));
  }
  return found;
}

/** What might grow. */
function figures() {
  return {
    mounts: count(read('/proc/self/mountinfo').split('\n')),
    'cgroup directories': cgroupCount(),
    processes: readdirSync('/proc').filter((name) => /^\d+$/.test(name)).length,
    'open files of the system': Number(read('/proc/sys/fs/file-nr').split('\t')[0]),
    'keys of root': Number(/^ *0: +(\d+)/m.exec(read('/proc/key-users'))?.[1] ?? 0),
    'files in the state root': readdirSync(state, { recursive: true }).length,
    'kernel memory that can’t be reclaimed, MB': Math.round(meminfo('SUnreclaim') / 1024),
    'memory in use, MB': Math.round((meminfo('MemTotal') - meminfo('MemAvailable')) / 1024),
  };
}

const failures = join(dir, 'failures');
writeFileSync(failures, '');
const bundles = Array.from({ length: WORKERS }, (_, index) =>
  bundle(`cycle${index}`, ['/payload', 'pause']),
);

async function cycles(total) {
  const env = (index) => ({
    COUNT: String(Math.ceil(total / WORKERS)),
    ID: `soak${index}`,
    BUNDLE: bundles[index],
    FAILURES: `${failures}.${index}`,
  });
  await Promise.all(bundles.map((_, index) => loop(CYCLE, failures, env(index))));
}

async function execs(total) {
  const ID = 'soak-exec';
  const words = (verb) => `"$RUNTIME" --root "$STATE" ${verb} </dev/null >/dev/null 2>>"$FAILURES"`;
  const exec = bundle('exec', ['/payload', 'pause']);
  await loop(`${words(`create --bundle ${exec} ${ID}`)}; ${words(`start ${ID}`)}`, failures);
  await loop(EXEC, failures, { COUNT: String(total), ID });
  await loop(words(`delete --force ${ID}`), failures);
}

let problems;
try {
  // The first ones fill caches.
  await cycles(200);
  const host = snapshot();
  const before = figures();
  const began = Date.now();
  await cycles(Number(values.cycles));
  await execs(Number(values.execs));
  const seconds = Math.round((Date.now() - began) / 1000);
  await new Promise((resolve) => setTimeout(resolve, 2000));
  const after = figures();
  const failed = [failures, ...bundles.map((_, index) => `${failures}.${index}`)]
    .flatMap((file) => {
      try {
        return read(file).split('\n');
      } catch {
        return [];
      }
    })
    .filter((line) => line !== '');
  console.log(`${values.cycles} life cycles and ${values.execs} execs, ${seconds} s\n`);
  console.log('| what | before | after |\n| --- | ---: | ---: |');
  for (const [name, value] of Object.entries(before))
    console.log(`| ${name} | ${value} | ${after[name]} |`);
  console.log(`| failures | | ${failed.length} |`);
  problems = [...failed.slice(0, 20), ...differences(host, snapshot())];
} finally {
  rmSync(dir, { recursive: true, force: true });
  await loop(
    'rmdir /sys/fs/cgroup/*/ocirt-soak /sys/fs/cgroup/ocirt-soak 2>/dev/null; true',
    failures,
  );
}
for (const problem of problems) console.error(problem);
process.exitCode = problems.length === 0 ? 0 : 1;
