/** Numbers of a plan as the words that manual pages have for them. */
import { MS } from '../native/constants.js';
import { CAPABILITIES } from './capabilities.js';
import { NAMESPACES } from './namespaces.js';

/** The longest text of config.json that an explanation repeats. */
const LONGEST = 80;

/** Words in one sentence: "a", "a and b", "a, b and c". */
export function listed(words: readonly string[]): string {
  if (words.length < 2) return words[0] ?? 'nothing';
  return `${words.slice(0, -1).join(', ')} and ${words.at(-1)}`;
}

/** One text, cut where it is too long to read. */
export function short(text: string): string {
  return text.length > LONGEST ? `${text.slice(0, LONGEST - 1)}…` : text;
}

/** The first few of many, and how many more there are. */
export function some(words: readonly string[], most = 4): string {
  if (words.length <= most) return listed(words);
  return `${words.slice(0, most).join(', ')} and ${words.length - most} more`;
}

/** Kinds of namespaces in a set of CLONE_NEW* flags, in the specification's words. */
export function namespaceNames(flags: number): string[] {
  return Object.entries(NAMESPACES)
    .filter(([, { flag }]) => (flags & flag) !== 0)
    .map(([name]) => name);
}

/** The options of mount(8) that are worth a word. */
export function mountFlagNames(flags: number): string[] {
  const names: readonly (readonly [number, string])[] = [
    [MS.RDONLY, 'read-only'],
    [MS.NOSUID, 'nosuid'],
    [MS.NODEV, 'nodev'],
    [MS.NOEXEC, 'noexec'],
  ];
  return names.filter(([flag]) => (flags & flag) !== 0).map(([, name]) => name);
}

/** What a mount passes on, of MS_SHARED and the like. */
export function propagationName(flags: number): string {
  const kinds: readonly (readonly [number, string])[] = [
    [MS.SHARED, 'shared'],
    [MS.SLAVE, 'slave'],
    [MS.PRIVATE, 'private'],
    [MS.UNBINDABLE, 'unbindable'],
  ];
  return kinds.find(([flag]) => (flags & flag) !== 0)?.[1] ?? 'as it was';
}

/** Names of the capabilities in a mask. */
export function capabilityNames(mask: number | bigint): string[] {
  const bits = BigInt(mask);
  return CAPABILITIES.filter((_, number) => (bits >> BigInt(number)) & 1n);
}
