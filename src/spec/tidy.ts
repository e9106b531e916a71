/**
 * Config files are mostly written by Go programs, which write a missing list as `null` and a
 * missing string as "". Both mean "absent" to those who read them with Go's encoding/json, so
 * they do here; the rest of the runtime then has one kind of absence only.
 */

/**
 * Strings for which "" says nothing. Where one of these is required, its absence is the fault
 * that is reported.
 */
const OPTIONAL = new Set([
  'hostname',
  'domainname',
  'type',
  'source',
  'path',
  'name',
  'apparmorProfile',
  'selinuxLabel',
  'cgroupsPath',
  'rootfsPropagation',
  'mountLabel',
  'listenerPath',
  'listenerMetadata',
  'closID',
  'l3CacheSchema',
  'memBwSchema',
  'cpus',
  'mems',
  'nodes',
  'initial',
  'final',
]);

/** Properties whose own properties have names of the writer's: nothing in there is touched. */
const MAPS = new Set(['annotations', 'sysctl', 'unified']);

/** Drops, in place, what means "absent". @param text what the document was read from. */
export function tidy(document: unknown, text: string): void {
  // Most texts have neither.
  if (!text.includes('null') && !text.includes('""')) return;
  const pending: unknown[] = [document];
  while (pending.length > 0) {
    const value = pending.pop();
    if (value === null || typeof value !== 'object') continue;
    if (Array.isArray(value)) {
      for (const element of value) pending.push(element);
      continue;
    }
    const object = value as Record<string, unknown>;
    for (const [key, child] of Object.entries(object)) {
      if (child === null || (child === '' && OPTIONAL.has(key))) delete object[key];
      else if (!MAPS.has(key)) pending.push(child);
    }
  }
}

/** Every string with a NUL byte, keys included: none can reach the kernel whole. */
export function withNulBytes(
  document: unknown,
  text: string,
  report: (path: readonly string[], value: string) => void,
): void {
  if (!text.includes('\\u0000')) return;
  const pending: [value: unknown, path: readonly string[]][] = [[document, []]];
  for (let entry = pending.pop(); entry !== undefined; entry = pending.pop()) {
    const [value, path] = entry;
    if (typeof value === 'string') {
      if (value.includes('\0')) report(path, value);
    } else if (value !== null && typeof value === 'object') {
      for (const [key, child] of Object.entries(value)) {
        if (key.includes('\0')) report([...path, key], key);
        pending.push([child, [...path, key]]);
      }
    }
  }
}
