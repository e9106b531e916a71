/** Archives and image layouts made by hand, for tests: also those that no tool would make. */
import { createHash } from 'node:crypto';
import { mkdirSync, writeFileSync } from 'node:fs';
import { gzipSync } from 'node:zlib';
import { encodeRecord } from '../tar/pax.js';

/** An entry of a tar. */
export interface Item {
  readonly name: string;
  /** The flag of the old header: 0 file, 1 hard link, 2 symbolic link, 3 and 4 devices, 5 folder, 6 fifo. */
  readonly type?: string;
  readonly data?: string;
  readonly link?: string;
  readonly mode?: number;
  readonly uid?: number;
  readonly gid?: number;
  /** Seconds. */
  readonly mtime?: number;
  /** The first byte of the size: beyond 0x7f the rest is binary. */
  readonly sizeByte?: number;
  readonly major?: number;
  readonly minor?: number;
  readonly pax?: Readonly<Record<string, string | Uint8Array>>;
}

export const file = (name: string, data = '', more: Partial<Item> = {}): Item => ({
  name,
  data,
  ...more,
});
export const folder = (name: string, more: Partial<Item> = {}): Item => ({
  name,
  type: '5',
  mode: 0o755,
  ...more,
});
export const symlink = (name: string, link: string): Item => ({
  name,
  type: '2',
  link,
  mode: 0o777,
});
export const hardLink = (name: string, link: string): Item => ({ name, type: '1', link });

const BLOCK = 512;

/** The types of Node.js before 22 take no Buffer for bytes. */
const concat = (parts: readonly Buffer[]): Buffer =>
  Buffer.concat(parts as unknown as Uint8Array[]);

function padded(data: Buffer): Buffer {
  return concat([data, Buffer.alloc((BLOCK - (data.length % BLOCK)) % BLOCK)]);
}

function header(item: Item, size: number): Buffer {
  const block = Buffer.alloc(BLOCK);
  const octal = (value: number, at: number, digits: number) =>
    block.write(value.toString(8).padStart(digits, '0'), at);
  block.write(item.name, 0, 100);
  octal(item.mode ?? 0o644, 100, 7);
  octal(item.uid ?? 0, 108, 7);
  octal(item.gid ?? 0, 116, 7);
  octal(size, 124, 11);
  if (item.sizeByte !== undefined) block[124] = item.sizeByte;
  octal(item.mtime ?? 1_600_000_000, 136, 11);
  block.write('        ', 148);
  block.write(item.type ?? '0', 156);
  block.write(item.link ?? '', 157, 100);
  block.write('ustar\x0000', 257);
  octal(item.major ?? 0, 329, 7);
  octal(item.minor ?? 0, 337, 7);
  const sum = block.reduce((total, byte) => total + byte, 0);
  block.write(`${sum.toString(8).padStart(6, '0')}\0 `, 148);
  return block;
}

/** A tar of these entries. */
export function tar(items: readonly Item[]): Buffer {
  const parts = items.flatMap((item) => {
    const data = Buffer.from(item.data ?? '');
    const extended = concat(
      Object.entries(item.pax ?? {}).map(([key, value]) =>
        encodeRecord(key, new Uint8Array(Buffer.from(value as string))),
      ),
    );
    const before =
      extended.length === 0
        ? []
        : [header({ name: 'pax', type: 'x' }, extended.length), padded(extended)];
    return [...before, header(item, data.length), padded(data)];
  });
  return concat([...parts, Buffer.alloc(2 * BLOCK)]);
}

export const sha256 = (data: Buffer): string =>
  `sha256:${createHash('sha256').update(new Uint8Array(data)).digest('hex')}`;

export const OCI = 'application/vnd.oci.image';

/** What a descriptor has, to be spoiled. */
interface Described {
  mediaType: string;
  digest: string;
  size: number;
}

interface Parts {
  readonly config: { os: string; rootfs: { diff_ids: string[] } };
  readonly manifest: {
    schemaVersion: number;
    mediaType: string;
    layers: [Described, ...Described[]];
    config?: Described;
    manifests?: unknown[];
  };
}

export interface LayoutOptions {
  readonly tag?: string;
  /** Of the image's config: `config`. */
  readonly config?: object;
  readonly gzip?: boolean;
  /** Spoils a part of it. */
  readonly change?: (parts: Parts) => void;
}

/** The files of an image layout with these layers, by name. */
export function layoutFiles(
  layers: readonly (readonly Item[])[],
  options: LayoutOptions = {},
): Map<string, Buffer> {
  const files = new Map<string, Buffer>();
  const blob = (mediaType: string, data: Buffer) => {
    const digest = sha256(data);
    files.set(`blobs/${digest.replace(':', '/')}`, data);
    return { mediaType, digest, size: data.length };
  };
  const tars = layers.map(tar);
  const gzip = options.gzip ?? true;
  const config = {
    os: 'linux',
    architecture: 'amd64',
    config: options.config ?? {},
    rootfs: { type: 'layers', diff_ids: tars.map(sha256) },
  };
  const manifest: Parts['manifest'] = {
    schemaVersion: 2,
    mediaType: `${OCI}.manifest.v1+json`,
    layers: [] as never,
  };
  manifest.layers = tars.map((data) =>
    blob(`${OCI}.layer.v1.tar${gzip ? '+gzip' : ''}`, gzip ? gzipSync(new Uint8Array(data)) : data),
  ) as [Described, ...Described[]];
  options.change?.({ config, manifest });
  manifest.config ??= blob(`${OCI}.config.v1+json`, Buffer.from(JSON.stringify(config)));
  const named = {
    ...blob(`${OCI}.manifest.v1+json`, Buffer.from(JSON.stringify(manifest))),
    annotations: { 'org.opencontainers.image.ref.name': options.tag ?? 'latest' },
  };
  files.set('oci-layout', Buffer.from('{"imageLayoutVersion":"1.0.0"}'));
  files.set('index.json', Buffer.from(JSON.stringify({ schemaVersion: 2, manifests: [named] })));
  return files;
}

/** Writes them into a folder. */
export function writeFiles(dir: string, files: ReadonlyMap<string, Buffer>): void {
  for (const [name, data] of files) {
    mkdirSync(`${dir}/${name}`.replace(/\/[^/]*$/, ''), { recursive: true });
    writeFileSync(`${dir}/${name}`, new Uint8Array(data));
  }
}

/** The same as a tar. */
export const tarOfFiles = (files: ReadonlyMap<string, Buffer>): Buffer =>
  concat([
    ...[...files].flatMap(([name, data]) => [header({ name }, data.length), padded(data)]),
    Buffer.alloc(2 * BLOCK),
  ]);

/** Compressed, as bytes that can be written. */
export const zip = (data: Buffer): Uint8Array => new Uint8Array(gzipSync(new Uint8Array(data)));
