/**
 * Makes a container: everything of config.json is in place and its first process waits for
 * `start` (runtime.md, "Create").
 *
 * A transaction: what is about to be made is written down before it is made, and whatever fails
 * undoes all of it. A create that is killed leaves what `delete --force` finds and removes.
 */
import { membership } from '../cgroup/membership.js';
import type { CgroupPlan } from '../cgroup/types.js';
import { OcirtError } from '../errors.js';
import type { PlanWarning } from '../plan/plan.js';
import { markProcess } from '../state/process.js';
import { type ContainerRecord, RECORD_FORMAT } from '../state/record.js';
import type { Bundle } from './bundle.js';
import {
  attach,
  type CreatedCgroup,
  checkUnused,
  createCgroup,
  killCgroup,
  removeCgroup,
} from './cgroup.js';
import { type Console, openConsole, receiveMaster, sendPidfd } from './console.js';
import { type Runtime, type SystemdUnit, stopUnit, systemdOf } from './context.js';
import { wrap, writeFailed } from './errors.js';
import { gatherFacts } from './facts.js';
import { runCreateHooks, runPoststop } from './hooks.js';
import { chooseRdt, joinRdt, makeRdt, undoRdt } from './intel-rdt.js';
import { launch } from './launch.js';
import { claimLocked } from './locked.js';
import { endMonitor, startMonitor, wantsMonitor } from './monitor.js';
import { NetDevices } from './net-devices.js';
import { restoreNofile } from './nofile.js';
import { explainDeath } from './oom.js';
import { writeOomScore } from './oom-score.js';
import { pidFilePath, writePidFile } from './pidfile.js';
import { type CreateOptions, compile, type Prepared, prepare } from './prepare.js';
import { checkAgent } from './seccomp-agent.js';
import { tailText } from './tail.js';
import { formatTime } from './time.js';

export interface Created {
  readonly record: ContainerRecord;
  readonly bundle: Bundle;
  readonly pid: number;
  /** -1 where the kernel has none; the caller's to close. */
  readonly pidfd: number;
  /** The master of the pty in the foreground; -1 otherwise. */
  readonly master: number;
}

/** The record of a container of which nothing is there yet. */
export function newRecord(
  runtime: Runtime,
  id: string,
  prepared: Pick<Prepared, 'bundle' | 'facts' | 'cgroup'> & { readonly notify?: boolean },
): ContainerRecord {
  const { config } = prepared.bundle;
  const namespaces = config.linux?.namespaces ?? [];
  return {
    format: RECORD_FORMAT,
    ociVersion: config.ociVersion,
    id,
    bundle: prepared.bundle.path,
    rootfs: prepared.bundle.rootfs,
    created: formatTime(runtime.native.clock().realtimeNs),
    owner: prepared.facts.euid,
    annotations: config.annotations ?? {},
    phase: 'creating',
    cgroup: {
      mode: prepared.cgroup.mode,
      paths: prepared.cgroup.paths,
      ...unitOf(prepared.cgroup),
    },
    namespaces: namespaces.map((namespace) => namespace.type),
    ownPidNamespace: namespaces.some(
      (namespace) => namespace.type === 'pid' && namespace.path === undefined,
    ),
    rootless: prepared.facts.euid !== 0,
    ...(prepared.notify === true ? { notify: true } : {}),
  };
}

/** What the record keeps of the unit of systemd, if there is one. */
function unitOf({ systemd }: CgroupPlan): { systemd?: SystemdUnit } {
  return systemd === null ? {} : { systemd: { unit: systemd.unit, user: systemd.user } };
}

/** Hierarchies that the container is to have a cgroup in, and has none for want of the right. */
function lostControllers(plan: CgroupPlan, created: CreatedCgroup): string[] {
  const names = Object.keys(plan.paths).filter((name) => created.paths[name] === undefined);
  return names.map((name) => (name === '' ? 'unified' : name));
}

