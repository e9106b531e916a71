/** Deciding what a create does: config.json loaded, validated and compiled. Nothing is touched. */
import { compileCgroup } from '../cgroup/compile.js';
import { cgroupOwner } from '../cgroup/owner.js';
import type { CgroupPlan } from '../cgroup/types.js';
import { OcirtError } from '../errors.js';
import { compileCreate } from '../plan/compile.js';
import type { HostFacts } from '../plan/input.js';
import type { Plan } from '../plan/plan.js';
import { checkId } from '../state/id.js';
import { absolutePath, type Bundle, loadBundle } from './bundle.js';
import { callerWindow, checkConsole } from './console.js';
import { type Runtime, systemdOf } from './context.js';
import { gatherFacts } from './facts.js';
import { splitHookState } from './hooks.js';
import { checkJoinedSysctls } from './host-namespaces.js';
import { countInherited, listenFds } from './inherited.js';
import { notifySocket, withNotify } from './notify.js';
import { fillSeccomp } from './seccomp.js';

export interface CreateOptions {
  readonly id: string;
  /** Absolute, or relative to the working directory, which is the default. */
  readonly bundle?: string | undefined;
  /** Another file in the place of the bundle's config.json, relative to the working directory. */
  readonly configFile?: string | undefined;
  readonly pidFile?: string | undefined;
  readonly consoleSocket?: string | undefined;
  readonly pidfdSocket?: string | undefined;
  readonly noPivot?: boolean | undefined;
  readonly noNewKeyring?: boolean | undefined;
  readonly preserveFds?: number | undefined;
  /** A process that keeps how the first one ends: monitor.ts; absent: as an annotation says. */
  readonly monitor?: boolean | undefined;
  /** systemd makes the cgroup. */
  readonly systemd?: boolean | undefined;
  /** The container stays in the caller's cgroups, without limits of its own. */
  readonly cgroupDisabled?: boolean | undefined;
  /** Descriptors for the process's 0, 1 and 2, without a terminal; absent: the caller's. */
  readonly stdio?: readonly [number, number, number] | undefined;
  /** The caller stays with the container: a terminal's master comes back to it. */
  readonly foreground?: boolean | undefined;
  /** Nothing is to be made: only the plan is asked for. */
  readonly dry?: boolean | undefined;
}

/** What a create would do, decided without touching anything. */
export interface Prepared {
  readonly bundle: Bundle;
  readonly facts: HostFacts;
  readonly cgroup: CgroupPlan;
  readonly plan: Plan;
  /** How many descriptors from 3 on the process keeps, and how many of them are of LISTEN_FDS. */
  readonly inherited: number;
  readonly listen: number;
  /** The container has a socket for sd_notify(3). */
  readonly notify: boolean;
}

/** Loads, validates and compiles. */
export function prepare(
  runtime: Runtime,
  options: CreateOptions,
  facts: HostFacts = gatherFacts(runtime.native),
): Prepared {
  const { native, log } = runtime;
  checkId(options.id);
  runtime.trace?.phase('load and validate');
  const path = absolutePath(native, options.bundle ?? '.');
  const loaded = loadBundle(native, log, path, options.configFile);
  const environment = native.environment(['NOTIFY_SOCKET', 'LISTEN_FDS', 'LISTEN_PID']);
  const notify = notifySocket(environment) !== undefined;
  const bundle = notify
    ? {
        ...loaded,
        config: withNotify(loaded.config, runtime.store.file(options.id, 'notify')),
      }
    : loaded;
  const { config } = bundle;
  if (config.process === undefined) {
    throw new OcirtError('process-missing', 'process property must not be empty', {
      pointer: '/process',
    });
  }
  checkJoinedSysctls(runtime, config);
  const terminal = config.process.terminal === true;
  const detach = options.foreground !== true;
  checkConsole({ terminal, detach, socket: options.consoleSocket });
  const listen = listenFds(runtime, environment);
  const inherited = countInherited(runtime, listen, options.preserveFds ?? 0);
  runtime.trace?.phase('compile the plan');
  const cgroup = containerCgroup(runtime, options, bundle, facts);
  const plan = compile(runtime, options, { bundle, facts, cgroup, inherited, listen, notify });
  return { bundle, facts, cgroup, plan, inherited, listen, notify };
}

/** Decides the cgroup of a container. */
export function containerCgroup(
  runtime: Runtime,
  options: Pick<CreateOptions, 'id' | 'systemd' | 'cgroupDisabled'>,
  { config }: Bundle,
  facts: HostFacts,
): CgroupPlan {
  const rootless = withoutCgroupRights(runtime, facts);
  const v2 = facts.cgroup.mode === 'v2';
  return compileCgroup({
    facts: facts.cgroup,
    linux: config.linux,
    id: options.id,
    rootless,
    disabled: options.cgroupDisabled === true,
    inUserNamespace: !facts.initialUserNamespace,
    owner: cgroupOwner(config),
    systemd:
      options.systemd === true
        ? systemdOf(runtime).compile({ config, id: options.id, v2, rootless, user: rootless })
        : undefined,
  });
}

/** Compiles the plan; again, where less can be had than was asked for. */
export function compile(
  runtime: Runtime,
  options: CreateOptions,
  prepared: Omit<Prepared, 'plan'>,
): Plan {
  const { bundle, facts, cgroup, inherited, listen } = prepared;
  const { config } = bundle;
  const window = callerWindow(runtime);
  const plan = compileCreate({
    config,
    facts,
    id: options.id,
    bundle: bundle.path,
    rootfs: bundle.rootfs,
    cgroup,
    noPivot: options.noPivot === true,
    noNewKeyring: options.noNewKeyring === true,
    preserveFds: inherited,
    listenFds: listen,
    console: config.process?.terminal === true,
    ...(window === undefined ? {} : { windowSize: window }),
    hookState: (status) =>
      splitHookState(
        {
          ociVersion: config.ociVersion,
          id: options.id,
          bundle: bundle.path,
          annotations: config.annotations ?? {},
        },
        status,
      ),
  });
  return fillSeccomp(runtime, plan, config, { keep: options.dry !== true });
}

/** Who is not really root has no right to cgroups, unless it was given some. */
function withoutCgroupRights(runtime: Runtime, facts: HostFacts): boolean {
  if (runtime.rootless !== 'auto') return runtime.rootless === 'true';
  return facts.euid !== 0 || !facts.initialUserNamespace;
}
