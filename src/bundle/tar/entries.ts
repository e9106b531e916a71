/**
 * What is in the tar around an image (its index, configs and layers): plain files, of which only name and
 * place are asked for. tar-stream does that; the layers have a reader of their own (parser.ts).
 */
import { closeSync, openSync, readSync } from 'node:fs';
import { Readable } from 'node:stream';
import { extract, type Header } from 'tar-stream';
import { OcirtError } from '../../errors.js';
import type { Extent } from '../blob.js';
import { badImage } from '../errors.js';

/** tar-stream keeps an extended header whole, so there is a limit to what comes between entries, or behind the last. */
const MAX_BETWEEN = 64 * 2 ** 20;

export interface ArchiveEntry {
  readonly name: string;
  /** null: one that tar-stream does not know, such as a sparse file. */
  readonly type: Header['type'] | null;
  /** Of a link; else ''. */
  readonly linkname: string;
  /** Of its data, in bytes. */
  readonly size: number;
  /** Where its data begins in the archive. */
  readonly dataOffset: number;
}

/**
 * The entries in their order; their data is passed over.
 *
 * @throws OcirtError `image-invalid` where it is no tar or is cut off
 */
export async function* entriesOf({ path, start, size }: Extent): AsyncGenerator<ArchiveEntry> {
  if (size === 0) throw badImage(`${path} is empty`, path);
  const tar = extract();
  const place = { known: 0 };
  const input = Readable.from(pieces(path, start, size, place), { highWaterMark: 1 });
  input.on('error', (error) => tar.destroy(error));
  input.pipe(tar);
  try {
    for await (const entry of tar) {
      const header = entry.header as Header & { byteOffset: number };
      const { name, type = null, linkname, size: length, byteOffset } = header;
      // It would wait for the end of such an entry for ever.
      if (!Number.isSafeInteger(length) || length < 0) {
        throw badImage(
          `the archive can't be read: the size of ${JSON.stringify(name)} is none`,
          path,
        );
      }
      place.known = byteOffset + length;
      entry.resume();
      yield { name, type, linkname: linkname ?? '', size: length, dataOffset: byteOffset };
    }
  } catch (error) {
    if (error instanceof OcirtError) throw error;
    const why = error instanceof Error ? error.message : String(error);
    throw badImage(`the archive can't be read: ${why}`, path, error);
  } finally {
    input.destroy();
  }
}

const PIECE = 1 << 15;
/** Stands for data that nobody asks for: it need not be read. */
const NOTHING = Buffer.alloc(1 << 20);

/** @param place `known`: to where in the archive the last entry's data goes, as soon as that is known */
async function* pieces(
  path: string,
  start: number,
  size: number,
  place: { readonly known: number },
): AsyncGenerator<Buffer> {
  const fd = openSync(path, 'r');
  try {
    for (let at = 0; at < size; ) {
      const unwanted = Math.min(place.known, size) - at;
      if (unwanted > 0) {
        const piece = NOTHING.subarray(0, unwanted);
        at += piece.length;
        yield piece;
        continue;
      }
      if (-unwanted > MAX_BETWEEN) {
        throw badImage(`${path}: 64 MiB of the archive are no entry`, path);
      }
      const piece = new Uint8Array(Math.min(PIECE, size - at));
      const read = readSync(fd, piece, 0, piece.length, start + at);
      if (read === 0) return;
      at += read;
      yield Buffer.from(piece.buffer, 0, read);
    }
  } finally {
    closeSync(fd);
  }
}
