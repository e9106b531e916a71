// The machine's image: built once, and kept outside the checkout.
//
//   VM_IMAGES   the folder of images; by default one in the user's cache
import { execFileSync, spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  utimesSync,
} from 'node:fs';
import { homedir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Machine, QEMU } from './machine.mjs';

const here = dirname(fileURLToPath(import.meta.url));

const BOOT_SECONDS = 900;
const KEPT_MS = 30 * 24 * 3600 * 1000;

/** Programs of the host that are needed, and Debian's packages with them. */
const TOOLS = {
  mmdebstrap: 'mmdebstrap',
  [QEMU]: 'qemu-system-x86',
  'qemu-img': 'qemu-utils',
  mke2fs: 'e2fsprogs',
  xz: 'xz-utils',
  zstd: 'zstd',
};

function missingPackages() {
  const folders = [...(process.env.PATH ?? '').split(':'), '/usr/sbin', '/sbin'];
  return Object.entries(TOOLS)
    .filter(([tool]) => !folders.some((folder) => existsSync(join(folder, tool))))
    .map(([, name]) => name);
}

/** Installs what is missing on the host. */
function installTools() {
  const missing = missingPackages();
  if (missing.length === 0) return;
  console.log(`installing: ${missing.join(' ')}`);
  const apt = (...args) => {
    const { status } = spawnSync('apt-get', args, {
      stdio: ['ignore', 'ignore', 'inherit'],
      env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive' },
    });
    if (status !== 0) {
      throw new Error(`these packages are missing (names as in Debian): ${missing.join(' ')}`);
    }
  };
  apt('update', '-qq');
  apt('install', '-y', '-qq', '--no-install-recommends', ...missing);
}

/** The folder for images of what the recipe is now; it changes with every file that makes it. */
function place() {
  const hash = createHash('sha256');
  const files = [
    'build-image',
    'machine.mjs',
    ...readdirSync(join(here, 'guest'))
      .sort()
      .map((name) => join('guest', name)),
  ];
  for (const file of files) hash.update(`${file}\0`).update(readFileSync(join(here, file)));
  // A state can only be restored by the QEMU that saved it.
  hash.update(execFileSync(QEMU, ['--version']));
  const cache = process.env.XDG_CACHE_HOME || join(homedir(), '.cache');
  const folder = process.env.VM_IMAGES || join(cache, 'ocirt', 'vm');
  return { folder, name: `trixie-${hash.digest('hex').slice(0, 16)}` };
}

/**
 * The image's folder, built if it is not there yet: kernel, initrd, root.qcow2, and state.zst,
 * the machine when it has booted.
 */
export async function image() {
  installTools();
  const { folder, name } = place();
  const done = join(folder, name);
  if (existsSync(done)) {
    const now = new Date();
    utimesSync(done, now, now);
    return done;
  }
  console.log('building the machine (once: some minutes)');
  // Beside its place and renamed when it is whole: two builds at once do no harm.
  const making = join(folder, `.${name}.${process.pid}`);
  mkdirSync(making, { recursive: true });
  try {
    const { status } = spawnSync('bash', [join(here, 'build-image'), making], { stdio: 'inherit' });
    if (status !== 0) throw new Error('the machine could not be built');
    console.log('booting it');
    const machine = await Machine.start(making, 'boot');
    try {
      const line = await machine.said(BOOT_SECONDS);
      if (line !== 'ready') throw new Error(`the guest said "${line}"`);
      await machine.save(join(making, 'state.zst'));
    } finally {
      machine.stop();
    }
    if (!existsSync(done)) renameSync(making, done);
  } finally {
    rmSync(making, { recursive: true, force: true });
  }
  removeOld(folder);
  return done;
}

/** Removes what nobody has used for long: images of older recipes. */
function removeOld(folder) {
  for (const name of readdirSync(folder)) {
    if (!/^trixie-[0-9a-f]{16}$/.test(name)) continue;
    const unusedMs = Date.now() - statSync(join(folder, name)).mtimeMs;
    if (unusedMs > KEPT_MS) rmSync(join(folder, name), { recursive: true, force: true });
  }
}
