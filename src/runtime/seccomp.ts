/** Puts the compiled filter into a plan: libseccomp is the core's, and plans are pure. */
import type { SeccompRequest } from '../native/binding.js';
import type { Plan } from '../plan/plan.js';
import { compileSeccomp } from '../plan/seccomp.js';
import type { Config } from '../spec/config.gen.js';
import type { Runtime } from './context.js';
import { wrap } from './errors.js';
import { keptFilter } from './seccomp-cache.js';

/**
 * The plan with the bytes of the filter in its seccomp step, if it has one.
 *
 * @param options keep: write a filter that was compiled to the root, for the next time.
 */
export function fillSeccomp(
  runtime: Runtime,
  plan: Plan,
  config: Config,
  options: { readonly keep: boolean },
): Plan {
  const profile = config.linux?.seccomp;
  if (profile === undefined || !plan.steps.some((step) => step.op === 'seccomp')) return plan;
  const { request } = compileSeccomp(profile);
  try {
    const program = filterOf(runtime, request, options.keep);
    return {
      ...plan,
      steps: plan.steps.map((step) => {
        if (step.op !== 'seccomp') return step;
        runtime.log.debug(`seccomp filter flags: ${step.flags}`);
        return { ...step, program };
      }),
    };
  } catch (error) {
    throw wrap(error, 'seccomp-failed', 'unable to init seccomp', { pointer: '/linux/seccomp' });
  }
}

function filterOf(runtime: Runtime, request: SeccompRequest, keep: boolean): Uint8Array {
  const kept = keptFilter(runtime, request);
  if (kept.program !== undefined) return kept.program;
  const { program, unknownSyscalls } = runtime.native.buildSeccomp(request);
  if (unknownSyscalls.length > 0) {
    runtime.log.debug(
      `seccomp: system calls that are not known here: ${unknownSyscalls.join(' ')}`,
    );
  }
  if (keep) kept.keep(program);
  return program;
}
