/** What this runtime supports (features.md), from the tables that its compilers go by. */

import type { Binding } from '../native/binding.js';
import { MEMORY_FLAGS, MEMORY_MODES } from '../plan/attributes.js';
import { CAPABILITIES } from '../plan/capabilities.js';
import type { ContainerHook } from '../plan/hooks.js';
import { knownMountOptions } from '../plan/mount-options.js';
import { NAMESPACES } from '../plan/namespaces.js';
import { knownSeccomp, libseccompName } from '../plan/seccomp.js';
import type { Features } from '../spec/features.gen.js';
import { NAME, SPEC_VERSION, VERSION } from '../version.js';
import type { Runtime } from './context.js';
import { errnoOf } from './errors.js';
import type { HostHook } from './hooks.js';

/** In the order in which they run; complete by its type. */
const HOOKS: Readonly<Record<HostHook | ContainerHook, true>> = {
  prestart: true,
  createRuntime: true,
  createContainer: true,
  startContainer: true,
  poststart: true,
  poststop: true,
};

/**
 * Whether the libseccomp that we are built with knows an architecture. EDOM is a known one of the
 * other byte order.
 */
function knowsArchitecture(native: Binding, name: string): boolean {
  const allow = { kind: 'allow', value: 0 } as const;
  const architectures = [libseccompName(name)];
  try {
    native.buildSeccomp({ defaultAction: allow, architectures, rules: [], enosysForNewer: false });
    return true;
  } catch (error) {
    return errnoOf(error) !== 'EINVAL';
  }
}

/** The features document. */
export function features(runtime: Runtime): Features {
  const { native } = runtime;
  const seccomp = knownSeccomp();
  const kernel = native.seccompSupport();
  return {
    ociVersionMin: '1.0.0',
    ociVersionMax: SPEC_VERSION,
    hooks: Object.keys(HOOKS),
    mountOptions: knownMountOptions(),
    linux: {
      namespaces: Object.keys(NAMESPACES).sort(),
      capabilities: [...CAPABILITIES].sort(),
      cgroup: { v1: true, v2: true, systemd: true, systemdUser: true, rdma: true },
      seccomp: {
        enabled: true,
        actions: seccomp.actions,
        operators: seccomp.operators,
        archs: seccomp.archs.filter((name) => knowsArchitecture(native, name)),
        knownFlags: seccomp.flags,
        supportedFlags: seccomp.flags.filter((flag) => kernel.flags.includes(flag)),
      },
      apparmor: { enabled: true },
      selinux: { enabled: true },
      memoryPolicy: {
        modes: Object.keys(MEMORY_MODES).sort(),
        flags: Object.keys(MEMORY_FLAGS).sort(),
      },
      intelRdt: { enabled: true, schemata: true, monitoring: true },
      mountExtensions: { idmap: { enabled: true } },
      netDevices: { enabled: true },
    },
    annotations: {
      'org.opencontainers.runc.checkpoint.enabled': 'true',
      [`io.github.${NAME}.version`]: VERSION,
      [`io.github.${NAME}.libseccomp.version`]: native.seccompVersion(),
    },
    potentiallyUnsafeConfigAnnotations: [],
  };
}
