/** config.linux.maskedPaths and readonlyPaths. */
import type { Linux } from '../spec/config.gen.js';
import { invalid } from './builder.js';
import { cleanAbsolute } from './paths.js';
import type { Step } from './plan.js';

/** Each path once, in the order of its first mention. */
function distinct(paths: readonly string[], at: string): string[] {
  const seen = new Set<string>();
  paths.forEach((path, index) => {
    if (!path.startsWith('/')) throw invalid(`${at}/${index}`, `"${path}" is not absolute`);
    seen.add(cleanAbsolute(path));
  });
  return [...seen];
}

/** @throws OcirtError where there is no mount namespace: the host would be changed. */
export function maskSteps(
  linux: Linux | undefined,
  mountNamespace: boolean,
  label: string,
): Step[] {
  const readonlyPaths = linux?.readonlyPaths ?? [];
  const maskedPaths = linux?.maskedPaths ?? [];
  if (!mountNamespace && readonlyPaths.length + maskedPaths.length > 0) {
    throw invalid(
      maskedPaths.length > 0 ? '/linux/maskedPaths' : '/linux/readonlyPaths',
      'unable to restrict sys entries without a private MNT namespace',
    );
  }
  const steps: Step[] = [];
  if (readonlyPaths.length > 0) {
    const at = '/linux/readonlyPaths';
    steps.push({ op: 'readonly_paths', at, paths: distinct(readonlyPaths, at) });
  }
  if (maskedPaths.length > 0) {
    const at = '/linux/maskedPaths';
    steps.push({ op: 'mask', at, paths: distinct(maskedPaths, at), label });
  }
  return steps;
}
