// Made by scripts/generate.mjs from schemas/. Do not edit.
import type { Annotations, Strings } from './config.gen.js';

export interface Features {
  /**
   * Oldest specification version that is accepted.
   */
  ociVersionMin: string;
  /**
   * Newest specification version that is accepted.
   */
  ociVersionMax: string;
  hooks?: Strings;
  mountOptions?: Strings;
  linux?: LinuxFeatures;
  annotations?: Annotations;
  /**
   * Annotations of config.json that change what the runtime does; a dot at the end makes a prefix.
   */
  potentiallyUnsafeConfigAnnotations?: Strings;
}
export interface LinuxFeatures {
  namespaces?: Strings;
  capabilities?: Strings;
  cgroup?: CgroupFeatures;
  seccomp?: SeccompFeatures;
  apparmor?: Enabled;
  selinux?: Enabled;
  memoryPolicy?: MemoryPolicyFeatures;
  intelRdt?: IntelRdtFeatures;
  mountExtensions?: MountExtensions;
  netDevices?: Enabled;
}
export interface CgroupFeatures {
  v1?: boolean;
  v2?: boolean;
  systemd?: boolean;
  systemdUser?: boolean;
  rdma?: boolean;
}
export interface SeccompFeatures {
  enabled?: boolean;
  actions?: Strings;
  operators?: Strings;
  archs?: Strings;
  knownFlags?: Strings;
  supportedFlags?: Strings;
}
export interface Enabled {
  enabled?: boolean;
}
export interface MemoryPolicyFeatures {
  modes?: Strings;
  flags?: Strings;
}
export interface IntelRdtFeatures {
  enabled?: boolean;
  schemata?: boolean;
  monitoring?: boolean;
}
export interface MountExtensions {
  idmap?: Enabled;
}
