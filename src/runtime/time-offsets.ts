/** /proc/PID/timens_offsets, written from outside. */
import { OcirtError } from '../errors.js';
import type { Binding } from '../native/binding.js';
import type { StepOf } from '../plan/plan.js';
import { errnoText } from './errno.js';

/**
 * Sets the offsets of the time namespace that a helper has made for its children; time_namespaces(7).
 * For a helper that may not: in a new user namespace its /proc/self belongs to the host's root.
 *
 * @param pid the helper's, in our pid namespace
 * @throws OcirtError where the kernel refuses them
 */
export function writeTimeOffsets(
  native: Pick<Binding, 'writeFiles'>,
  step: StepOf<'time_namespace'>,
  pid: number,
): void {
  const path = `/proc/${pid}/timens_offsets`;
  const [failure] = native.writeFiles([{ path, data: step.offsets }]);
  if (failure === undefined) return;
  throw new OcirtError(
    'step-time-namespace',
    `unable to start container process: write ${path}: ${errnoText(failure.errno)}`,
    { pointer: step.at, syscall: failure.syscall, errno: failure.code, path },
  );
}