/** Creates a container. */
export function create(runtime: Runtime, options: CreateOptions): Created {
  const { native, store } = runtime;
  runtime.trace?.phase('gather facts');
  const facts = gatherFacts(native);
  let prepared = prepare(runtime, options, facts);
  const { warned } = prepared.bundle;
  warnAll(
    runtime,
    prepared.plan.warnings.filter(({ at }) => !warned.has(at)),
  );
  checkAgent(runtime, prepared.plan, prepared.bundle.config);
  const pidFile = options.pidFile === undefined ? undefined : pidFilePath(runtime, options.pidFile);
  const rdt = chooseRdt(runtime, prepared.bundle.config, options.id);
  let record: ContainerRecord = {
    ...newRecord(runtime, options.id, prepared),
    ...(options.noNewKeyring === true ? { noNewKeyring: true } : {}),
    ...(rdt === undefined ? {} : { intelRdt: rdt.record }),
  };

  runtime.trace?.phase('write the state');
  const wrapped = (error: unknown) =>
    wrap(error, 'create-failed', 'unable to create the container');
  const lock = claimLocked(runtime, options.id, wrapped);
  let cgroup: CreatedCgroup | undefined;
  const update: Update = (change) => {
    if (Object.keys(change).length === 0) return record;
    record = { ...record, ...change };
    store.write(record);
    return record;
  };
  try {
    // Before the record, which says by being there that they are whole.
    keepFiles(runtime, options.id, prepared);
    store.write(record);
    if (prepared.notify) native.makeDirectory(store.file(options.id, 'notify'), 0o755, false);
    if (prepared.cgroup.systemd !== null) {
      checkUnused(native, prepared.cgroup);
      if (rdt !== undefined) makeRdt(runtime, rdt);
      return build(runtime, options, prepared, undefined, pidFile, update);
    }
    runtime.trace?.phase('make the cgroup');
    cgroup = createCgroup(native, prepared.cgroup);
    if (rdt !== undefined) makeRdt(runtime, rdt);
    const lost = lostControllers(prepared.cgroup, cgroup);
    if (lost.length > 0) {
      // What of the plan is about the container's own cgroup is about the caller's now.
      const rest = { ...prepared, cgroup: { ...prepared.cgroup, paths: cgroup.paths } };
      prepared = { ...rest, plan: compile(runtime, options, rest) };
      // A limit that is lost has been an error before this.
      const message = `no right to make cgroups (${lost.join(', ')}): the container stays in the caller's`;
      // Standard error is the container's own under an engine: only a person is told there, and a log
      // that is kept apart.
      if (runtime.log.apart === true || native.isTerminal(2))
        warnAll(runtime, [{ at: '/linux/cgroupsPath', message }]);
      else runtime.log.debug(`${message} (config.json: /linux/cgroupsPath)`);
      update({ cgroup: { mode: prepared.cgroup.mode, paths: cgroup.paths } });
    }
    // One line about all hierarchies in place of one for each.
    const place = '/linux/cgroupsPath';
    warnAll(
      runtime,
      cgroup.warnings.filter(({ at }) => lost.length === 0 || at !== place),
    );
    return build(runtime, options, prepared, cgroup, pidFile, update);
  } catch (error) {
    const failure = wrapped(error);
    failure.cleanup = [
      ...failure.cleanup,
      ...undo(runtime, record, prepared, cgroup !== undefined || record.init !== undefined),
    ];
    throw failure;
  } finally {
    lock.release();
  }
}

/** What later verbs need of config.json, and of the plan. */
function keepFiles(runtime: Runtime, id: string, { bundle, plan }: Prepared): void {
  const { native, store } = runtime;
  const files = [
    { path: store.file(id, 'config'), data: bundle.text },
    { path: store.file(id, 'tail'), data: tailText(plan.steps) },
  ];
  const [failure] = native.writeFiles(files.map((file) => ({ ...file, create: 0o600 })));
  if (failure !== undefined) {
    throw writeFailed(failure, 'create-failed', 'unable to create the container');
  }
}

/** Says warnings, each with its place in config.json. */
export function warnAll(runtime: Runtime, warnings: readonly PlanWarning[]): void {
  for (const { at, message } of warnings) {
    runtime.log.warn(at === '' ? message : `${message} (config.json: ${at})`);
  }
}

type Update = (change: Partial<ContainerRecord>) => ContainerRecord;

