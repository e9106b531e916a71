/** The rule for container IDs: they become file names. */
import { OcirtError } from '../errors.js';

const SHAPE = /^[\w+\-.]+$/;

/** Throws where `id` can't be one. `.` and `..` have the shape, and are directories already. */
export function checkId(id: string): void {
  if (id === '') throw new OcirtError('invalid-id', 'container id cannot be empty');
  if (!SHAPE.test(id) || id === '.' || id === '..') {
    throw new OcirtError('invalid-id', 'invalid container ID format', {
      hint: 'an ID has letters, digits and _ + - . only, and is not "." or ".."',
    });
  }
  // NAME_MAX; longer ones can't be a directory's name.
  if (id.length > 255) {
    throw new OcirtError('invalid-id', 'invalid container ID format: longer than 255 characters');
  }
}
