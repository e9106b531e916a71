/**
 * The steps that run at `start`. `create` keeps them, since the helper reports a failed one by its
 * index only, and to another process than the one that compiled the plan.
 */
import type { Step } from '../plan/plan.js';
import type { Runtime } from './context.js';

interface Tail {
  /** Index in the plan of the first of them. */
  readonly first: number;
  readonly steps: readonly Step[];
}

/** What is kept of a plan: the steps from `wait_start` on, without the filter's bytes. */
export function tailOf(steps: readonly Step[]): Tail {
  const first = Math.max(
    0,
    steps.findIndex((step) => step.op === 'wait_start'),
  );
  return {
    first,
    steps: steps
      .slice(first)
      .map((step) => (step.op === 'seccomp' ? { ...step, program: new Uint8Array() } : step)),
  };
}

/** The file that keeps the tail with the container. */
export const tailText = (steps: readonly Step[]): string => JSON.stringify(tailOf(steps));

/** The steps at their indexes in the plan; those before the tail are missing. */
export function readTail(runtime: Runtime, id: string): Step[] {
  const [text] = runtime.native.readFiles([runtime.store.file(id, 'tail')]);
  const steps: Step[] = [];
  if (text === null || text === undefined) return steps;
  const tail = JSON.parse(text) as Tail;
  for (const [index, step] of tail.steps.entries()) steps[tail.first + index] = step;
  return steps;
}
