/**
 * (Config, facts of the host) -> Plan, for a new container. Pure: nothing is read or touched.
 *
 * The order of the steps is decided here and nowhere else; docs/architecture.md says why.
 */
import type { Config } from '../spec/config.gen.js';
import { affinityReset } from './attributes.js';
import { invalid, PlanBuilder } from './builder.js';
import { addConsole } from './console.js';
import { deviceSteps, needsDevices } from './devices.js';
import { hookSteps, needsSync } from './hooks.js';
import { userMapping } from './id-mapped.js';
import type { CreateInput } from './input.js';
import { keyringSteps, mountLabel } from './lsm.js';
import { maskSteps } from './masks.js';
import { addMounts } from './mounts.js';
import { type NamespaceSet, namespacePlan, namespaceSet } from './namespaces.js';
import { netDevices } from './net-devices.js';
import { cleanAbsolute } from './paths.js';
import type { Plan } from './plan.js';
import { addProcess, commitPlan, requireProcess } from './process.js';
import { rootOverlay, rootPlan } from './rootfs.js';
import { sysctlSteps } from './sysctl.js';

function addIdentity(builder: PlanBuilder, config: Config, namespaces: NamespaceSet): void {
  for (const [op, what] of [
    ['hostname', config.hostname],
    ['domainname', config.domainname],
  ] as const) {
    if (what === undefined || what === '') continue;
    if (!namespaces.has('uts')) {
      throw invalid(`/${op}`, `unable to set ${op} without a private UTS namespace`);
    }
    builder.add({ op, at: `/${op}`, name: what });
  }
}

/**
 * Compiles the creation of a container.
 *
 * @throws OcirtError `invalid-config` or `unsupported`, with the JSON pointer.
 */
export function compileCreate(input: CreateInput): Plan {
  const { config, facts } = input;
  const { linux } = config;
  const process = requireProcess(config.process);
  const builder = new PlanBuilder();
  const namespaces = namespaceSet(linux);
  const mountNamespace = namespaces.has('mount');
  const mounts = config.mounts ?? [];
  const label = mountLabel(builder, linux, facts);
  const userNamespace = namespaces.has('user');
  const inUserNamespace = userNamespace || !facts.initialUserNamespace;

  const mapping = userMapping(namespaces, linux);

  // The process and its namespaces.
  builder.add({ op: 'open_proc', at: '' });
  const spawn = namespacePlan(builder, namespaces, linux, facts);
  if (!input.noNewKeyring) builder.add(...keyringSteps(process, facts, input.id));
  builder.add({ op: 'session', at: '' });
  const network = namespaces.get('network');
  if (network !== undefined && network.path === undefined) {
    builder.add({ op: 'loopback', at: network.at });
  }
  const devices = netDevices(linux, namespaces);
  if (devices.length > 0) builder.add({ op: 'sync', at: '/linux/netDevices', name: 'network' });
  addIdentity(builder, config, namespaces);

  // The root file system; all of it before the root is entered, by descriptor.
  const root = rootPlan(linux, input.rootfs, mountNamespace, input.noPivot);
  const covered = mountNamespace ? rootOverlay(mounts) : undefined;
  const last = root.before.length - 1;
  builder.add(...root.before.slice(0, last));
  if (covered !== undefined) {
    // A path that begins at the root of a process is never one of what lies over that.
    if (input.rootfs === '/')
      throw invalid('/root/path', 'no overlay can be laid on the root of the host');
    builder.add({ ...covered, path: input.rootfs });
  }
  builder.add(...root.before.slice(last));
  if (!mountNamespace) {
    if (mounts.length > 0) {
      builder.warn(
        '/mounts',
        'without a mount namespace the mounts are made in that of the host, and stay there',
      );
    }
    if (config.root?.readonly === true) {
      builder.warn('/root/readonly', 'without a mount namespace the root is not made read-only');
    }
    if (linux?.rootfsPropagation !== undefined) {
      builder.warn('/linux/rootfsPropagation', 'not applied without a mount namespace');
    }
  }
  addMounts(builder, mounts, {
    bundle: input.bundle,
    label,
    userNamespace: inUserNamespace,
    openSources: userNamespace && facts.privileged,
    ...(mapping === undefined ? {} : { userMapping: mapping }),
    cgroupNamespace: namespaces.has('cgroup'),
    cgroupFacts: facts.cgroup,
    cgroupPlan: input.cgroup,
    first: covered === undefined ? 0 : 1,
  });
  if (needsDevices(mounts)) {
    builder.add(...deviceSteps(linux?.devices ?? [], inUserNamespace, facts.kcore !== false));
  } else if ((linux?.devices ?? []).length > 0) {
    builder.warn('/linux/devices', 'no device is made: /dev is a bind mount');
  }
  addConsole(builder, process, input.console, mountNamespace, input.windowSize);

  // Hooks that may still change it.
  if (needsSync(config.hooks)) {
    builder.add({ op: 'sync', at: '/hooks', name: 'createRuntime' });
  }
  builder.add(
    ...hookSteps('createContainer', config.hooks?.createContainer, input.hookState('creating')),
  );

  // From here on it is closed, bit by bit.
  const cwd = cleanAbsolute(process.cwd);
  if (cwd !== '/') builder.add({ op: 'directory', at: '/process/cwd', target: cwd, mode: 0o755 });
  if (builder.steps.some((step) => step.op === 'mount' && step.readonlyLate)) {
    builder.add({ op: 'readonly_late', at: '' });
  }
  builder.add(...maskSteps(linux, mountNamespace, label));
  if (config.root?.readonly === true && mountNamespace) {
    builder.add({ op: 'root_readonly', at: '/root/readonly' });
  }
  builder.add(root.enter);
  builder.add(...sysctlSteps(linux, namespaces));

  addProcess(builder, process, {
    linux,
    facts,
    userNamespace,
    setgroupsDenied: spawn.mapping?.denySetgroups === true || facts.setgroupsDenied === true,
    extraEnv: input.listenFds > 0 ? [`LISTEN_FDS=${input.listenFds}`, 'LISTEN_PID=1'] : [],
    affinity: affinityReset(facts.cpus),
    preserveFds: input.preserveFds,
    wait: [
      {
        op: 'wait_start',
        at: '',
        resource: builder.resource({ kind: 'given', name: 'start', at: '' }),
      },
    ],
    last: hookSteps('startContainer', config.hooks?.startContainer, input.hookState('created')),
  });
  return {
    resources: builder.resources,
    spawn,
    commit: {
      ...commitPlan(process),
      ...(devices.length === 0 ? {} : { netDevices: devices }),
    },
    steps: builder.steps,
    warnings: builder.warnings,
  };
}
