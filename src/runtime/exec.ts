/** Runs another process in a container. */
import { membership } from '../cgroup/membership.js';
import { parseSubCgroups, subCgroupPaths } from '../cgroup/sub.js';
import { OcirtError } from '../errors.js';
import { compileExec } from '../plan/compile-exec.js';
import type { HostFacts } from '../plan/input.js';
import type { Plan } from '../plan/plan.js';
import type { Config, Process } from '../spec/config.gen.js';
import { loadKeptConfig, loadProcess } from '../spec/load.js';
import type { Lock } from '../state/lock.js';
import type { ContainerRecord } from '../state/record.js';
import type { Status } from '../state/status.js';
import { NAME } from '../version.js';
import { joinForExec } from './cgroup.js';
import {
  type Console,
  callerWindow,
  checkConsole,
  openConsole,
  receiveMaster,
  sendPidfd,
} from './console.js';
import { statusOf } from './container.js';
import { type Runtime, systemdOf } from './context.js';
import { wrap } from './errors.js';
import { completeProcess, type ExecChanges, mergeProcess } from './exec-process.js';
import { gatherFacts } from './facts.js';
import { holdSignals, supervise } from './foreground.js';
import { countInherited, listenFds } from './inherited.js';
import { joinRdt } from './intel-rdt.js';
import { type Launched, launch } from './launch.js';
import { lockLive } from './locked.js';
import { restoreNofile } from './nofile.js';
import { explainDeath } from './oom.js';
import { writeOomScore } from './oom-score.js';
import { pidFilePath, writePidFile } from './pidfile.js';
import { fillSeccomp } from './seccomp.js';
import { checkAgent, passListener } from './seccomp-agent.js';

export interface ExecOptions extends ExecChanges {
  readonly id: string;
  /** A file with the whole process, in place of the changes. */
  readonly processFile?: string | undefined;
  readonly detach?: boolean | undefined;
  readonly pidFile?: string | undefined;
  readonly consoleSocket?: string | undefined;
  readonly pidfdSocket?: string | undefined;
  readonly preserveFds?: number | undefined;
  readonly cgroups?: readonly string[] | undefined;
  readonly ignorePaused?: boolean | undefined;
}

/** A process that runs, and the terminal's master that is ours to relay (-1: none). */
interface Started {
  readonly launched: Launched;
  readonly master: number;
}

/** Namespace types as config.json names them, where the file below /proc/PID/ns has another name. */
const NAMESPACE_TYPES: Readonly<Record<string, string>> = { net: 'network', mnt: 'mount' };

/** @returns the exit code: the process's in the foreground, 0 detached */
export function exec(runtime: Runtime, options: ExecOptions): number {
  const { native } = runtime;
  const detach = options.detach === true;
  const { launched, master } = lockedExec(runtime, options, detach);
  try {
    if (!detach) runtime.trace?.phase('wait for the process');
    return detach ? 0 : supervise(runtime, launched.pid, master);
  } finally {
    const fds = [launched.pidfd, master].filter((fd) => fd >= 0);
    if (fds.length > 0) native.close(fds);
  }
}

/** The process of `exec --detach`, a child of ours; `pidfd` is the caller's to close. */
export function execDetached(runtime: Runtime, options: Omit<ExecOptions, 'detach'>): Launched {
  return lockedExec(runtime, options, true).launched;
}

function lockedExec(runtime: Runtime, options: ExecOptions, detach: boolean): Started {
  const { record, lock } = lockExecutable(runtime, options);
  try {
    // Only the user's systemd may move a process of the user from another unit into this one.
    if (record.cgroup.systemd?.user === true) systemdOf(runtime);
    runtime.trace?.phase('gather facts');
    const facts = gatherFacts(runtime.native, record.init?.pid);
    const { config, process } = processOf(runtime, record, options);
    const terminal = process.terminal === true;
    checkConsole({ terminal, detach, socket: options.consoleSocket });
    const subCgroups = parseSubCgroups(options.cgroups ?? []);
    if (!detach) holdSignals(runtime);
    return launchInto(runtime, record, config, process, options, { subCgroups, facts });
  } finally {
    lock.release();
  }
}

