/** Lexical paths: nothing here looks at a file system. */

/** An absolute, clean form: `.`, `..` and doubled slashes are resolved, `..` never leaves `/`. */
export function cleanAbsolute(path: string): string {
  const parts: string[] = [];
  for (const part of path.split('/')) {
    if (part === '' || part === '.') continue;
    if (part === '..') parts.pop();
    else parts.push(part);
  }
  return `/${parts.join('/')}`;
}

/** `path` as it is if absolute, else below `base`; cleaned. */
export function resolveFrom(base: string, path: string): string {
  return cleanAbsolute(path.startsWith('/') ? path : `${base}/${path}`);
}

/** `base` and a relative rest, with one slash between them. */
export function join(base: string, rest: string): string {
  return cleanAbsolute(`${base}/${rest}`);
}

/** The last component. */
export function baseName(path: string): string {
  return path.slice(path.lastIndexOf('/') + 1);
}
