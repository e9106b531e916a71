/**
 * Plans for the helper (native/init) around CRIU: CRIU itself is started by it, and so are the
 * places for the mounts made. Pure.
 */
import { CLONE, MS } from '../native/constants.js';
import type { Plan, Step } from '../plan/plan.js';

/** Where the root is bound for CRIU, in the state directory of the container. */
export const CRIU_ROOT = 'criu-root';

export interface CriuProgram {
  /** Absolute path of criu. */
  readonly path: string;
  readonly env: readonly string[];
  /** The descriptor of its end of the connection. */
  readonly socket: number;
  /** Others that it is given, under their numbers. */
  readonly keep: readonly number[];
  /** How many descriptors from 3 on it keeps besides. */
  readonly preserveFds: number;
}

const plan = (cloneFlags: number, steps: readonly Step[]): Plan => ({
  resources: [],
  spawn: { cloneFlags },
  commit: { rlimits: [] },
  steps,
  warnings: [],
});

function programSteps(program: CriuProgram): Step[] {
  return [
    { op: 'environment', at: '', env: program.env, homeOf: 0 },
    // From here on it no longer ends with us: a dump that is killed half-way leaves the container
    // stopped.
    { op: 'ready', at: '' },
    {
      op: 'exec',
      at: '',
      args: [program.path, 'swrk', String(program.socket)],
      preserveFds: program.preserveFds,
      keep: [program.socket, ...program.keep],
    },
  ];
}

/** CRIU as it is, for questions and for dumps. */
export function servicePlan(program: CriuProgram): Plan {
  return plan(0, programSteps(program));
}

/**
 * CRIU for a restore. It wants the root as a mount point whose parent nothing covers: bound to a
 * folder of the state directory, in a mount namespace that ends with CRIU, so that nothing is left
 * on the host whatever happens. Mounts of the host are as they are in it, shared ones too: binds from
 * them get the propagation that they had.
 */
export function restorePlan(program: CriuProgram, stateDirectory: string, rootfs: string): Plan {
  return plan(CLONE.NEWNS, [
    {
      op: 'root',
      at: '/root/path',
      path: stateDirectory,
      bind: true,
      parentPropagation: MS.SLAVE,
    },
    {
      op: 'bind',
      at: '/root/path',
      target: `/${CRIU_ROOT}`,
      source: rootfs,
      recursive: true,
      propagation: [],
      optional: false,
    },
    ...programSteps(program),
  ]);
}

/** Makes the places for the mounts in the root, in a mount namespace that ends with it. */
export function placesPlan(rootfs: string, places: readonly Step[]): Plan {
  return plan(CLONE.NEWNS, [
    { op: 'propagation', at: '', path: '/', flags: MS.SLAVE | MS.REC },
    { op: 'root', at: '/root/path', path: rootfs, bind: true },
    ...places,
    { op: 'ready', at: '' },
    { op: 'end', at: '' },
  ]);
}