/**
 * The container, in a status that allows exec and with its lock. The lock is shared: others may
 * exec at the same time, but nobody may delete.
 */
function lockExecutable(
  runtime: Runtime,
  options: ExecOptions,
): { record: ContainerRecord; lock: Lock } {
  const { store } = runtime;
  const check = (status: Status): void => checkExecutable(status, options);
  const lock = lockLive(runtime, options.id, false, check);
  try {
    const record = store.read(options.id);
    check(statusOf(runtime, record));
    return { record, lock };
  } catch (error) {
    lock.release();
    throw error;
  }
}

function checkExecutable(status: Status, options: ExecOptions): void {
  if (status === 'stopped') {
    throw new OcirtError('container-stopped', 'cannot exec in a stopped container', {
      hint: 'its process has ended: create and start it again',
    });
  }
  if (status === 'creating') {
    throw new OcirtError('container-state', 'cannot exec in a container that is being created', {
      hint: 'wait for its create to end',
    });
  }
  if (status === 'paused' && options.ignorePaused !== true) {
    throw new OcirtError(
      'container-paused',
      'cannot exec in a paused container (use --ignore-paused to override)',
      { hint: `"${NAME} resume" it first` },
    );
  }
}

function processOf(
  runtime: Runtime,
  record: ContainerRecord,
  options: ExecOptions,
): { config: Config; process: Process } {
  const { native, store, log } = runtime;
  const file = store.file(record.id, 'config');
  const [text] = native.readFiles([file]);
  if (text === null || text === undefined) {
    throw new OcirtError('state-unreadable', `open ${file}: no such file or directory`);
  }
  const config = loadKeptConfig(text, file);
  if (options.processFile !== undefined) {
    const content = readAll(runtime, options.processFile);
    const { process, warnings } = loadProcess(content, options.processFile);
    for (const warning of warnings)
      log.warn(`${options.processFile} ${warning.pointer}: ${warning.message}`);
    return { config, process: completeProcess(process, config.process) };
  }
  if (config.process === undefined) {
    throw new OcirtError('process-missing', 'process property must not be empty');
  }
  return { config, process: mergeProcess(config.process, options) };
}

const PROCESS_FILE = { code: 'process-file-failed', what: 'process file' };

/** The text of a file that is read as a stream: it may be a pipe (/dev/fd/N). */
export function readAll(
  runtime: Runtime,
  path: string,
  { code, what }: { code: string; what: string } = PROCESS_FILE,
): string {
  const { native } = runtime;
  let fd: number;
  try {
    fd = native.open(path, ['read']);
  } catch (error) {
    throw wrap(error, code, what);
  }
  try {
    const chunks: Uint8Array[] = [];
    for (;;) {
      const chunk = native.read(fd, 65536);
      if (chunk.length === 0) break;
      chunks.push(chunk);
    }
    const bytes = new Uint8Array(chunks.reduce((sum, chunk) => sum + chunk.length, 0));
    let offset = 0;
    for (const chunk of chunks) {
      bytes.set(chunk, offset);
      offset += chunk.length;
    }
    return native.decodeText(bytes);
  } finally {
    native.close([fd]);
  }
}

/** The namespaces of a process that are not our own. */
export function foreignNamespaces(runtime: Runtime, pid: number): string[] {
  try {
    return runtime.native.foreignNamespaces(pid).map((file) => NAMESPACE_TYPES[file] ?? file);
  } catch (error) {
    throw wrap(
      error,
      'namespace-open-failed',
      'unable to start container process: joining a namespace',
    );
  }
}

/** v2: the directory of the cgroup that init is in now; it may have moved itself to one below. */
function findInitCgroup(
  runtime: Runtime,
  record: ContainerRecord,
  facts: HostFacts,
): string | undefined {
  const base = record.cgroup.paths[''];
  if (record.cgroup.mode !== 'v2' || base === undefined || record.init === undefined) {
    return undefined;
  }
  const [text] = runtime.native.readFiles([`/proc/${record.init.pid}/cgroup`]);
  const path = /^0::(.*)$/m.exec(text ?? '')?.[1];
  if (path === undefined) return undefined;
  const { v2 } = facts.cgroup;
  return v2 === null ? undefined : `${v2.mountpoint}${path === '/' ? '' : path}`;
}

