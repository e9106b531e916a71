/** The MUSTs of the specification that no schema can say. Each is a function in rules/. */
import type { Config, Namespace, NamespaceType } from './config.gen.js';
import type { Findings } from './faults.js';
import type { Context, Rule } from './rules/context.js';
import {
  annotations,
  cgroupsPath,
  hooks,
  intelRdt,
  memoryPolicy,
  personality,
  version,
} from './rules/misc.js';
import { devices, mounts } from './rules/mounts.js';
import {
  namespaceList,
  networkDevices,
  restrictedPaths,
  timeNamespace,
  userNamespace,
  utsNames,
} from './rules/namespaces.js';
import { checkProcess } from './rules/process.js';
import { checkResources } from './rules/resources.js';
import { seccomp } from './rules/seccomp.js';
import { sysctls } from './rules/sysctl.js';

const process: Rule = ({ config, findings }) => {
  if (config.process !== undefined) checkProcess(config.process, '/process', findings);
};

const resources: Rule = ({ config, findings }) => {
  const given = config.linux?.resources;
  if (given !== undefined) checkResources(given, '/linux/resources', findings, false);
};

/** Every rule of config.json, in the order of its properties. */
export const RULES: readonly Rule[] = [
  version,
  process,
  utsNames,
  mounts,
  hooks,
  annotations,
  namespaceList,
  userNamespace,
  timeNamespace,
  devices,
  networkDevices,
  cgroupsPath,
  resources,
  seccomp,
  sysctls,
  restrictedPaths,
  intelRdt,
  memoryPolicy,
  personality,
];

/** @param namespacesKnown false where the list of namespaces is faulty. */
export function makeContext(config: Config, findings: Findings, namespacesKnown: boolean): Context {
  if (!namespacesKnown) return { config, findings, namespaces: null };
  const namespaces = new Map<NamespaceType, Namespace>();
  for (const namespace of config.linux?.namespaces ?? []) {
    if (!namespaces.has(namespace.type)) namespaces.set(namespace.type, namespace);
  }
  return { config, findings, namespaces };
}
