/** What a rule is given, and the little helpers that rules share. */
import type { Config, Namespace, NamespaceType } from '../config.gen.js';
import type { Findings } from '../faults.js';

export interface Context {
  readonly config: Config;
  readonly findings: Findings;
  /** First namespace of each type; null if the list is faulty, so that nothing follows from it. */
  readonly namespaces: ReadonlyMap<NamespaceType, Namespace> | null;
}

/** A rule looks at a config whose types are right, and reports; it never throws. */
export type Rule = (context: Context) => void;

/** Whether the container certainly has no namespace of its own, or joined, of that type. */
export function lacks(context: Context, type: NamespaceType): boolean {
  return context.namespaces !== null && !context.namespaces.has(type);
}

export const isAbsolute = (path: string): boolean => path.startsWith('/');

export const ABSOLUTE = 'an absolute path';

/** A list of numbers and ranges such as 0-3,7, as cpuset(7) has it: how many, or null if it is none. */
export function countOfList(list: string): number | null {
  const numbers = new Set<number>();
  for (const part of list.split(',')) {
    const match = /^\s*(\d{1,5})(?:-(\d{1,5})(?::(\d{1,5})\/(\d{1,5}))?)?\s*$/.exec(part);
    if (match === null) return null;
    const first = Number(match[1]);
    const last = Number(match[2] ?? match[1]);
    const used = Number(match[3] ?? 1);
    const group = Number(match[4] ?? 1);
    if (last < first || used < 1 || used > group) return null;
    for (let n = first; n <= last; n++) {
      if ((n - first) % group < used) numbers.add(n);
    }
  }
  return numbers.size;
}

export const LIST = 'a list of numbers and ranges such as 0-3,7';

/** Reports a list that is none. An empty one counts as absent. */
export function checkList(
  findings: Findings,
  pointer: string,
  list: string | undefined,
  message = 'not a list of numbers and ranges',
): void {
  if (list !== undefined && list.trim() !== '' && countOfList(list) === null) {
    findings.fault(pointer, message, list, LIST);
  }
}
