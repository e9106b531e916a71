/** Finds the native core beside the compiled TypeScript, and checks that it fits. */
import { createRequire } from 'node:module';
import { fileURLToPath } from 'node:url';
import { OcirtError } from '../errors.js';
import type { Binding } from './binding.js';
import { OPERATION_NAMES } from './names.js';

/**
 * The native core, from `dist/native/ocirt.node`. Node.js keeps one instance, so calling again is
 * cheap and gives the same object.
 *
 * @param path another addon, for tests.
 * @throws OcirtError `native-missing` (not built), `native-mismatch` (built from other sources).
 */
export function loadBinding(path?: string): Binding {
  // From dist/native/loader.js; the addon is its neighbour.
  const require = createRequire(import.meta.url);
  const file = path ?? fileURLToPath(new URL('ocirt.node', import.meta.url));
  let core: Partial<Binding>;
  try {
    core = require(file) as Partial<Binding>;
  } catch (cause) {
    throw new OcirtError('native-missing', `the native core can't be loaded: ${text(cause)}`, {
      cause,
      path: file,
      hint: 'npm run build',
    });
  }
  const missing = OPERATION_NAMES.filter((name) => typeof core[name] !== 'function');
  if (missing.length > 0) {
    throw new OcirtError(
      'native-mismatch',
      `the native core lacks ${missing.join(', ')}: it was built from other sources`,
      { path: file, hint: 'npm run build' },
    );
  }
  return core as Binding;
}

function text(cause: unknown): string {
  return cause instanceof Error ? cause.message : String(cause);
}
