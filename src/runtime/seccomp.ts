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
  const wrong = unknownSyscalls.filter((name) => !NEWER_SYSTEM_CALLS.includes(name));
  if (unknownSyscalls.length > wrong.length) {
    runtime.log.debug(
      `seccomp: system calls that are not known here: ${unknownSyscalls.join(' ')}`,
    );
  }
  if (wrong.length > 0) {
    runtime.log.warn(
      `seccomp: ignoring unknown system calls: ${wrong.join(', ')} (config.json: /linux/seccomp/syscalls)`,
      {
        code: 'system-call-unknown',
        pointer: '/linux/seccomp/syscalls',
        hint: 'syscalls(2) has the names: a rule for one that does not exist does nothing',
      },
    );
    // Not kept: it is to be said each time.
    return program;
  }
  if (keep) kept.keep(program);
  return program;
}

/**
 * System calls since Linux 5.17, which a library or header that is older does not know, and which
 * the profiles of engines name: <asm/unistd.h>. An unknown name that is none of them is a mistake.
 */
const NEWER_SYSTEM_CALLS: readonly string[] = [
  'set_mempolicy_home_node',
  'cachestat',
  'fchmodat2',
  'map_shadow_stack',
  'futex_wake',
  'futex_wait',
  'futex_requeue',
  'statmount',
  'listmount',
  'lsm_get_self_attr',
  'lsm_set_self_attr',
  'lsm_list_modules',
  'mseal',
  'setxattrat',
  'getxattrat',
  'listxattrat',
  'removexattrat',
  'open_tree_attr',
  'file_getattr',
  'file_setattr',
  'listns',
  'rseq_slice_yield',
  'uretprobe',
  'uprobe',
  'riscv_hwprobe',
];
