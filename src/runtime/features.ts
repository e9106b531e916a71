/** What this runtime supports (features.md), from the tables that its compilers go by. */
import { MEMORY_FLAGS, MEMORY_MODES } from '../plan/attributes.js';
import { CAPABILITIES } from '../plan/capabilities.js';
import { knownMountOptions } from '../plan/mount-options.js';
import { NAMESPACES } from '../plan/namespaces.js';
import { knownSeccomp } from '../plan/seccomp.js';
import type { Features } from '../spec/features.gen.js';
import { NAME, SPEC_VERSION, VERSION } from '../version.js';
import type { Runtime } from './context.js';

const HOOKS = [
  'prestart',
  'createRuntime',
  'createContainer',
  'startContainer',
  'poststart',
  'poststop',
];

/** The features document. */
export function features(runtime: Runtime): Features {
  const { native } = runtime;
  const seccomp = knownSeccomp();
  const kernel = native.seccompSupport();
  return {
    ociVersionMin: '1.0.0',
    ociVersionMax: SPEC_VERSION,
    hooks: HOOKS,
    mountOptions: knownMountOptions(),
    linux: {
      namespaces: Object.keys(NAMESPACES).sort(),
      capabilities: [...CAPABILITIES].sort(),
      cgroup: { v1: true, v2: true, systemd: false, systemdUser: false, rdma: true },
      seccomp: {
        enabled: true,
        actions: seccomp.actions,
        operators: seccomp.operators,
        archs: seccomp.archs,
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
      'org.opencontainers.runc.checkpoint.enabled': 'false',
      [`io.github.${NAME}.version`]: VERSION,
      [`io.github.${NAME}.libseccomp.version`]: native.seccompVersion(),
    },
    potentiallyUnsafeConfigAnnotations: [],
  };
}
