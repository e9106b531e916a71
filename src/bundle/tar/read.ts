/** A tar from a stream. */
import { OcirtError } from '../../errors.js';
import { badImage } from '../errors.js';
import { type OnEntry, TarParser } from './parser.js';

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
