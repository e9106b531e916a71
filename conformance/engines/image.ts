/** The image of the engine tests: busybox and little else, made on the spot. */

import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import {
  chmodSync,
  copyFileSync,
  existsSync,
  mkdirSync,
  readFileSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import path from 'node:path';

const BUSYBOX = ['/bin/busybox', '/usr/bin/busybox'];

function must(program: string, args: string[]): string {
  const result = spawnSync(program, args, { encoding: 'utf8' });
  if (result.status !== 0) throw new Error(`${program} ${args.join(' ')}: ${result.stderr}`);
  return result.stdout;
}

/** Fills `dir` with a root file system. */
export function makeRootfs(dir: string): void {
  for (const name of ['bin', 'dev', 'etc', 'home', 'proc', 'root', 'sys', 'tmp', 'var/tmp']) {
    mkdirSync(path.join(dir, name), { recursive: true });
  }
  chmodSync(path.join(dir, 'tmp'), 0o1777);
  const source = BUSYBOX.find((file) => existsSync(file));
  if (source === undefined) return;
  copyFileSync(source, path.join(dir, 'bin/busybox'));
  for (const applet of must(source, ['--list']).split('\n')) {
    if (applet !== '' && applet !== 'busybox')
      symlinkSync('busybox', path.join(dir, 'bin', applet));
  }
  writeFileSync(
    path.join(dir, 'etc/passwd'),
    'root:x:0:0:root:/root:/bin/sh\ngrace:x:1000:1000::/home:/bin/sh\n',
  );
  writeFileSync(path.join(dir, 'etc/group'), 'root:x:0:\ngrace:x:1000:\nextra:x:2000:grace\n');
}

/** Packs a root file system as an archive that engines load as the image `name`. */
export function packImage(
  rootfs: string,
  work: string,
  name: string,
  command: readonly string[] = ['sh'],
): string {
  mkdirSync(work, { recursive: true });
  const layer = path.join(work, 'layer.tar');
  must('tar', ['--owner=0', '--group=0', '--numeric-owner', '-C', rootfs, '-cf', layer, '.']);
  const digest = createHash('sha256')
    .update(Uint8Array.from(readFileSync(layer)))
    .digest('hex');
  const config = {
    architecture: process.arch === 'x64' ? 'amd64' : process.arch,
    os: 'linux',
    config: { Env: ['PATH=/bin'], Cmd: command },
    rootfs: { type: 'layers', diff_ids: [`sha256:${digest}`] },
  };
  writeFileSync(path.join(work, 'config.json'), JSON.stringify(config));
  const manifest = [{ Config: 'config.json', RepoTags: [name], Layers: ['layer.tar'] }];
  writeFileSync(path.join(work, 'manifest.json'), JSON.stringify(manifest));
  const archive = path.join(work, 'image.tar');
  must('tar', ['-C', work, '-cf', archive, 'config.json', 'manifest.json', 'layer.tar']);
  return archive;
}