function compile(
  runtime: Runtime,
  record: ContainerRecord,
  config: Config,
  process: Process,
  options: ExecOptions,
  facts: HostFacts,
): { plan: Plan; inherited: number } {
  const pid = record.init?.pid ?? 0;
  const inherited = countInherited(runtime, listenFds(runtime), options.preserveFds ?? 0);
  const window = callerWindow(runtime);
  const plan = compileExec({
    config,
    process,
    facts,
    id: record.id,
    pid,
    namespaces: foreignNamespaces(runtime, pid),
    preserveFds: inherited,
    console: process.terminal === true,
    noNewKeyring: record.noNewKeyring === true,
    ...(window === undefined ? {} : { windowSize: window }),
  });
  return { plan: fillSeccomp(runtime, plan, config, { keep: true }), inherited };
}

/** The errnos of a move between cgroups that are not both delegated to us. */
const DENIED: readonly (string | undefined)[] = ['EACCES', 'EPERM'];

function joinCgroup(
  runtime: Runtime,
  record: ContainerRecord,
  pid: number,
  subCgroups: Readonly<Record<string, string>>,
  initCgroup: string | undefined,
): void {
  const { paths, systemd } = record.cgroup;
  const user = systemd?.user === true;
  try {
    const warnings = joinForExec(runtime.native, paths, pid, subCgroups, {
      ...(initCgroup === undefined ? {} : { initCgroup }),
      bestEffort: record.rootless && !user,
    });
    for (const { message } of warnings) runtime.log.warn(message);
  } catch (error) {
    if (!user || !(error instanceof OcirtError && DENIED.includes(error.errno))) throw error;
    systemdOf(runtime).attach(systemd, subCgroups[''] ?? '', pid);
  }
}

function launchInto(
  runtime: Runtime,
  record: ContainerRecord,
  config: Config,
  process: Process,
  options: ExecOptions,
  given: { readonly subCgroups: Readonly<Record<string, string>>; readonly facts: HostFacts },
): Started {
  const { native, log } = runtime;
  const pidFile = options.pidFile === undefined ? undefined : pidFilePath(runtime, options.pidFile);
  let console: Console | undefined;
  let master = -1;
  try {
    runtime.trace?.phase('compile the plan');
    const { plan, inherited } = compile(runtime, record, config, process, options, given.facts);
    checkAgent(runtime, plan, config);
    // Said when the container was made.
    for (const warning of plan.warnings) log.debug(warning.message);
    console = openConsole(runtime, {
      terminal: process.terminal === true,
      detach: options.detach === true,
      socket: options.consoleSocket,
    });
    const { subCgroups } = given;
    const initCgroup = findInitCgroup(runtime, record, given.facts);
    const join = (pid: number): void => joinCgroup(runtime, record, pid, subCgroups, initCgroup);
    const launched = launch(runtime, {
      plan,
      given: console === undefined ? {} : { console: console.fd },
      preserveFds: inherited,
      cgroup: { ...membership(subCgroupPaths(record.cgroup.paths, subCgroups)), join },
      onSpawned(pid) {
        joinRdt(native, record.intelRdt, pid);
        writeOomScore(runtime, plan, pid);
        restoreNofile(runtime, plan, pid);
      },
      onPid: (pid) => joinRdt(native, record.intelRdt, pid),
      onSync() {},
      onListener(channel, pid) {
        passListener(runtime, channel, { config, record, status: statusOf(runtime, record), pid });
      },
      onReady(pid, pidfd) {
        if (console !== undefined) master = receiveMaster(runtime, console);
        if (options.pidfdSocket !== undefined) sendPidfd(runtime, options.pidfdSocket, pidfd);
        if (pidFile !== undefined) writePidFile(runtime, pidFile, pid);
        log.debug('setns_init: about to exec');
      },
      explainDeath: (signal) => explainDeath(runtime, record.cgroup, signal, 'the process'),
    });
    return { launched, master };
  } catch (error) {
    if (master >= 0) native.close([master]);
    throw error;
  } finally {
    if (console?.ours !== undefined) native.close([console.ours]);
  }
}
