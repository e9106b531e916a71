/** Where in a JSON text the value of a JSON pointer stands. The text is one that has been read. */
import { type Position, positionAt, splitPointer } from './json.js';

/** A tree of the pointers that are looked for. */
interface Wanted {
  readonly below: Map<string, Wanted>;
  /** Offsets of the value, and of the key that it belongs to. */
  value?: number;
  key?: number;
}

export type Part = 'value' | 'key';

/**
 * Line and column of the value, or of its key; where the value is missing, of the nearest value
 * around it that is there.
 */
export function locate(text: string, pointer: string, part: Part = 'value'): Position {
  return locateAll(text, [{ pointer, part }])[0] ?? { line: 1, column: 1 };
}

/** The same for many, in one pass over the text. */
export function locateAll(
  text: string,
  queries: readonly { readonly pointer: string; readonly part: Part }[],
): Position[] {
  const root: Wanted = { below: new Map() };
  for (const { pointer } of queries) {
    let node = root;
    for (const part of splitPointer(pointer)) {
      let next = node.below.get(part);
      if (next === undefined) {
        next = { below: new Map() };
        node.below.set(part, next);
      }
      node = next;
    }
  }
  scan(text, root);
  const lines = lineStarts(text);
  return queries.map(({ pointer, part }) => {
    let node: Wanted | undefined = root;
    let offset = root.value ?? 0;
    let exact = true;
    for (const step of splitPointer(pointer)) {
      node = node?.below.get(step);
      exact = node?.value !== undefined;
      if (!exact) break;
      offset = node?.value ?? offset;
    }
    if (exact && part === 'key') offset = node?.key ?? offset;
    return fromOffset(text, lines, offset);
  });
}

function lineStarts(text: string): number[] {
  const starts = [0];
  for (let at = text.indexOf('\n'); at !== -1; at = text.indexOf('\n', at + 1)) starts.push(at + 1);
  return starts;
}

function fromOffset(text: string, lines: readonly number[], offset: number): Position {
  let low = 0;
  let high = lines.length - 1;
  while (low < high) {
    const middle = (low + high + 1) >> 1;
    if ((lines[middle] ?? 0) <= offset) low = middle;
    else high = middle - 1;
  }
  if (low === 0) return positionAt(text, offset);
  return { line: low + 1, column: offset - (lines[low] ?? 0) + 1 };
}

const SPACE = /[\s\uFEFF]*/y;
const SCALAR = /[^,\]}\s]*/y;
/** Up to the next string or bracket. */
const FILLER = /[^"[\]{}]*/y;

function scan(text: string, root: Wanted): void {
  let at = 0;
  const skip = (pattern: RegExp): void => {
    pattern.lastIndex = at;
    at += pattern.exec(text)?.[0].length ?? 0;
  };

  /** A string, quotes included. */
  const skipString = (): void => {
    for (;;) {
      const end = text.indexOf('"', at + 1);
      if (end === -1) {
        at = text.length;
        return;
      }
      let slashes = 0;
      while (text[end - 1 - slashes] === '\\') slashes++;
      at = end;
      if (slashes % 2 === 0) break;
    }
    at++;
  };

  /** A value that no one asks for. */
  const pass = (): void => {
    const char = text[at];
    if (char === '"') {
      skipString();
      return;
    }
    if (char !== '{' && char !== '[') {
      skip(SCALAR);
      return;
    }
    let depth = 0;
    do {
      skip(FILLER);
      const next = text[at];
      if (next === undefined) return;
      if (next === '"') skipString();
      else {
        depth += next === '{' || next === '[' ? 1 : -1;
        at++;
      }
    } while (depth > 0);
  };

  const visit = (wanted: Wanted): void => {
    wanted.value = at;
    const open = text[at];
    if ((open !== '{' && open !== '[') || wanted.below.size === 0) {
      pass();
      return;
    }
    at++;
    for (let index = 0; ; index++) {
      skip(SPACE);
      const char = text[at];
      if (char === undefined) return;
      if (char === '}' || char === ']') {
        at++;
        return;
      }
      let name = String(index);
      const key = at;
      if (open === '{') {
        skipString();
        name = JSON.parse(text.slice(key, at));
        skip(SPACE);
        at++;
        skip(SPACE);
      }
      const next = wanted.below.get(name);
      if (next === undefined) pass();
      else {
        next.key = key;
        visit(next);
      }
      skip(SPACE);
      if (text[at] === ',') at++;
    }
  };

  skip(SPACE);
  visit(root);
}
