/**
 * `--explain`: tells what is done while it is done, from the plan that is carried out and the times that
 * the helper reports. A reason is given once for each kind of step.
 */
import type { CgroupPlan } from '../cgroup/types.js';
import { explainStep, type Told } from '../plan/explain.js';
import { explainBefore, explainCommit, type HostAct, type ToldAct } from '../plan/explain-host.js';
import type { Plan } from '../plan/plan.js';
import type { Trace } from '../runtime/context.js';

/** Which acts of the host belong to a phase of create (src/runtime/create.ts, launch.ts). */
const PHASES: Readonly<Record<string, readonly HostAct[]>> = {
  'make the cgroup': ['cgroup', 'controllers', 'limit', 'devices'],
  'open resources': ['namespace', 'tree', 'given'],
  'spawn the helper': ['spawn', 'affinity', 'maps', 'unit', 'oom_score'],
};

const INDENT = '     ';
const WIDTH = 96;

/** A text in lines of at most so many characters, each with the indent. */
export function wrapped(text: string, indent = INDENT, width = WIDTH): string {
  const lines: string[] = [];
  let line = '';
  for (const word of text.split(' ')) {
    if (line !== '' && indent.length + line.length + 1 + word.length > width) {
      lines.push(line);
      line = word;
    } else line = line === '' ? word : `${line} ${word}`;
  }
  return [...lines, line].map((one) => `${indent}${one}\n`).join('');
}

export class Teller {
  readonly #write: (text: string) => void;
  readonly #reasons = new Set<string>();
  #count = 0;

  constructor(write: (text: string) => void) {
    this.#write = write;
  }

  /** A heading. */
  title(text: string): void {
    this.#write(`\n== ${text}\n`);
  }

  /**
   * One thing that is done.
   *
   * @param at JSON pointer into config.json of what asked for it; '' for nothing in it
   * @param ns how long it took, where that is known
   */
  tell({ what, syscall, why }: Told, at = '', ns?: bigint): void {
    const time = ns === undefined ? '' : `, ${(Number(ns) / 1000).toFixed(0)} µs`;
    const asked = at === '' ? '' : `  (config.json ${at})`;
    const number = String(++this.#count).padStart(3);
    this.#write(`${number}  ${what}${asked}\n${INDENT}[${syscall}${time}]\n`);
    if (this.#reasons.has(why)) return;
    this.#reasons.add(why);
    this.#write(wrapped(why));
  }

  /** What hears the runtime carry out this plan. */
  trace(plan: Plan, cgroup: CgroupPlan): Trace {
    let acts: readonly ToldAct[] = explainBefore(plan, cgroup);
    const commit = explainCommit(plan);
    let next = 0;
    // What comes before a step that was told is done; of some nobody takes the time.
    const tellSteps = (end: number, ns?: bigint): void => {
      for (; next < end; next++) {
        const step = plan.steps[next];
        const time = next === end - 1 ? ns : undefined;
        if (step !== undefined) this.tell(explainStep(step), step.at, time);
      }
    };
    const tellActs = (some: readonly ToldAct[]): void => {
      for (const act of some) this.tell(act, act.at);
    };
    return {
      phase: (name) => {
        const kinds = PHASES[name] ?? [];
        tellActs(acts.filter(({ act }) => kinds.includes(act)));
        acts = acts.filter(({ act }) => !kinds.includes(act));
        if (name === 'spawn the helper') this.title('in the container, step by step');
      },
      steps: (_pid, _steps, timings) => {
        for (let index = 0; index + 2 < timings.length; index += 3) {
          const ns = BigInt(timings[index + 2] ?? 0) - BigInt(timings[index + 1] ?? 0);
          tellSteps(Number(timings[index]) + 1, ns);
        }
        // The first time is when the helper says that it is ready.
        tellActs(commit.splice(0));
      },
      executing() {},
      executed: () => tellSteps(plan.steps.length),
    };
  }
}
