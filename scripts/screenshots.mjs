// Makes docs/top.png, docs/plan.png and docs/plan-steps.png: `ocirt top` on a real terminal and the page
// of a plan, drawn by Chromium. As root, after a build and `tsc -p conformance`:
//
//   node scripts/screenshots.mjs
import { spawn, spawnSync } from 'node:child_process';
import { copyFileSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { Page } from '../dist/conformance/lib/browser.js';
import { ansiPage } from './ansi.mjs';

const top = fileURLToPath(new URL('..', import.meta.url));
const RUNTIME = path.join(top, 'bin/ocirt');
const PTY = path.join(top, 'dist/native/ocirt-payload');
const MIB = 1024 * 1024;
const SIZE = { rows: 12, columns: 112 };

/** What runs in each, and its limits. */
const CONTAINERS = {
  web: ['while :; do i=0; while [ $i -lt 9000 ]; do i=$((i+1)); done; sleep 0.1; done', {}],
  worker: ['while :; do :; done', { cpu: { quota: 12_000, period: 50_000 } }],
  database: [
    'dd if=/dev/zero of=/dev/shm/pages bs=1M count=45 2>/dev/null; while :; do dd if=/dev/zero of=/log bs=256k count=4 oflag=direct 2>/dev/null; sleep 0.3; done',
    { memory: { limit: 48 * MIB, swap: 48 * MIB } },
  ],
  queue: ['sleep 1000 & sleep 1000 & wait', { pids: { limit: 16 } }],
  batch: ['sleep 1000', {}],
  migration: ['exit 0', {}],
};

const folder = mkdtempSync(path.join(tmpdir(), 'ocirt-screenshots-'));
const root = path.join(folder, 'state');
mkdirSync(root);

function ocirt(...args) {
  const { status } = spawnSync(RUNTIME, ['--root', root, ...args], {
    stdio: ['ignore', 'ignore', 'inherit'],
  });
  if (status !== 0) throw new Error(`ocirt ${args.join(' ')}: ${status}`);
}

/** A bundle with busybox in it. */
function bundle(name, script, resources) {
  const dir = path.join(folder, name);
  mkdirSync(path.join(dir, 'rootfs/bin'), { recursive: true });
  copyFileSync('/bin/busybox', path.join(dir, 'rootfs/bin/busybox'));
  ocirt('spec', '--bundle', dir);
  const file = path.join(dir, 'config.json');
  const config = JSON.parse(readFileSync(file, 'utf8'));
  config.process.terminal = false;
  config.process.args = ['/bin/busybox', 'sh', '-c', script];
  config.process.env.push('ENV=/etc/aliases');
  config.root.readonly = false;
  config.hostname = name;
  config.linux.cgroupsPath = `/ocirt-screenshot-${name}`;
  Object.assign(config.linux.resources, resources);
  mkdirSync(path.join(dir, 'rootfs/etc'));
  const applets = ['dd', 'sleep'].map((applet) => `alias ${applet}='/bin/busybox ${applet}'`);
  writeFileSync(path.join(dir, 'rootfs/etc/aliases'), `${applets.join('\n')}\n`);
  for (const applet of ['dd', 'sleep'])
    copyFileSync('/bin/busybox', path.join(dir, `rootfs/bin/${applet}`));
  writeFileSync(file, JSON.stringify(config, null, 2));
  return dir;
}

/** What a terminal of that size was sent, up to the end. */
async function onTerminal(seconds, ...command) {
  const script = `stty rows ${SIZE.rows} cols ${SIZE.columns}; exec "$0" "$@"`;
  const child = spawn(PTY, ['pty', '/bin/sh', '-c', script, ...command], {
    env: { ...process.env, TERM: 'xterm-256color', NO_COLOR: '' },
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  let text = '';
  child.stdout.on('data', (data) => {
    text += data;
  });
  setTimeout(() => child.stdin.write('q'), seconds * 1000);
  await new Promise((resolve) => child.on('close', resolve));
  return text;
}

async function main() {
  for (const [name, [script, resources]] of Object.entries(CONTAINERS)) {
    ocirt('run', '--detach', '--bundle', bundle(name, script, resources), name);
  }
  ocirt('pause', 'batch');
  const sent = await onTerminal(6, RUNTIME, '--root', root, 'top', '--interval', '2s');
  const terminal = path.join(folder, 'top.html');
  writeFileSync(terminal, ansiPage(sent, SIZE));

  const example = bundle('example', 'echo hello', {
    memory: { limit: 64 * MIB },
    pids: { limit: 64 },
  });
  const trace = path.join(folder, 'trace.json');
  ocirt('--trace-timing', trace, 'run', '--bundle', example, 'example');
  const plan = path.join(folder, 'plan.html');
  ocirt('plan', '--bundle', example, '--html', plan, '--trace', trace, 'example');

  const page = await Page.open();
  try {
    await page.resize(960, 232);
    await page.visit(terminal);
    await page.picture(path.join(top, 'docs/top.png'));
    await page.resize(1100, 1000);
    await page.visit(plan);
    await page.picture(path.join(top, 'docs/plan.png'));
    await page.evaluate("document.querySelectorAll('#plan tbody')[1].scrollIntoView()");
    await page.picture(path.join(top, 'docs/plan-steps.png'));
  } finally {
    await page.close();
  }
}

try {
  await main();
} finally {
  for (const name of Object.keys(CONTAINERS)) {
    spawnSync(RUNTIME, ['--root', root, 'delete', '--force', name], { stdio: 'ignore' });
  }
  rmSync(folder, { recursive: true, force: true });
}
