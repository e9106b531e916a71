/** How long the parts of a plan took, from what --trace-timing has written. Pure. */
import { OcirtError } from '../../errors.js';
import type { Plan } from '../../plan/plan.js';
import type { TraceEvent } from '../trace.js';

/** Microseconds. */
export interface Timings {
  /** By the step's index. */
  readonly steps: ReadonlyMap<number, number>;
  /** Of the runtime: by the operation's name, and by "NAME ARGUMENT". */
  readonly operations: ReadonlyMap<string, number>;
  /** The verbs, each with its phases. */
  readonly verbs: readonly {
    readonly name: string;
    readonly us: number;
    readonly phases: readonly { readonly name: string; readonly us: number }[];
  }[];
}

function invalid(file: string, why: string): OcirtError {
  return new OcirtError('trace-invalid', `${file}: ${why}`, {
    path: file,
    hint: 'a file that --trace-timing has written for this config.json, by this version',
  });
}

function eventsOf(text: string, file: string): TraceEvent[] {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    throw invalid(file, 'it is not JSON');
  }
  const events = (value as { traceEvents?: unknown } | null)?.traceEvents;
  const isEvent = (event: unknown): event is TraceEvent =>
    typeof event === 'object' && event !== null && typeof (event as TraceEvent).name === 'string';
  if (!Array.isArray(events) || !events.every(isEvent)) {
    throw invalid(file, 'it is not a trace');
  }
  return events;
}

/**
 * What traces say of a plan: of `run`, or of `create` and `start`.
 *
 * @throws OcirtError `trace-invalid`, also where a step in it is another one than in the plan
 */
export function readTimings(
  plan: Plan,
  traces: readonly { readonly file: string; readonly text: string }[],
): Timings {
  const steps = new Map<number, number>();
  const operations = new Map<string, number>();
  const verbs: Timings['verbs'][number][] = [];
  const count = (key: string, us: number): void => {
    operations.set(key, (operations.get(key) ?? 0) + us);
  };
  for (const { file, text } of traces) {
    const phases: { name: string; us: number }[] = [];
    for (const { name, cat, dur, args } of eventsOf(text, file)) {
      const us = typeof dur === 'number' && Number.isFinite(dur) ? dur : 0;
      if (cat === 'step') {
        const last = name === 'until execve' ? plan.steps.findIndex(({ op }) => op === 'exec') : -1;
        const index = last < 0 ? Number(args?.step) : last;
        const op = plan.steps[index]?.op;
        if (last < 0 && op !== name) {
          const here = op === undefined ? 'missing' : op;
          throw invalid(
            file,
            `it is of another plan: step ${index} is ${name} there and ${here} here`,
          );
        }
        steps.set(index, (steps.get(index) ?? 0) + us);
      } else if (cat === 'operation') {
        count(name, us);
        if (typeof args?.argument === 'string') count(`${name} ${args.argument}`, us);
      } else if (cat === 'phase') {
        phases.push({ name, us });
      } else if (cat === 'verb') {
        verbs.push({ name, us, phases });
      }
    }
  }
  return { steps, operations, verbs };
}