function build(
  runtime: Runtime,
  options: CreateOptions,
  prepared: Prepared,
  made: CreatedCgroup | undefined,
  pidFile: string | undefined,
  update: Update,
): Created {
  const { native, store, log } = runtime;
  const { config } = prepared.bundle;
  const terminal = config.process?.terminal === true;
  let record = update({});
  let master = -1;
  const start = native.listenUnix(store.file(options.id, 'start'), 4);
  let console: Console | undefined;
  const devices = new NetDevices(runtime);
  const join = (pid: number): void =>
    warnAll(runtime, attach(native, made?.attach ?? [], pid, prepared.cgroup.bestEffort));
  try {
    console = openConsole(runtime, {
      terminal,
      detach: options.foreground !== true,
      socket: options.consoleSocket,
    });
    const launched = launch(runtime, {
      plan: prepared.plan,
      given: { start, ...(console === undefined ? {} : { console: console.fd }) },
      cgroup: { ...(made ?? membership({})), join },
      preserveFds: prepared.inherited,
      ...(options.stdio === undefined ? {} : { stdio: options.stdio }),
      onSpawned(pid) {
        record = update({ init: markProcess(native, pid) });
        if (made === undefined) startUnit(runtime, prepared.cgroup, pid);
        joinRdt(native, record.intelRdt, pid);
        writeOomScore(runtime, prepared.plan, pid);
        restoreNofile(runtime, prepared.plan, pid);
      },
      onPid(pid) {
        record = update({ init: markProcess(native, pid) });
        joinRdt(native, record.intelRdt, pid);
      },
      onSync(name, pid) {
        if (name === 'network') {
          devices.move(prepared.plan.commit.netDevices ?? [], pid);
          return;
        }
        runCreateHooks(runtime, config, record, pid);
      },
      // The filter comes with the start.
      onListener() {},
      onReady(pid, pidfd) {
        if (console !== undefined) master = receiveMaster(runtime, console);
        if (options.pidfdSocket !== undefined) sendPidfd(runtime, options.pidfdSocket, pidfd);
        if (pidFile !== undefined) writePidFile(runtime, pidFile, pid);
        const monitor = wantsMonitor(options.monitor, config.annotations)
          ? { monitor: startMonitor(runtime, record, pid, pidfd) }
          : {};
        record = update({ phase: 'created', ...monitor });
        log.debug('init: closing the pipe to signal completion');
      },
      explainDeath: (signal) => explainDeath(runtime, record.cgroup, signal),
    });
    return { record, bundle: prepared.bundle, master, ...launched };
  } catch (error) {
    if (master >= 0) native.close([master]);
    const failure = wrap(error, 'create-failed', 'unable to create the container');
    failure.cleanup = [...failure.cleanup, ...devices.restore()];
    throw failure;
  } finally {
    devices.close();
    if (console?.ours !== undefined) native.close([console.ours]);
  }
}

/**
 * Has systemd make the cgroup, with the helper in it, which has run nothing yet: it waits for its
 * plan. Then the limits, as exact as they were asked for.
 */
export function startUnit(runtime: Runtime, plan: CgroupPlan, pid: number): void {
  const { native } = runtime;
  if (plan.systemd !== null) systemdOf(runtime).start(plan.systemd, pid);
  const [directory = ''] = Object.values(plan.paths);
  if (plan.mode === 'v2' && native.status(directory, false) === null) {
    throw new OcirtError('systemd-refused', 'systemd has made the cgroup in another place', {
      path: directory,
      pointer: '/linux/cgroupsPath',
    });
  }
  warnAll(runtime, createCgroup(native, plan).warnings);
  // v1: the hierarchies that systemd leaves alone.
  warnAll(runtime, attach(native, plan.attach, pid, plan.bestEffort));
}

/** Undoes what a failed create has made, in reverse. Returns what went wrong with that. */
export function undo(
  runtime: Runtime,
  record: ContainerRecord,
  prepared: Pick<Prepared, 'bundle'>,
  cgroup: boolean,
): unknown[] {
  const problems: unknown[] = [];
  const attempt = (action: () => void): void => {
    try {
      action();
    } catch (error) {
      problems.push(error);
    }
  };
  if (cgroup) {
    attempt(() => killCgroup(runtime.native, record.cgroup.paths));
    attempt(() => stopUnit(runtime, record));
    attempt(() => removeCgroup(runtime.native, record.cgroup.paths));
  }
  attempt(() => undoRdt(runtime.native, record.intelRdt, record.init?.pid));
  // The lifecycle goes on at step 12 after a failed hook: destroyed, then poststop.
  if (record.init !== undefined)
    attempt(() => runPoststop(runtime, prepared.bundle.config, record));
  attempt(() => endMonitor(runtime, record));
  attempt(() => runtime.store.remove(record.id));
  return problems;
}
