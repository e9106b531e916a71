/** Blobs: bytes that are named by their digest, and checked while they are read. */
import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { Readable, Transform } from 'node:stream';
import { OcirtError } from '../errors.js';
import { type Compression, decompressed } from './decompress.js';
import { badImage } from './errors.js';
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

/** Manifests and configs are read whole; larger ones are refused. */
const MAX_DOCUMENT = 4 * 2 ** 20;

/** What is read at a time. */
const PIECE = 1 << 18;

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

export const openExtent = ({ path, start, size }: Extent): Readable =>
  size === 0
    ? Readable.from([])
    : createReadStream(path, { start, end: start + size - 1, highWaterMark: PIECE });

/** A layer's bytes as they are in the tar, and the check that is due when all are read. */
export interface OpenedLayer {
  readonly stream: AsyncIterable<Buffer>;
  /** @throws OcirtError `digest-mismatch` */
  verify(): void;
  close(): void;
}

/**
 * Opens a blob to be read once from its beginning to its end.
 *
 * @param expected digests of the blob and of what is in it; those that are absent are not checked
 * @param seen told of the bytes that were read of the blob
 */
export function openLayer(
  extent: Extent,
  compression: Compression,
  expected: { readonly blob?: string | undefined; readonly content?: string | undefined },
  budget: Budget,
  seen?: (bytes: number) => void,
): OpenedLayer {
  const blob = hashOf(expected.blob);
  const content = hashOf(expected.content);
  const source = openExtent(extent);
  let packed = 0;
  const tap = new Transform({
    readableHighWaterMark: PIECE,
    transform(chunk: Uint8Array, _encoding, done) {
      packed += chunk.length;
      blob?.hash.update(chunk);
      seen?.(chunk.length);
      done(null, chunk);
    },
  });
  source.on('error', (error) => tap.destroy(error));
  const unpacked = decompressed(compression, source.pipe(tap));
  const meter = budget.meter(() => packed);
  async function* checked(): AsyncGenerator<Buffer> {
    for await (const chunk of unpacked as AsyncIterable<Buffer>) {
      meter(chunk.length);
      content?.hash.update(chunk as unknown as Uint8Array);
      yield chunk;
    }
  }
  return {
    stream: checked(),
    verify() {
      for (const one of [blob, content]) {
        if (one !== undefined) compare(one.digest, one.hex, one.hash.digest('hex'));
      }
    },
    close() {
      source.destroy();
      unpacked.destroy();
    },
  };
}

function hashOf(digest: string | undefined) {
  if (digest === undefined) return undefined;
  const { algorithm, hex } = parseDigest(digest);
  return { digest, hex, hash: createHash(algorithm) };
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
