/**
 * Makes a container again from what `checkpoint` has saved. docs/checkpoint.md
 *
 * A transaction like `create`: whatever fails undoes all of it.
 */

import { membership } from '../cgroup/membership.js';
import type { CgroupPlan } from '../cgroup/types.js';
import { KIND } from '../criu/messages.js';
import { RESTORE_LOG, type RestoreFlags, restoreOptions } from '../criu/options.js';
import { CRIU_ROOT, restorePlan } from '../criu/plans.js';
import { OcirtError } from '../errors.js';
import { namespaceSet } from '../plan/namespaces.js';
import { netDevices } from '../plan/net-devices.js';
import { checkId } from '../state/id.js';
import { markProcess } from '../state/process.js';
import type { ContainerRecord } from '../state/record.js';
import { absolutePath, type Bundle, loadBundle } from './bundle.js';
import { attach, type CreatedCgroup, checkUnused, createCgroup } from './cgroup.js';
import { warnRootless } from './checkpoint.js';
import { checkConsole } from './console.js';
import type { Runtime } from './context.js';
import { newRecord, startUnit, undo, warnAll } from './create.js';
import { CriuService, type Notification } from './criu.js';
import { type FolderOptions, type OpenFolders, openFolders } from './criu-paths.js';
import { remove } from './delete.js';
import { errnoOf, messageOf, wrap } from './errors.js';
import { gatherFacts } from './facts.js';
import { holdSignals, supervise } from './foreground.js';
import { runHooks } from './hooks.js';
import { countInherited } from './inherited.js';
import { chooseRdt, joinRdt, makeRdt } from './intel-rdt.js';
import { claimLocked } from './locked.js';
import { startMonitor, wantsMonitor } from './monitor.js';
import { NetDevices } from './net-devices.js';
import { pidFilePath, writePidFile } from './pidfile.js';
import { containerCgroup } from './prepare.js';
import {
  cgroupsOf,
  joinedNamespaces,
  makePlaces,
  openInherited,
  raiseLoopback,
  restoredMounts,
} from './restore-parts.js';

export interface RestoreOptions extends FolderOptions {
  readonly id: string;
  readonly flags: RestoreFlags;
  /** Absolute, or relative to the working directory, which is the default. */
  readonly bundle?: string | undefined;
  readonly pidFile?: string | undefined;
  readonly consoleSocket?: string | undefined;
  readonly detach?: boolean | undefined;
  readonly noSubreaper?: boolean | undefined;
  readonly preserveFds?: number | undefined;
  /** A process that keeps how the first one ends: monitor.ts; absent: as an annotation says. */
  readonly monitor?: boolean | undefined;
  /** systemd makes the cgroup. */
  readonly systemd?: boolean | undefined;
  /** The container stays in the caller's cgroups, without limits of its own. */
  readonly cgroupDisabled?: boolean | undefined;
}

interface Restored {
  readonly record: ContainerRecord;
  readonly bundle: Bundle;
  readonly pid: number;
  /** The master of the pty in the foreground; -1 otherwise. */
  readonly master: number;
}

/** @returns the exit code: the process's in the foreground, 0 detached */
export function restore(runtime: Runtime, options: RestoreOptions): number {
  const { native } = runtime;
  const detach = options.detach === true;
  if (options.noSubreaper !== true) native.setSubreaper(true);
  if (!detach) holdSignals(runtime);
  const restored = restoreContainer(runtime, options);
  try {
    // The processes go on already; hooks that want to exec into the container can.
    runHooks(
      runtime,
      restored.bundle.config,
      'poststart',
      restored.record,
      'running',
      restored.pid,
    );
    if (detach) return 0;
    const code = supervise(runtime, restored.pid, restored.master);
    remove(runtime, { id: options.id, force: true, only: restored.record });
    return code;
  } catch (error) {
    const failure = wrap(error, 'restore-failed', 'unable to restore the container');
    try {
      remove(runtime, { id: options.id, force: true, only: restored.record });
    } catch (problem) {
      failure.cleanup = [...failure.cleanup, problem];
    }
    throw failure;
  } finally {
    if (restored.master >= 0) native.close([restored.master]);
  }
}

