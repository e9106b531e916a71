/** (Config, process, facts) -> Plan, for one more process of a running container. Pure. */
import { execAffinity } from './attributes.js';
import { PlanBuilder } from './builder.js';
import { addConsole } from './console.js';
import type { ExecInput } from './input.js';
import { keyringSteps } from './lsm.js';
import { joinPlan } from './namespaces.js';
import type { Plan } from './plan.js';
import { addProcess, commitPlan, requireProcess } from './process.js';

/**
 * Compiles the execution of a process in a container. Its seccomp filter and personality are the
 * container's; all else is in `input.process`.
 */
export function compileExec(input: ExecInput): Plan {
  const { facts } = input;
  const process = requireProcess(input.process);
  const { linux } = input.config;
  const builder = new PlanBuilder();
  const affinity = execAffinity(process, facts.cpus);
  builder.add({ op: 'open_proc', at: '' });
  const spawn = joinPlan(builder, input.namespaces, input.pid, linux);
  if (!input.noNewKeyring) builder.add(...keyringSteps(process, facts, input.id));
  builder.add({ op: 'session', at: '' });
  addConsole(builder, process, input.console, false, input.windowSize);
  addProcess(builder, process, {
    linux,
    facts,
    userNamespace: input.namespaces.includes('user'),
    setgroupsDenied: facts.setgroupsDenied === true,
    extraEnv: [],
    affinity: affinity.later,
    preserveFds: input.preserveFds,
    wait: [],
    last: [],
  });
  return {
    resources: builder.resources,
    spawn: affinity.born === undefined ? spawn : { ...spawn, affinity: affinity.born },
    commit: commitPlan(process),
    steps: builder.steps,
    warnings: builder.warnings,
  };
}
