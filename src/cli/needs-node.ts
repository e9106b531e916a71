import { OcirtError } from '../errors.js';
import type { Binding } from '../native/binding.js';

/** The Debian package's Node.js host, from the folder of its executable (scripts/package-deb). */
const HOST = '../lib/ocirt/bin/ocirt-node';

/**
 * What the standalone executable does with a verb that it has not: it becomes the Node.js host where that is
 * installed with it, and starts over with the same words. Nothing has been done yet.
 *
 * @throws OcirtError `needs-node` where it is alone
 */
export function needsNode(native: Binding, verb: string): never {
  const host = `${native.installDirectory()}/${HOST}`;
  const [words] = native.readFiles(['/proc/self/cmdline']);
  if (words && native.status(host, true) !== null) {
    // Each word ends with a NUL. The first is our own name.
    native.become(host, [host, ...words.split('\0').slice(1, -1)]);
  }
  throw new OcirtError(
    'needs-node',
    `${verb} needs Node.js, and this is the standalone executable`,
    { hint: 'call bin/ocirt, which finds Node.js, or bin/ocirt-node' },
  );
}
