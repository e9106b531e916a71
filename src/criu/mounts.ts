/**
 * The mounts of a container that come from outside of it. CRIU saves no such mount: it is told their
 * places, and at restore what lies there. And what has to be in the root before CRIU mounts anything
 * on it. Pure.
 */
import type { CgroupFacts } from '../cgroup/types.js';
import { OcirtError } from '../errors.js';
import { PlanBuilder } from '../plan/builder.js';
import { deviceSteps, needsDevices } from '../plan/devices.js';
import { userMapping } from '../plan/id-mapped.js';
import { addMounts } from '../plan/mounts.js';
import { namespaceSet } from '../plan/namespaces.js';
import { cleanAbsolute } from '../plan/paths.js';
import type { Step } from '../plan/plan.js';
import type { Config } from '../spec/config.gen.js';

export interface MountInput {
  readonly config: Config;
  /** Absolute. */
  readonly bundle: string;
  readonly cgroupFacts: CgroupFacts;
  /** The container's cgroups, by controller. */
  readonly cgroupPaths: Readonly<Record<string, string>>;
  /** Not in the initial user namespace. */
  readonly inUserNamespace: boolean;
}

export interface ExternalMount {
  /** In the container, as config.json has it: links are not followed yet. */
  readonly target: string;
  /** On the host. */
  readonly source: string;
}

/** The steps with which `create` mounts and makes devices; here they are only looked at. */
function mountSteps(input: MountInput): readonly Step[] {
  const { config } = input;
  const builder = new PlanBuilder();
  const namespaces = namespaceSet(config.linux);
  const mapping = userMapping(namespaces, config.linux);
  const mounts = config.mounts ?? [];
  const userNamespace = namespaces.has('user') || input.inUserNamespace;
  addMounts(builder, mounts, {
    bundle: input.bundle,
    label: '',
    userNamespace,
    openSources: false,
    ...(mapping === undefined ? {} : { userMapping: mapping }),
    cgroupNamespace: namespaces.has('cgroup'),
    cgroupFacts: input.cgroupFacts,
    cgroupPlan: { paths: input.cgroupPaths, bestEffort: false },
  });
  if (needsDevices(mounts)) {
    builder.add(...deviceSteps(config.linux?.devices ?? [], userNamespace, false));
  }
  return builder.steps;
}

/**
 * What is bound from the host: mounts, the v1 cgroups where there is no cgroup namespace, devices
 * where there is a user namespace.
 *
 * @throws OcirtError `checkpoint-unsupported` for a mount that CRIU could not make again
 */
export function externalMounts(input: MountInput): ExternalMount[] {
  const external: ExternalMount[] = [];
  for (const step of mountSteps(input)) {
    if (step.op === 'device' && step.bind) {
      external.push({ target: step.target, source: step.target });
    }
    if (step.op !== 'bind') continue;
    if (step.idmap !== undefined || step.source === undefined) {
      throw new OcirtError(
        'checkpoint-unsupported',
        `CRIU cannot restore id-mapped mounts, and the one on "${step.target}" is one`,
        { pointer: step.at },
      );
    }
    external.push({ target: step.target, source: step.source });
  }
  return external;
}

/** The masked paths, each once; CRIU is told of those that are files. */
export function maskedPaths(config: Config): string[] {
  return [...new Set((config.linux?.maskedPaths ?? []).map(cleanAbsolute))];
}

/**
 * Steps that make the places for the mounts, as `create` would have: in a root that has never been
 * one of a container they are missing. Bind mounts are made in fact, since places for others may have
 * to be made in them.
 */
export function placeSteps(input: MountInput): Step[] {
  const steps: Step[] = [];
  const covered: string[] = [];
  const place = (target: string, at: string): void => {
    // What is below a file system of the container's own comes with that.
    if (covered.some((above) => target === above || target.startsWith(`${above}/`))) return;
    steps.push({ op: 'directory', at, target, mode: 0o755 });
  };
  for (const step of mountSteps(input)) {
    if (step.op === 'bind' && !covered.some((above) => step.target.startsWith(`${above}/`))) {
      steps.push(step);
    }
    if (step.op === 'mount') {
      place(step.target, step.at);
      covered.push(step.target);
    }
  }
  const cwd = cleanAbsolute(input.config.process?.cwd ?? '/');
  if (cwd !== '/') place(cwd, '/process/cwd');
  return steps;
}
