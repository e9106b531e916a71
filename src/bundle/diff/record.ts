/**
 * What was unpacked, told beside it in the format of mtree(5), with umoci's word for attributes: later it
 * can be said what has changed, and other tools can read it, too.
 */
import type { Recorder } from '../tree.js';
import type { Node } from './node.js';

/** Its name in a bundle. */
export const RECORD = 'rootfs.mtree';

const HEADER = '#mtree v2.0 of ocirt bundle unpack\n';
const NS = 1_000_000_000n;

const TYPES: Readonly<Record<Node['type'], string>> = {
  file: 'file',
  directory: 'dir',
  symlink: 'link',
  'character-device': 'char',
  'block-device': 'block',
  fifo: 'fifo',
};

/** Digests of files, while they are written. */
export class Digests implements Recorder {
  readonly #digests = new Map<string, string>();

  file(path: string, sha256: string): void {
    this.#digests.set(path, sha256);
  }

  link(path: string, target: string): void {
    const digest = this.#digests.get(target);
    if (digest === undefined) this.#digests.delete(path);
    else this.#digests.set(path, digest);
  }

  forget(path: string): void {
    this.#digests.delete(path);
  }

  of(path: string): string | undefined {
    return this.#digests.get(path);
  }
}

/** Blanks, what is not ASCII, and what the format takes for its own, as octal digits behind a backslash. */
function encodeText(text: string): string {
  if (/^[A-Za-z0-9_./+:@,~^!%&(){}|;$'"<>-]*$/.test(text)) return text;
  let out = '';
  for (const byte of Buffer.from(text)) {
    const char = String.fromCharCode(byte);
    const plain = byte > 0x20 && byte < 0x7f && !'\\#=*?[]'.includes(char);
    out += plain ? char : `\\${byte.toString(8).padStart(3, '0')}`;
  }
  return out;
}

function decodeText(text: string): string {
  if (!text.includes('\\')) return text;
  const bytes = text.replace(/\\([0-7]{3})/g, (_, digits) =>
    String.fromCharCode(Number.parseInt(digits, 8)),
  );
  return Buffer.from(bytes, 'latin1').toString();
}

/** The seconds may be negative; the nanoseconds count forward from them. */
function timeOf(ns: bigint): string {
  const rest = ((ns % NS) + NS) % NS;
  return `${(ns - rest) / NS}.${String(rest).padStart(9, '0')}`;
}

/** One name. @param path below the root; '' for the root */
export function encodeNode(path: string, node: Node): string {
  const words = [
    path === '' ? '.' : `./${encodeText(path)}`,
    `type=${TYPES[node.type]}`,
    `mode=${node.mode.toString(8).padStart(4, '0')}`,
    `uid=${node.uid}`,
    `gid=${node.gid}`,
    `time=${timeOf(node.mtimeNs)}`,
  ];
  if (node.type === 'file') words.push(`size=${node.size}`, `sha256digest=${node.sha256 ?? ''}`);
  if (node.target !== undefined) words.push(`link=${encodeText(node.target)}`);
  if (node.device !== undefined) words.push(`device=native,${node.device.join(',')}`);
  if (node.group !== undefined) words.push(`inode=${node.group.replace(/^.*:/, '')}`);
  for (const [name, value] of node.xattrs) {
    words.push(`xattr.${encodeText(name)}=${Buffer.from(value).toString('base64')}`);
  }
  return `${words.join(' ')}\n`;
}

export const encodeRecord = (lines: readonly string[]): string => HEADER + lines.join('');

/**
 * Reads a record.
 *
 * @throws Error where a line is none of a record
 */
export function decodeRecord(text: string): Map<string, Node> {
  const types = new Map(Object.entries(TYPES).map(([type, word]) => [word, type as Node['type']]));
  const nodes = new Map<string, Node>();
  for (const line of text.split('\n')) {
    if (line === '' || line.startsWith('#')) continue;
    const [name = '', ...words] = line.split(' ');
    const values = new Map<string, string>();
    const xattrs: (readonly [string, Uint8Array])[] = [];
    for (const word of words) {
      const at = word.indexOf('=');
      const key = word.slice(0, at);
      const value = word.slice(at + 1);
      if (!key.startsWith('xattr.')) values.set(key, value);
      else xattrs.push([decodeText(key.slice(6)), new Uint8Array(Buffer.from(value, 'base64'))]);
    }
    const type = types.get(values.get('type') ?? '');
    const [, seconds, part] = /^(-?\d+)\.(\d{9})$/.exec(values.get('time') ?? '') ?? [];
    const [major, minor] = (values.get('device') ?? '').split(',').slice(1).map(Number);
    const number = (key: string, base = 10) => Number.parseInt(values.get(key) ?? '', base);
    const node = { mode: number('mode', 8), uid: number('uid'), gid: number('gid') };
    const whole = type !== undefined && seconds !== undefined && part !== undefined;
    if (!whole || Object.values(node).some(Number.isNaN) || !/^\.(\/|$)/.test(name)) {
      throw new Error(`a line that can't be read: ${line.slice(0, 200)}`);
    }
    const target = values.get('link');
    nodes.set(name === '.' ? '' : decodeText(name.slice(2)), {
      ...node,
      type,
      mtimeNs: BigInt(seconds) * NS + BigInt(part),
      size: type === 'file' ? number('size') : 0,
      xattrs,
      ...(type === 'file' ? { sha256: values.get('sha256digest') } : {}),
      ...(target === undefined ? {} : { target: decodeText(target) }),
      ...(major === undefined || minor === undefined ? {} : { device: [major, minor] as const }),
      ...(values.has('inode') ? { group: values.get('inode') } : {}),
    });
  }
  return nodes;
}
