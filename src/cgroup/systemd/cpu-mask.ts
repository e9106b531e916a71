/** Lists such as "0-3,7" as systemd has them: bytes, the lowest bit of the first is number 0. */
import { invalidResource } from '../resources.js';

/** Far beyond what any kernel has. */
const HIGHEST = 65535;

/**
 * @param at where the list stands, below /linux/resources
 * @throws OcirtError where the text is no list of numbers
 */
export function listToMask(list: string, at: string): Uint8Array {
  const bytes: number[] = [];
  for (const part of list.split(',').map((text) => text.trim())) {
    if (part === '') continue;
    const match = /^(\d{1,5})(?:-(\d{1,5}))?$/.exec(part);
    const first = Number(match?.[1]);
    const last = Number(match?.[2] ?? first);
    if (match === null || last < first || last > HIGHEST) {
      throw invalidResource(at, `invalid list of numbers "${list}"`);
    }
    for (let number = first; number <= last; number++) {
      const index = number >> 3;
      while (bytes.length <= index) bytes.push(0);
      bytes[index] = (bytes[index] ?? 0) | (1 << (number & 7));
    }
  }
  if (bytes.length === 0) throw invalidResource(at, `invalid list of numbers "${list}"`);
  return Uint8Array.from(bytes);
}
