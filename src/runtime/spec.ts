/** Writes a config.json to start from. */
import { OcirtError } from '../errors.js';
import type { Config } from '../spec/config.gen.js';
import { absolutePath, resolvePath } from './bundle.js';
import type { Runtime } from './context.js';
import { defaultConfig, rootlessConfig } from './default-config.js';
import { wrap } from './errors.js';

export interface SpecOptions {
  /** Where; the working directory if absent. */
  readonly bundle?: string | undefined;
  readonly rootless?: boolean | undefined;
  /** Its name, in the bundle if it is relative; config.json if absent. */
  readonly file?: string | undefined;
}

/** Writes it; one that is there is never overwritten. */
export function writeSpec(runtime: Runtime, options: SpecOptions): void {
  const { native } = runtime;
  const bundle = absolutePath(native, options.bundle ?? '.');
  const file = options.file ?? 'config.json';
  const path = resolvePath(bundle, file);
  if (native.status(path, false) !== null) {
    throw new OcirtError('config-exists', `File ${file} exists. Remove it first`, { path });
  }
  const config = specConfig(runtime, options.rootless === true);
  try {
    native.replaceFile(path, `${JSON.stringify(config, null, '\t')}\n`, 0o666);
  } catch (error) {
    throw wrap(error, 'config-write-failed', file);
  }
}

/** What it writes. @param rootless for a user without privileges: the one that asks */
export function specConfig({ native }: Runtime, rootless: boolean): Config {
  const unified = native.status('/sys/fs/cgroup/cgroup.controllers', true) !== null;
  const base = defaultConfig(unified);
  const { euid, egid } = native.identity();
  return rootless ? rootlessConfig(base, euid, egid) : base;
}
