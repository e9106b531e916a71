/** How unpacking refuses: each kind of fault has a code (docs/errors.md). */
import { OcirtError } from '../errors.js';

/** An entry of an archive that is not to be trusted, or asks for what cannot be. @param name its name in the archive */
export function refuseEntry(name: string, why: string): OcirtError {
  return new OcirtError('archive-refused', `archive entry ${JSON.stringify(name)}: ${why}`, {
    path: name,
    hint: 'nothing was unpacked: take the archive for broken or hostile, unless you know better',
  });
}

/** A source that is no image, or a broken one. */
export function badImage(why: string, path?: string, cause?: unknown): OcirtError {
  return new OcirtError('image-invalid', why, { path, cause });
}

/** What an image asks for that is not there, in this version or on this host. */
export function unsupported(why: string, hint?: string): OcirtError {
  return new OcirtError('image-unsupported', why, { hint });
}

/** More than was allowed. */
export function tooLarge(why: string): OcirtError {
  return new OcirtError('archive-too-large', why, {
    hint: 'allow more with --max-size, if the source is to be trusted',
  });
}