function restoreContainer(runtime: Runtime, options: RestoreOptions): Restored {
  const { native, store } = runtime;
  checkId(options.id);
  warnRootless(runtime);
  const bundle = loadBundle(native, runtime.log, absolutePath(native, options.bundle ?? '.'));
  const terminal = bundle.config.process?.terminal === true;
  checkConsole({ terminal, detach: options.detach === true, socket: options.consoleSocket });
  if (!namespaceSet(bundle.config.linux).has('mount')) {
    throw new OcirtError(
      'checkpoint-unsupported',
      'a container without a mount namespace of its own cannot be restored',
      { pointer: '/linux/namespaces' },
    );
  }
  const preserved = countInherited(runtime, 0, options.preserveFds ?? 0);
  const facts = gatherFacts(native);
  const cgroup = containerCgroup(runtime, options, bundle, facts);
  const pidFile = options.pidFile === undefined ? undefined : pidFilePath(runtime, options.pidFile);
  const folders = openFolders(runtime, options, false);
  try {
    const rdt = chooseRdt(runtime, bundle.config, options.id);
    const record: ContainerRecord = {
      ...newRecord(runtime, options.id, { bundle, facts, cgroup }),
      ...(rdt === undefined ? {} : { intelRdt: rdt.record }),
    };
    const wrapped = (error: unknown) =>
      wrap(error, 'restore-failed', 'unable to restore the container');
    const lock = claimLocked(runtime, options.id, wrapped);
    const attempt = new Attempt(runtime, options, { bundle, cgroup, folders, preserved, record });
    try {
      store.write(record);
      native.replaceFile(store.file(options.id, 'config'), bundle.text, 0o600);
      if (rdt !== undefined) makeRdt(runtime, rdt);
      const restored = attempt.run();
      if (pidFile !== undefined) writePidFile(runtime, pidFile, restored.pid);
      return restored;
    } catch (error) {
      const failure = wrapped(error);
      failure.cleanup = [...failure.cleanup, ...attempt.undo()];
      throw failure;
    } finally {
      lock.release();
    }
  } finally {
    folders.close();
  }
}

interface Given {
  readonly bundle: Bundle;
  readonly cgroup: CgroupPlan;
  readonly folders: OpenFolders;
  /** How many descriptors from 3 on CRIU keeps. */
  readonly preserved: number;
  readonly record: ContainerRecord;
}

/** One restore under way, and what it has made so far. */
class Attempt {
  readonly #runtime: Runtime;
  readonly #options: RestoreOptions;
  readonly #given: Given;
  readonly #devices: NetDevices;
  #record: ContainerRecord;
  #touched = false;
  #master = -1;
  #console = -1;

  constructor(runtime: Runtime, options: RestoreOptions, given: Given) {
    this.#runtime = runtime;
    this.#options = options;
    this.#given = given;
    this.#record = given.record;
    this.#devices = new NetDevices(runtime);
  }

