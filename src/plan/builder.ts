/** What the modules of the compiler add to, and the errors that they raise. */
import { OcirtError } from '../errors.js';
import type { PlanWarning, Resource, Step } from './plan.js';

/** A plan in the making. Made anew for each compilation: nothing is shared between two. */
export class PlanBuilder {
  readonly steps: Step[] = [];
  readonly warnings: PlanWarning[] = [];
  readonly resources: Resource[] = [];

  /** Appends steps in order. */
  add(...steps: readonly Step[]): void {
    this.steps.push(...steps);
  }

  /** Registers a descriptor that the host opens, and returns its index. */
  resource(resource: Resource): number {
    this.resources.push(resource);
    return this.resources.length - 1;
  }

  warn(at: string, message: string): void {
    this.warnings.push({ at, message });
  }
}

/** A value that the specification, or the kernel, gives no meaning to. */
export function invalid(pointer: string, message: string): OcirtError {
  return new OcirtError('invalid-config', message, { pointer });
}

/** One JSON pointer from its parts (RFC 6901). */
export function pointer(...parts: readonly (string | number)[]): string {
  return parts
    .map((part) => `/${String(part).replaceAll('~', '~0').replaceAll('/', '~1')}`)
    .join('');
}
