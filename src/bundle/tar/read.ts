/** A tar from a stream, or from a place in a file. */
import { closeSync, openSync, readSync } from 'node:fs';
import { OcirtError } from '../../errors.js';
import type { Extent } from '../blob.js';
import { badImage } from '../errors.js';
import { type OnEntry, TarParser } from './parser.js';

const PIECE = 1 << 18;

/**
 * Reads a stream to its end, also beyond that of the tar: its digest is of all.
 *
 * @throws OcirtError `image-invalid` where it is no tar, is cut off, or can't be decompressed
 */
export async function readTar(stream: AsyncIterable<Buffer>, each: OnEntry): Promise<void> {
  const parser = new TarParser(each);
  try {
    for await (const chunk of stream) parser.push(chunk);
  } catch (error) {
    throw ofArchive(error);
  }
  parser.finish();
}

/** What a decompressor says of bytes that are not its own is a fault of the archive. */
function ofArchive(error: unknown): unknown {
  if (error instanceof OcirtError) return error;
  const { code, syscall } = error as NodeJS.ErrnoException;
  if (syscall !== undefined) return error;
  const why = error instanceof Error ? error.message : String(error);
  return badImage(
    `the archive can't be read: ${why}`,
    undefined,
    code === undefined ? error : code,
  );
}

/** Reads the headers only, and passes over the data. @throws OcirtError `image-invalid` */
export function scanTar({ path, start, size }: Extent, each: OnEntry): void {
  const parser = new TarParser(each);
  const buffer = Buffer.alloc(PIECE);
  const fd = openSync(path, 'r');
  try {
    for (let at = start; at < start + size && !parser.ended; ) {
      const unwanted = parser.unwanted;
      if (unwanted > 0 && at + unwanted <= start + size) {
        parser.passOver();
        at += unwanted;
        continue;
      }
      // A header, and what follows of small files with it.
      const length = Math.min(PIECE, start + size - at);
      const read = readSync(fd, buffer as unknown as Uint8Array, 0, length, at);
      if (read === 0) break;
      parser.push(buffer.subarray(0, read));
      at += read;
    }
  } finally {
    closeSync(fd);
  }
  parser.finish();
}
