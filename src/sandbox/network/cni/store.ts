/**
 * What is written down of the machine's networks, so that nothing is left of a container whose runtime
 * was killed. In /run, since all of it is gone with a reboot: addresses, bridges, rules.
 *
 *     lock                one change at a time: flock(2), which ends with its holder
 *     containers/ID.json  a container's record, from before its first plugin runs
 *     containers/ID.lock  held (flock(2)) by a plugin of its, and by what that has started, even when their caller
 *                         was killed
 *     namespaces/ID       its network namespace, held by a mount until its plugins are done with it
 *     bridges/NAME        the subnet of a bridge, while there is one
 *     addresses/NETWORK/  the address plugin's: who has which
 */
import {
  closeSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Binding } from '../../../native/binding.js';
import { networkFailed } from '../errors.js';
import { RUN_TIMEOUT_MS } from '../run.js';
import type { CniRecord } from '../types.js';
import { endHolders } from './holders.js';

export const STORE = '/run/ocirt-network';

/** Others are at it for as long as their plugins take. */
const PATIENCE_MS = 120_000;
const RETRY_MS = 20;

export class NetworkStore {
  readonly #native: Binding;
  readonly root: string;

  readonly #pluginTimeoutMs: number;

  /** @param pluginTimeoutMs for how long somebody else's plugin is waited for */
  constructor(native: Binding, root: string = STORE, pluginTimeoutMs: number = RUN_TIMEOUT_MS) {
    this.#native = native;
    this.root = root;
    this.#pluginTimeoutMs = pluginTimeoutMs;
  }

  get addresses(): string {
    return `${this.root}/addresses`;
  }

  namespace(id: string): string {
    return `${this.root}/namespaces/${id}`;
  }

  /** Runs what nobody else may run at the same time, in this process or another. */
  async locked<T>(work: () => Promise<T>): Promise<T> {
    for (const folder of ['containers', 'namespaces', 'bridges', 'addresses']) {
      mkdirSync(`${this.root}/${folder}`, { recursive: true, mode: 0o700 });
    }
    const fd = openSync(`${this.root}/lock`, 'a', 0o600);
    try {
      const deadline = Date.now() + PATIENCE_MS;
      // Not waited for by the kernel: the holder may be of this process, which would stand still.
      while (!this.#native.lock(fd, true, false)) {
        if (Date.now() > deadline)
          throw networkFailed(`${this.root}/lock is held by another ocirt`);
        await sleep(RETRY_MS);
      }
      return await work();
    } finally {
      closeSync(fd);
    }
  }

  /** Whether there is nothing at all, as far as can be said without the lock. */
  isEmpty(): boolean {
    try {
      return readdirSync(`${this.root}/containers`).length === 0;
    } catch {
      return true;
    }
  }

  /** Every container that has not been taken away completely. */
  records(): CniRecord[] {
    return this.#names('containers')
      .filter((name) => name.endsWith('.json'))
      .flatMap((name) => this.find(name.slice(0, -'.json'.length)) ?? []);
  }

  /** What is known of a container; undefined: nothing (any more). */
  find(id: string): CniRecord | undefined {
    try {
      return JSON.parse(this.#text('containers', `${id}.json`)) as CniRecord;
    } catch {
      // Renamed only when it is whole: what can't be read is somebody else's.
      return undefined;
    }
  }

  /** A descriptor of a container's lock, for its plugins; to be closed when they have ended. */
  openLock(id: string): number {
    const fd = openSync(this.#lockOf(id), 'a', 0o600);
    // Held already only where somebody has lost patience with a plugin.
    this.#native.lock(fd, true, false);
    return fd;
  }

  /** Whether a plugin of a container runs, whoever has called it. */
  hasPlugin(id: string): boolean {
    let fd: number;
    try {
      fd = openSync(this.#lockOf(id), 'r');
    } catch {
      return false;
    }
    try {
      return !this.#native.lock(fd, true, false);
    } finally {
      closeSync(fd);
    }
  }

  /**
   * Waits until none does, for as long as one may take. Then it is ended, where whoever called it is not there
   * any more to do so: he would have the store's lock.
   */
  async pluginEnded(id: string): Promise<void> {
    const deadline = Date.now() + this.#pluginTimeoutMs;
    while (this.hasPlugin(id)) {
      if (Date.now() >= deadline) {
        return await endHolders(this.#native, this.#lockOf(id), `${this.root}/lock`);
      }
      await sleep(RETRY_MS);
    }
  }

  /** Removes what somebody who was killed had begun to write. For who holds the lock. */
  tidy(): void {
    for (const folder of ['containers', 'bridges']) {
      for (const name of readdirSync(`${this.root}/${folder}`)) {
        if (name.startsWith('.')) rmSync(`${this.root}/${folder}/${name}`, { force: true });
      }
    }
  }

  keep(record: CniRecord): void {
    this.#replace('containers', `${record.id}.json`, JSON.stringify(record));
  }

  forget(id: string): void {
    rmSync(this.#lockOf(id), { force: true });
    rmSync(`${this.root}/containers/${id}.json`, { force: true });
  }

  /** The subnet of a bridge that is there, or was before somebody else took it away. */
  subnetOf(bridge: string): string | undefined {
    try {
      return this.#text('bridges', bridge);
    } catch {
      return undefined;
    }
  }

  keepSubnet(bridge: string, subnet: string): void {
    this.#replace('bridges', bridge, subnet);
  }

  /** Of bridges of any name: they must not share one. */
  subnets(): string[] {
    return this.#names('bridges').map((name) => this.#text('bridges', name));
  }

  /** Forgets a bridge, and the address plugin's folder with it. */
  forgetBridge(bridge: string, network: string): void {
    rmSync(`${this.root}/bridges/${bridge}`, { force: true });
    rmSync(`${this.addresses}/${network}`, { recursive: true, force: true });
  }

  #lockOf(id: string): string {
    return `${this.root}/containers/${id}.lock`;
  }

  /** Without those that are being written. */
  #names(folder: string): string[] {
    return readdirSync(`${this.root}/${folder}`).filter((name) => !name.startsWith('.'));
  }

  #text(folder: string, name: string): string {
    return readFileSync(`${this.root}/${folder}/${name}`, 'utf8');
  }

  /** All of it or nothing, whatever happens meanwhile. */
  #replace(folder: string, name: string, text: string): void {
    const temporary = `${this.root}/${folder}/.${name}`;
    writeFileSync(temporary, text, { mode: 0o600 });
    renameSync(temporary, `${this.root}/${folder}/${name}`);
  }
}
