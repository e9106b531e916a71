/** Blobs: bytes that are named by their digest, and checked while they are read. */
import { createHash, type Hash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { pipeline, Readable, Transform } from 'node:stream';
import * as zlib from 'node:zlib';
import { OcirtError } from '../errors.js';
import { badImage, unsupported } from './errors.js';
import type { Budget } from './limits.js';

/** A run of bytes in a file of the host. */
export interface Extent {
  readonly path: string;
  readonly start: number;
  readonly size: number;
}

/** What an image says of a blob (image-spec, descriptor.md). */
export interface Descriptor {
  readonly mediaType: string;
  readonly digest: string;
  readonly size: number;
  readonly annotations?: Readonly<Record<string, string>>;
  readonly platform?: { readonly os?: string; readonly architecture?: string };
}

export type Compression = 'none' | 'gzip' | 'zstd';

/** Manifests and configs are read whole; larger ones are refused. */
const MAX_DOCUMENT = 4 * 2 ** 20;

const DIGESTS = new Map([
  ['sha256', 64],
  ['sha512', 128],
]);

/** The algorithm and the digits of a digest. @throws OcirtError where it has not the form of one, or of one that is not known */
export function parseDigest(digest: unknown): { algorithm: string; hex: string } {
  const [algorithm = '', hex = '', more] = typeof digest === 'string' ? digest.split(':') : [];
  const length = DIGESTS.get(algorithm);
  if (
    length === undefined ||
    more !== undefined ||
    hex.length !== length ||
    !/^[0-9a-f]+$/.test(hex)
  ) {
    throw badImage(`${JSON.stringify(digest)} is not a digest of sha256 or sha512`);
  }
  return { algorithm, hex };
}

/** Hashes and counts what passes. */
class Tap extends Transform {
  count = 0;
  readonly #hash: Hash;

  constructor(algorithm: string) {
    super();
    this.#hash = createHash(algorithm);
  }

  override _transform(
    chunk: Uint8Array,
    _encoding: unknown,
    done: (error: null, data: Uint8Array) => void,
  ) {
    this.count += chunk.length;
    this.#hash.update(chunk);
    done(null, chunk);
  }

  digest(): string {
    return this.#hash.digest('hex');
  }
}

/** The decompressor; undefined for none. @throws OcirtError `image-unsupported` for zstd before Node.js 22.15 */
export function decompressor(compression: Compression): Transform | undefined {
  if (compression === 'none') return undefined;
  if (compression === 'gzip') return zlib.createGunzip();
  const { createZstdDecompress } = zlib as { createZstdDecompress?: () => Transform };
  if (createZstdDecompress === undefined) {
    throw unsupported(
      `a layer is compressed with zstd, which Node.js ${process.version} can't read`,
      'use Node.js 22.15 or newer, or copy the image with gzip layers',
    );
  }
  return createZstdDecompress();
}

/** By the first bytes. */
export function compressionOf(head: Uint8Array): Compression {
  if (head[0] === 0x1f && head[1] === 0x8b) return 'gzip';
  if (head[0] === 0x28 && head[1] === 0xb5 && head[2] === 0x2f && head[3] === 0xfd) return 'zstd';
  return 'none';
}

export const openExtent = ({ path, start, size }: Extent): Readable =>
  size === 0
    ? Readable.from([])
    : createReadStream(path, { start, end: start + size - 1, highWaterMark: 1 << 18 });

/** A layer's bytes as they are in the tar, and the check that is due when all are read. */
export interface OpenedLayer {
  readonly stream: Readable;
  /** @throws OcirtError `digest-mismatch` */
  verify(): void;
  close(): void;
}

/**
 * Opens a blob to be read once from its beginning to its end.
 *
 * @param expected digests of the blob and of what is in it; those that are absent are not checked
 */
export function openLayer(
  extent: Extent,
  compression: Compression,
  expected: { readonly blob?: string | undefined; readonly content?: string | undefined },
  budget: Budget,
): OpenedLayer {
  const blob = expected.blob === undefined ? undefined : parseDigest(expected.blob);
  const content = expected.content === undefined ? undefined : parseDigest(expected.content);
  const source = openExtent(extent);
  const packed = new Tap(blob?.algorithm ?? 'sha256');
  const unpack = decompressor(compression);
  const unpacked = new Tap(content?.algorithm ?? 'sha256');
  const meter = budget.meter(() => packed.count);
  const parts = [source, packed, ...(unpack === undefined ? [] : [unpack]), meter, unpacked];
  // The last one carries the error of any: whoever reads it learns of it.
  pipeline(parts as [Readable, Transform, Transform], () => {});
  return {
    stream: unpacked,
    verify() {
      if (blob !== undefined) compare(expected.blob ?? '', blob.hex, packed.digest());
      if (content !== undefined) compare(expected.content ?? '', content.hex, unpacked.digest());
    },
    close: () => source.destroy(),
  };
}

function compare(digest: string, wanted: string, found: string): void {
  if (wanted === found) return;
  throw new OcirtError('digest-mismatch', `the bytes of ${digest} are not those that it names`, {
    hint: 'the image is damaged or was tampered with: fetch it again',
  });
}

/** Reads a whole document. @param digest undefined: not checked */
export async function readDocument(extent: Extent, digest?: string): Promise<Buffer> {
  if (extent.size > MAX_DOCUMENT) {
    throw badImage(`a document of ${extent.size} bytes: more than ${MAX_DOCUMENT}`, extent.path);
  }
  const chunks: Uint8Array[] = [];
  for await (const chunk of openExtent(extent)) chunks.push(chunk as Uint8Array);
  const data = Buffer.concat(chunks);
  if (digest !== undefined) {
    const { algorithm, hex } = parseDigest(digest);
    compare(digest, hex, createHash(algorithm).update(new Uint8Array(data)).digest('hex'));
  }
  return data;
}

/** Reads a JSON object. */
export async function readJson<T>(extent: Extent, what: string, digest?: string): Promise<T> {
  const text = (await readDocument(extent, digest)).toString();
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (cause) {
    throw badImage(`${what} is not JSON`, extent.path, cause);
  }
  if (typeof value !== 'object' || value === null)
    throw badImage(`${what} is no object`, extent.path);
  return value as T;
}
