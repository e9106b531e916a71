/** Type signatures of D-Bus. D-Bus Specification, "Type System". Pure. */

/** How the values of a type are aligned, by its first character. */
const ALIGNMENTS: Readonly<Record<string, number>> = {
  y: 1,
  b: 4,
  n: 2,
  q: 2,
  i: 4,
  u: 4,
  x: 8,
  t: 8,
  d: 8,
  s: 4,
  o: 4,
  g: 1,
  a: 4,
  '(': 8,
  '{': 8,
  v: 1,
};

const CLOSING: Readonly<Record<string, string>> = { '(': ')', '{': '}' };

/** "Maximum depth of container type nesting is 32 array type codes and 32 open parentheses". */
const DEEPEST = 64;

/** The alignment of a type, in bytes. @throws RangeError for what is no type */
export function alignmentOf(type: string): number {
  const alignment = ALIGNMENTS[type[0] ?? ''];
  if (alignment === undefined) throw new RangeError(`"${type}" is no type of D-Bus`);
  return alignment;
}

/** The end of the one complete type that begins at `start`. */
function endOfType(signature: string, start: number, depth: number): number {
  const first = signature[start] ?? '';
  alignmentOf(first);
  if (depth > DEEPEST) throw new RangeError(`the signature "${signature}" nests too deep`);
  if (first === 'a') return endOfType(signature, start + 1, depth + 1);
  const closing = CLOSING[first];
  if (closing === undefined) return start + 1;
  let at = start + 1;
  while (signature[at] !== closing) at = endOfType(signature, at, depth + 1);
  return at + 1;
}

/**
 * The complete types of a signature, one after the other: "sa{sv}" is "s" and "a{sv}".
 *
 * @throws RangeError where the text is no signature
 */
export function splitSignature(signature: string): string[] {
  const types: string[] = [];
  for (let at = 0; at < signature.length; ) {
    const end = endOfType(signature, at, 0);
    types.push(signature.slice(at, end));
    at = end;
  }
  return types;
}

/** The types inside of a struct or a dict entry. */
export function membersOf(type: string): string[] {
  return splitSignature(type.slice(1, -1));
}
