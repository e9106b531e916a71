/**
 * What is in the tar around an image (its index, configs and layers): plain files, of which only name and
 * place are asked for. tar-stream does that; the layers have a reader of their own (parser.ts).
 */
import { createReadStream } from 'node:fs';
import { extract, type Header } from 'tar-stream';
import { OcirtError } from '../../errors.js';
import type { Extent } from '../blob.js';
import { badImage } from '../errors.js';

/** tar-stream keeps an extended header whole: no more may come in one piece without an entry. */
const MAX_BETWEEN = 8 * 2 ** 20;

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
  const input = createReadStream(path, { start, end: start + size - 1, highWaterMark: 1 << 18 });
  let read = 0;
  let known = 0;
  input.on('data', (chunk) => {
    read += chunk.length;
    if (read > known + MAX_BETWEEN) {
      tar.destroy(badImage(`${path}: 8 MiB of the archive are no entry`, path));
    }
  });
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
      known = byteOffset + length;
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
