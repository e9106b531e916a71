/**
 * What this host can do and can't, why, and what mends it. All of it is tried for real, or read from
 * the kernel; no other program is asked.
 */
import { NAME } from '../../version.js';
import type { Runtime } from '../context.js';
import { gatherFacts } from '../facts.js';
import { cgroupChecks } from './cgroups.js';
import { type Diagnosis, type Patient, textOf } from './check.js';
import { kernelChecks } from './kernel.js';
import { mountChecks } from './mounts.js';
import { privilegeChecks } from './privileges.js';
import { outerChecks } from './programs.js';
import { rootlessChecks } from './rootless.js';

/** Where trials may make a folder: first what is not in memory, as images are not. */
const SCRATCH_PLACES = ['/var/tmp', '/tmp'];

function makeScratch(runtime: Runtime, pid: number): string | undefined {
  for (const place of SCRATCH_PLACES) {
    const path = `${place}/${NAME}-doctor-${pid}`;
    try {
      if (!runtime.native.makeDirectory(path, 0o755, false)) continue;
      for (const name of ['proc', 'tmp'])
        runtime.native.makeDirectory(`${path}/${name}`, 0o755, false);
      return path;
    } catch {
      // The next place may do.
    }
  }
  return undefined;
}

/** Looks at everything. Leaves nothing behind. */
export function diagnose(runtime: Runtime): Diagnosis {
  const { native } = runtime;
  const facts = gatherFacts(native);
  const identity = native.identity();
  const scratch = makeScratch(runtime, identity.pid);
  try {
    const patient: Patient = {
      runtime,
      native,
      identity,
      cgroup: facts.cgroup,
      root: facts.euid === 0 && facts.initialUserNamespace,
      initial: facts.initialUserNamespace,
      environment: native.environment([]),
      mountinfo: textOf(native, '/proc/self/mountinfo') ?? '',
      scratch,
    };
    const checks = [
      ...kernelChecks(patient),
      ...cgroupChecks(patient),
      ...mountChecks(patient),
      ...privilegeChecks(patient),
      ...rootlessChecks(patient),
      ...outerChecks(patient),
    ];
    return {
      usable: !checks.some(({ needed, grade }) => needed === true && grade === 'missing'),
      checks,
    };
  } finally {
    if (scratch !== undefined) native.removeTree(scratch);
  }
}
