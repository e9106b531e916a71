/** `ocirt bundle gc`: removes what killed commands have left, and on demand what is kept to save time. */
import path from 'node:path';
import { absolutePath } from '../runtime/bundle.js';
import type { Runtime } from '../runtime/context.js';
import { KEPT_FILTERS } from '../state/store.js';
import { collect } from './leftovers.js';

export interface GcOptions {
  /** Where bundles are made. */
  readonly folders: readonly string[];
  /** The compiled seccomp filters that the root keeps, too. */
  readonly filters: boolean;
  /** Only tells. */
  readonly dryRun: boolean;
}

/** @returns what was removed, or would be */
export function gc({ native, store }: Runtime, options: GcOptions): string[] {
  const found = options.folders.flatMap((folder) =>
    collect(native, path.resolve(absolutePath(native, folder)), options.dryRun),
  );
  const filters = `${store.root}/${KEPT_FILTERS}`;
  if (options.filters && native.status(filters, false) !== null) {
    if (!options.dryRun) native.removeTree(filters);
    found.push(filters);
  }
  return found;
}
