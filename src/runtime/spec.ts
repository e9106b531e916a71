/** Writes a config.json to start from. */
import { OcirtError } from '../errors.js';
import { absolutePath } from './bundle.js';
import type { Runtime } from './context.js';
import { defaultConfig, rootlessConfig } from './default-config.js';
import { wrap } from './errors.js';

export interface SpecOptions {
  /** Where; the working directory if absent. */
  readonly bundle?: string | undefined;
  readonly rootless?: boolean | undefined;
}

/** Writes it; one that is there is never overwritten. */
export function writeSpec(runtime: Runtime, options: SpecOptions): void {
  const { native } = runtime;
  const bundle = absolutePath(native, options.bundle ?? '.');
  const path = `${bundle}/config.json`;
  if (native.status(path, false) !== null) {
    throw new OcirtError('config-exists', 'File config.json exists. Remove it first', { path });
  }
  const unified = native.status('/sys/fs/cgroup/cgroup.controllers', true) !== null;
  const base = defaultConfig(unified);
  const { euid, egid } = native.identity();
  const config = options.rootless === true ? rootlessConfig(base, euid, egid) : base;
  try {
    native.replaceFile(path, `${JSON.stringify(config, null, '\t')}\n`, 0o666);
  } catch (error) {
    throw wrap(error, 'config-write-failed', 'config.json');
  }
}
