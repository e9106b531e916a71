/** (resources, facts) -> everything about the cgroup of one container. Pure. */
import { OcirtError } from '../errors.js';
import type { Linux } from '../spec/config.gen.js';
import { deviceProgram } from './device-program.js';
import { devicePolicy, deviceWrites } from './devices.js';
import { membership } from './membership.js';
import { cgroupPaths } from './path.js';
import { ResourceWriter } from './resources.js';
import type { SystemdResult } from './systemd/plan.js';
import type { CgroupFacts, CgroupPlan, CgroupWrite } from './types.js';
import { writeV1 } from './v1.js';
import { writeV2 } from './v2.js';

export interface CgroupInput {
  readonly facts: CgroupFacts;
  readonly linux: Linux | undefined;
  readonly id: string;
  /** Without the right to make cgroups: what fails for want of it is a warning. */
  readonly rootless: boolean;
  /** No cgroup is wanted: the container stays in the caller's. */
  readonly disabled?: boolean;
  /** Not in the initial user namespace: device rules can't be set there. */
  readonly inUserNamespace: boolean;
  /** Who is to own the cgroup (owner.ts); absent: the runtime. */
  readonly owner?: number | undefined;
  /** The unit of systemd that the cgroup is; absent: a cgroup by its path. */
  readonly systemd?: SystemdResult | undefined;
}

/** On v2 the first four are always there: they are no controllers. */
const V2_CORE: readonly string[] = ['', 'cgroup', 'freezer', 'devices'];

function directoryOf(
  facts: CgroupFacts,
  paths: Readonly<Record<string, string>>,
): (controller: string) => string | undefined {
  if (facts.mode !== 'v2') return (controller) => paths[controller];
  const available = [...V2_CORE, ...(facts.v2?.available ?? [])];
  return (controller) => (available.includes(controller) ? paths[''] : undefined);
}

/** "+cpu +memory" for each ancestor, from the mount down to the container's parent. */
function enableWrites(facts: CgroupFacts, directories: readonly string[]): CgroupWrite[] {
  if (facts.mode !== 'v2' || facts.v2 === null || facts.v2.available.length === 0) return [];
  const data = facts.v2.available.map((name) => `+${name}`).join(' ');
  const ancestors = [facts.v2.mountpoint, ...directories.slice(0, -1)];
  return ancestors.map((path) => ({ path: `${path}/cgroup.subtree_control`, data, at: '' }));
}

/** cpuset.cpus and cpuset.mems of each directory: a cgroup without them takes no process. */
function inheritFiles(
  facts: CgroupFacts,
  paths: Readonly<Record<string, string>>,
  directories: readonly string[],
): string[] {
  const own = paths.cpuset;
  if (own === undefined) return [];
  const mount = facts.v1.find((hierarchy) => hierarchy.controllers.includes('cpuset'));
  return directories
    .filter((path) => own === path || own.startsWith(`${path}/`))
    .filter((path) => mount !== undefined && path.startsWith(`${mount.mountpoint}/`))
    .flatMap((path) => [`${path}/cpuset.cpus`, `${path}/cpuset.mems`]);
}

/** `slice:prefix:name`, what the systemd driver takes; a path of the file system has slashes. */
const SYSTEMD_FORM = /^[^/:]*:[^/:]*:[^/:]+$/;

function plainPath(cgroupsPath: string | undefined): string | undefined {
  if (cgroupsPath === undefined || !SYSTEMD_FORM.test(cgroupsPath)) return cgroupsPath;
  throw new OcirtError(
    'invalid-config',
    `the cgroupsPath "${cgroupsPath}" is for the systemd cgroup driver`,
    { pointer: '/linux/cgroupsPath', hint: 'use --systemd-cgroup, or a path such as /group/NAME' },
  );
}

/** The container stays where the caller is. */
function withoutCgroup(warnings: CgroupPlan['warnings']): CgroupPlan {
  return {
    mode: 'none',
    paths: {},
    directories: [],
    inheritCpuset: [],
    enableControllers: [],
    limits: [],
    ...membership({}),
    deviceProgram: null,
    owner: null,
    systemd: null,
    warnings,
    bestEffort: true,
  };
}

/**
 * Compiles the cgroup of a container: its directories, and what is written where.
 *
 * @throws OcirtError with the JSON pointer of what can't be had.
 */
export function compileCgroup(input: CgroupInput): CgroupPlan {
  const { facts, linux } = input;
  const resources = linux?.resources ?? {};
  const rules = resources.devices ?? [];
  if (input.disabled === true) {
    const limits = Object.keys(resources).filter((name) => name !== 'devices');
    return withoutCgroup(
      limits.map((name) => ({
        at: `/linux/resources/${name}`,
        message: 'no limits are set: the cgroup manager is disabled',
      })),
    );
  }
  if (facts.mode === 'none') {
    if (!input.rootless) {
      throw new OcirtError('no-cgroup', 'no cgroup file system is mounted on this host', {
        hint: 'mount cgroup2 on /sys/fs/cgroup',
      });
    }
    const writer = new ResourceWriter(() => undefined);
    writeV1(writer, resources);
    return withoutCgroup([
      { at: '/linux/cgroupsPath', message: 'no cgroup is mounted: there are no limits' },
    ]);
  }
  const v2 = facts.mode === 'v2';
  const { systemd } = input;
  const place = systemd?.path ?? plainPath(linux?.cgroupsPath);
  const { paths, directories } = cgroupPaths(facts, place, input.id);
  const writer = new ResourceWriter(directoryOf(facts, paths));
  let program: CgroupPlan['deviceProgram'] = null;
  const policy = devicePolicy(rules);
  const deviceLimits: CgroupWrite[] = [];
  if (input.inUserNamespace || input.rootless) {
    if (rules.some((rule) => !rule.allow)) {
      writer.warn('/devices', 'device rules cannot be set in a user namespace');
    }
  } else if (v2) program = { path: paths[''] ?? '', program: deviceProgram(policy) };
  else deviceLimits.push(...deviceWrites(policy, writer.directory('devices', '/devices')));
  if (v2) writeV2(writer, resources);
  else writeV1(writer, resources);
  return {
    mode: facts.mode,
    paths,
    // On v2 the unit has one cgroup, and systemd makes it.
    directories: v2 && systemd !== undefined ? [] : directories,
    inheritCpuset: v2 ? [] : inheritFiles(facts, paths, directories),
    enableControllers: enableWrites(facts, directories),
    limits: [...deviceLimits, ...writer.writes],
    // systemd makes no scope without a process: it is moved there when it waits for its plan.
    ...membership(v2 && systemd !== undefined ? {} : paths),
    deviceProgram: program,
    // v1 has no delegation that is safe; without rights the cgroup is the user's already.
    owner: v2 && !input.rootless ? (input.owner ?? null) : null,
    systemd: systemd?.plan ?? null,
    warnings: [...(systemd?.warnings ?? []), ...writer.warnings],
    bestEffort: input.rootless,
  };
}