  #update(change: Partial<ContainerRecord>): void {
    this.#record = { ...this.#record, ...change };
    this.#runtime.store.write(this.#record);
  }

  run(): Restored {
    const runtime = this.#runtime;
    const { native } = runtime;
    const { bundle, folders } = this.#given;
    const made = this.#makeCgroup();
    const places = { ...this.#given, record: this.#record };
    makePlaces(runtime, places);
    // Whoever listens there is to be there before anything is restored.
    const socket = this.#options.consoleSocket;
    if (socket !== undefined) this.#console = connectConsole(runtime, socket);
    const inherited = openInherited(runtime, bundle.config, folders.images);
    let service: CriuService | undefined;
    let seen: OpenFolders | undefined;
    try {
      service = new CriuService(runtime, {
        plan: (program) =>
          restorePlan(program, runtime.store.directory(this.#record.id), bundle.rootfs),
        keep: inherited.opened,
        preserveFds: this.#given.preserved,
        cgroup: {
          ...(made ?? membership({})),
          join: (pid) =>
            warnAll(
              runtime,
              attach(native, made?.attach ?? [], pid, this.#given.cgroup.bestEffort),
            ),
        },
        onSpawned: (pid) => this.#onSpawned(pid, made),
      });
      seen = folders.within(service.pid);
      const opts = restoreOptions({
        flags: this.#options.flags,
        folders: seen,
        annotations: this.#record.annotations,
        root: `${native.realPath(runtime.store.directory(this.#record.id))}/${CRIU_ROOT}`,
        mounts: restoredMounts(runtime, places),
        inherited: inherited.keys,
        joined: joinedNamespaces(bundle.config),
        terminal: bundle.config.process?.terminal === true,
        cgroups: cgroupsOf(native, service.pid),
      });
      const pid = service.request(KIND.restore, opts, folders.log(RESTORE_LOG), (notification) =>
        this.#onNotify(notification),
      );
      this.#commit(pid);
      const master = this.#master;
      this.#master = -1;
      return { record: this.#record, bundle, pid, master };
    } finally {
      service?.end();
      seen?.close();
      removePlace(runtime, `${runtime.store.directory(this.#record.id)}/${CRIU_ROOT}`);
      native.close([...inherited.opened, ...[this.#console, this.#master].filter((fd) => fd >= 0)]);
      this.#devices.close();
    }
  }

  /** undefined: systemd makes it, when there is a process to be in it. */
  #makeCgroup(): CreatedCgroup | undefined {
    const runtime = this.#runtime;
    const { cgroup } = this.#given;
    if (cgroup.systemd !== null) {
      checkUnused(runtime.native, cgroup);
      return undefined;
    }
    const made = createCgroup(runtime.native, cgroup);
    this.#touched = true;
    warnAll(runtime, made.warnings);
    this.#update({ cgroup: { ...this.#record.cgroup, paths: made.paths } });
    return made;
  }

  /** CRIU is there and has done nothing: from it the processes inherit what it is put into. */
  #onSpawned(pid: number, made: CreatedCgroup | undefined): void {
    this.#touched = true;
    // Until there is another one: what delete --force ends if we are killed.
    this.#update({ init: markProcess(this.#runtime.native, pid) });
    if (made === undefined) startUnit(this.#runtime, this.#given.cgroup, pid);
    joinRdt(this.#runtime.native, this.#record.intelRdt, pid);
  }

  #onNotify(notification: Notification): void {
    const runtime = this.#runtime;
    const { config } = this.#given.bundle;
    switch (notification.script) {
      case 'setup-namespaces': {
        const { pid } = notification;
        const namespaces = namespaceSet(config.linux);
        if (namespaces.isNew('network')) raiseLoopback(runtime.native, pid);
        const devices = netDevices(config.linux, namespaces);
        if (devices.length > 0) this.#devices.move(devices, pid);
        runHooks(runtime, config, 'prestart', this.#record, 'creating', pid);
        runHooks(runtime, config, 'createRuntime', this.#record, 'creating', pid);
        break;
      }
      case 'orphan-pts-master':
        this.#takeMaster(notification);
        break;
      case 'post-restore':
        this.#commit(notification.pid);
        this.#watch(notification.pid);
        break;
    }
  }

  /** The processes are there. If we are killed from here on, the container stays. */
  #commit(pid: number): void {
    if (this.#record.phase === 'created') return;
    this.#update({ phase: 'created', init: markProcess(this.#runtime.native, pid) });
  }

  /** The processes are held still: not even the first one can have ended. */
  #watch(pid: number): void {
    const runtime = this.#runtime;
    if (!wantsMonitor(this.#options.monitor, this.#record.annotations)) return;
    const pidfd = runtime.native.openPidfd(pid);
    try {
      this.#update({ monitor: startMonitor(runtime, this.#record, pid, pidfd) });
    } finally {
      if (pidfd >= 0) runtime.native.close([pidfd]);
    }
  }

  #takeMaster(notification: Notification): void {
    const { native } = this.#runtime;
    if (this.#console >= 0) {
      native.sendFd(this.#console, notification.fd, 'orphan-pts-master');
    } else if (this.#given.bundle.config.process?.terminal === true && this.#master < 0) {
      this.#master = notification.fd;
      notification.fd = -1;
    }
  }

  /** Undoes everything. Returns what went wrong with that. */
  undo(): unknown[] {
    return [
      ...this.#devices.restore(),
      ...undo(this.#runtime, this.#record, this.#given, this.#touched),
    ];
  }
}

/** Where the root was bound; nothing is mounted there outside of CRIU's mount namespace. */
function removePlace(runtime: Runtime, path: string): void {
  try {
    runtime.native.removeDirectory(path);
  } catch (error) {
    if (errnoOf(error) !== 'ENOENT') runtime.log.debug(`${path} stays: ${messageOf(error)}`);
  }
}

function connectConsole(runtime: Runtime, socket: string): number {
  try {
    return runtime.native.connectUnix(socket);
  } catch (error) {
    throw wrap(error, 'console-socket-failed', `dial unix ${socket}`);
  }
}
