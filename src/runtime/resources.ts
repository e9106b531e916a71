/** Descriptors that a plan names, opened before the helper starts. */
import { OcirtError } from '../errors.js';
import type { Plan, Resource, Step } from '../plan/plan.js';
import type { Runtime } from './context.js';
import { errnoOf, wrap } from './errors.js';
import { SOURCE_MISSING } from './step-fault.js';

/** Descriptors that the caller has already, by the names that plans have for them. */
export type Given = Readonly<Partial<Record<'start' | 'console', number>>>;

/** In the place of a descriptor that this kernel has no call for: the helper has another way. */
const NONE = -1;

/** Opens every resource. `numbers` is by index of the plan, `own` are those opened here. */
export function openResources(
  runtime: Runtime,
  plan: Plan,
  given: Given,
): { numbers: number[]; own: number[] } {
  const numbers: number[] = [];
  const own: number[] = [];
  try {
    for (const resource of plan.resources) {
      const fd = openResource(runtime, given, resource);
      numbers.push(fd);
      if (resource.kind !== 'given' && fd !== NONE) own.push(fd);
    }
  } catch (error) {
    runtime.native.close(own);
    throw error;
  }
  return { numbers, own };
}

function openResource(runtime: Runtime, given: Given, resource: Resource): number {
  switch (resource.kind) {
    case 'namespace':
      try {
        return runtime.native.open(resource.path, ['read']);
      } catch (error) {
        throw wrap(
          error,
          'namespace-open-failed',
          'unable to start container process: joining a namespace',
          {
            pointer: resource.at,
          },
        );
      }
    case 'tree':
      try {
        const [fd] = runtime.native.cloneTrees([
          { path: resource.path, recursive: resource.recursive },
        ]);
        if (fd !== undefined) return fd;
        throw new OcirtError('mount-source-failed', `no tree of ${resource.path}`);
      } catch (error) {
        // Before Linux 5.2: what can be reached from the user namespace is mounted from there.
        if (errnoOf(error) === 'ENOSYS') return NONE;
        const missing = ['ENOENT', 'ENOTDIR'].includes(errnoOf(error));
        const { code, hint } = missing ? SOURCE_MISSING : { code: 'mount-source-failed' };
        throw wrap(error, code, 'unable to start container process: mount source', {
          pointer: resource.at,
          hint,
        });
      }
    case 'given': {
      const fd = given[resource.name];
      if (fd !== undefined) return fd;
      throw new OcirtError(
        'resource-missing',
        `the plan asks for a ${resource.name} descriptor, and there is none`,
        {
          pointer: resource.at,
        },
      );
    }
  }
}

/** Puts descriptor numbers in the place of resource indexes; `bind` gets its path as well. */
export function bindSteps(
  steps: readonly Step[],
  numbers: readonly number[],
  resources: readonly Resource[],
): Step[] {
  const numberOf = (index: number): number => {
    const fd = numbers[index];
    if (fd === undefined)
      throw new OcirtError('internal', `a step names resource ${index} of ${numbers.length}`);
    return fd;
  };
  return steps.map((step) => {
    if (step.op === 'join') {
      return {
        ...step,
        namespaces: step.namespaces.map((entry) => ({
          ...entry,
          resource: numberOf(entry.resource),
        })),
      };
    }
    if (step.op === 'bind' && step.resource !== undefined) {
      const resource = resources[step.resource];
      const source = resource?.kind === 'tree' ? { source: resource.path } : {};
      return { ...step, ...source, resource: numberOf(step.resource) };
    }
    if ('resource' in step && step.resource !== undefined) {
      return { ...step, resource: numberOf(step.resource) };
    }
    return step;
  });
}
