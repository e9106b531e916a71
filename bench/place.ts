/** Where the bench works: its bundles, the names of its containers, and that nothing of it stays. */

import { spawnSync } from 'node:child_process';
import {
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmdirSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { type Config, toJson } from '../conformance/lib/config.js';
import { cgroupDirectories, cgroupMounts, removeCgroups } from '../conformance/lib/host.js';
import { PAYLOAD } from '../conformance/lib/runtime.js';
import { containerdConfig, plainConfig, podmanConfig } from './configs/configs.js';
import { floorList } from './floor-list.js';
import { call, type Runtime } from './runtimes.js';

export const TRUE = ['/payload', 'exit', '0'];

export class Place {
  readonly scratch = mkdtempSync(path.join(tmpdir(), 'ocirt-bench-'));
  /** Below it are the cgroups that configs name. */
  readonly #group = `/ocirt-bench-${process.pid}`;
  readonly #groupsBefore = topGroups();
  readonly #alive = new Map<string, Runtime>();
  #serial = 0;

  /** Bundles of the plain config: a program that ends at once, and one that waits for its end. */
  readonly ending = this.bundle('true', plainConfig(TRUE));
  readonly waiting = this.bundle('wait', plainConfig(['/payload', 'pause']));
  readonly podman = this.bundle(
    'podman',
    podmanConfig(TRUE, this.#podmanFiles(), `${this.#group}/libpod-0123456789abcdef`),
  );
  readonly containerd = this.bundle(
    'containerd',
    containerdConfig(TRUE, `${this.#group}/containerd`),
  );

  bundle(name: string, config: Config): string {
    const bundle = path.join(this.scratch, name);
    mkdirSync(path.join(bundle, 'rootfs'), { recursive: true });
    copyFileSync(PAYLOAD, path.join(bundle, 'rootfs/payload'));
    writeFileSync(path.join(bundle, 'config.json'), toJson(config));
    writeFileSync(path.join(bundle, 'floor.txt'), floorList(config, this.#floorGroup()));
    return bundle;
  }

  /** The parent of the floor's cgroups; those of cpuset take its processors and memory nodes. */
  #floorGroup(): string {
    for (const mount of new Set(cgroupMounts().values())) {
      const dir = path.join(mount, `${this.#group}-floor`);
      mkdirSync(dir, { recursive: true });
      if (!existsSync(path.join(dir, 'cpuset.cpus'))) continue;
      for (const file of ['cpuset.cpus', 'cpuset.mems']) {
        writeFileSync(path.join(dir, file), readFileSync(path.join(mount, file), 'utf8'));
      }
      writeFileSync(path.join(dir, 'cgroup.clone_children'), '1');
    }
    return `${this.#group}-floor`;
  }

  #podmanFiles(): string {
    const dir = path.join(this.scratch, 'userdata');
    mkdirSync(path.join(dir, 'shm'), { recursive: true });
    for (const file of ['hostname', 'hosts', 'containerenv'])
      writeFileSync(path.join(dir, file), '');
    return dir;
  }

  /** A new name, and the file for the number of its process. It is deleted at the end if needed. */
  container(runtime: Runtime): { id: string; pidFile: string } {
    const id = `bench-${process.pid}-${this.#serial++}`;
    this.#alive.set(id, runtime);
    return { id, pidFile: path.join(this.scratch, `${id}.pid`) };
  }

  gone(id: string): void {
    this.#alive.delete(id);
    rmSync(path.join(this.scratch, `${id}.pid`), { force: true });
  }

  /** Removes everything, that of a bench that has failed in the middle too. */
  async leave(): Promise<void> {
    for (const [id, runtime] of this.#alive) {
      const [program = '', ...args] = call(runtime, 'delete', '--force', id);
      spawnSync(program, args, { stdio: 'ignore', cwd: this.waiting });
    }
    for (const group of [this.#group, `${this.#group}-floor`]) {
      await removeCgroups(() => cgroupDirectories(group));
    }
    for (const group of topGroups()) {
      // Those of another bench, or of tests, are empty for moments as well.
      const others = path.basename(group).startsWith('ocirt-');
      if (!others && !this.#groupsBefore.has(group)) removeEmpty(group);
    }
    rmSync(this.scratch, { recursive: true, force: true });
  }
}

/** The cgroups directly below the mounts: some runtimes leave a parent of theirs. */
function topGroups(): Set<string> {
  const found = new Set<string>();
  for (const mount of new Set(cgroupMounts().values())) {
    for (const entry of readdirSync(mount, { withFileTypes: true })) {
      if (entry.isDirectory()) found.add(path.join(mount, entry.name));
    }
  }
  return found;
}

function removeEmpty(dir: string): void {
  if (!existsSync(dir)) return;
  try {
    rmdirSync(dir);
  } catch {
    // It is in use: not ours.
  }
}
