/** `ocirt bundle generate`: what `sandbox` would run, as a bundle to keep. */
import { mkdirSync, rmSync } from 'node:fs';
import { OcirtError } from '../errors.js';
import { absolutePath } from '../runtime/bundle.js';
import type { Runtime } from '../runtime/context.js';
import { check, makeBundle } from './prepare.js';
import type { ConfigRequest } from './request.js';

export interface GenerateRequest extends ConfigRequest {
  /** The folder to make; an empty one that is there is taken. */
  readonly bundle: string;
}

/**
 * Makes the bundle. A folder of the caller's is named in config.json; a tar, an image or busybox is
 * unpacked into it.
 *
 * @throws OcirtError `bundle-exists`, `network-invalid`, and all of `check`
 */
export async function generate(runtime: Runtime, request: GenerateRequest): Promise<void> {
  const { native } = runtime;
  const bundle = absolutePath(native, request.bundle);
  const entries = native.readDirectory(bundle);
  if (entries !== null ? entries.length > 0 : native.status(bundle, false) !== null) {
    throw new OcirtError('bundle-exists', `${bundle} exists, and is not an empty folder`, {
      path: bundle,
      hint: 'name a folder that does not exist',
    });
  }
  const name = bundle.slice(bundle.lastIndexOf('/') + 1);
  const checked = check(runtime, request, name);
  const { kind } = checked.network.network;
  if (kind !== 'none' && kind !== 'host') {
    throw new OcirtError('network-invalid', `config.json has no words for the network ${kind}`, {
      hint: '"ocirt sandbox" attaches it; a bundle has none or host',
    });
  }
  if (checked.driver === 'fuse') {
    throw new OcirtError('overlay-unsupported', 'config.json has no words for fuse-overlayfs', {
      hint: '"ocirt sandbox" mounts it',
    });
  }
  try {
    await makeBundle(runtime, request, checked, {
      bundle,
      files: bundle,
      overlay: `${bundle}/overlay`,
      terminal: native.isTerminal(0) && native.isTerminal(1),
      onFuse() {},
    });
  } catch (error) {
    rmSync(bundle, { recursive: true, force: true });
    if (entries !== null) mkdirSync(bundle);
    throw error;
  }
}
