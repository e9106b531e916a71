/** (mounts, facts) -> Plan, for mounts that are added to or removed from a running container. Pure. */
import { OcirtError } from '../errors.js';
import type { Config, Mount } from '../spec/config.gen.js';
import { invalid, PlanBuilder } from './builder.js';
import type { HostFacts } from './input.js';
import { mountLabel } from './lsm.js';
import { addMounts, isBind } from './mounts.js';
import { joinPlan } from './namespaces.js';
import { cleanAbsolute } from './paths.js';
import type { Plan } from './plan.js';

export interface MountsInput {
  readonly action: 'add' | 'remove';
  readonly mounts: readonly Mount[];
  readonly config: Config;
  readonly facts: HostFacts;
  /** What relative sources are relative to. */
  readonly bundle: string;
  /** The container's init, as the host sees it. */
  readonly pid: number;
  /** Namespace types that differ from the runtime's own: to be joined. */
  readonly namespaces: readonly string[];
}

/**
 * File systems whose source is only a name. With others it is a path, which the kernel would look up in
 * the container: who is in there could have a device node of that name for another of the host's disks.
 */
const WITHOUT_SOURCE: readonly string[] = [
  'bpf',
  'cgroup2',
  'configfs',
  'debugfs',
  'devpts',
  'hugetlbfs',
  'mqueue',
  'proc',
  'ramfs',
  'securityfs',
  'sysfs',
  'tmpfs',
  'tracefs',
];

function checkAddable(mount: Mount, index: number): void {
  const { type = '' } = mount;
  if (mount.options?.includes('remount') === true) {
    throw new OcirtError('mounts-unsupported', 'a mount of a running container cannot be changed', {
      pointer: `/mounts/${index}/options`,
      hint: 'what is at a path there is for the container to say: remove the mount, and add another',
    });
  }
  if (isBind(mount) || type === '' || WITHOUT_SOURCE.includes(type)) return;
  throw new OcirtError(
    'mounts-unsupported',
    `a mount of type ${type} cannot be added to a running container`,
    {
      pointer: `/mounts/${index}/type`,
      hint: 'mount it on the host, and add that folder as a bind mount',
    },
  );
}

/**
 * Compiles it. Pointers are those of the mounts as /mounts/N.
 *
 * @throws OcirtError `invalid-config` or `mounts-unsupported`, with the JSON pointer
 */
export function compileMounts(input: MountsInput): Plan {
  const { config, facts, mounts, namespaces } = input;
  if (!namespaces.includes('mount')) {
    throw new OcirtError(
      'mounts-unsupported',
      'the container has no mount namespace of its own: its mounts are those of the host',
    );
  }
  const builder = new PlanBuilder();
  builder.add({ op: 'open_proc', at: '', mounts: true });
  const spawn = joinPlan(builder, namespaces, input.pid, config.linux);
  if (input.action === 'add') add(builder, input);
  else {
    mounts.forEach((mount, index) => {
      const target = cleanAbsolute(mount.destination);
      if (target === '/') {
        throw invalid(`/mounts/${index}/destination`, 'the root file system cannot be removed');
      }
      builder.add({ op: 'unmount', at: `/mounts/${index}`, target });
    });
  }
  builder.add({ op: 'ready', at: '' }, { op: 'end', at: '' });
  return {
    resources: builder.resources,
    spawn,
    commit: { rlimits: [] },
    steps: builder.steps,
    warnings: builder.warnings,
  };

  function add(to: PlanBuilder, { bundle }: MountsInput): void {
    mounts.forEach(checkAddable);
    addMounts(to, mounts, {
      bundle,
      label: mountLabel(to, config.linux, facts),
      userNamespace: namespaces.includes('user') || !facts.initialUserNamespace,
      // What they name is the host's, which cannot be seen from inside.
      openSources: true,
      cgroupNamespace: false,
      cgroupFacts: facts.cgroup,
      cgroupPlan: { paths: {}, bestEffort: false },
    });
    // At once: should a later mount fail, this one stays, and must not be writable.
    for (const step of to.steps.splice(0)) {
      to.add(step);
      if (step.op === 'mount' && step.readonlyLate) to.add({ op: 'readonly_late', at: step.at });
    }
  }
}
