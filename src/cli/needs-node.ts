import { OcirtError } from '../errors.js';

/** What the standalone executable says of a verb that it has not. @throws OcirtError `needs-node` */
export function needsNode(verb: string): never {
  throw new OcirtError(
    'needs-node',
    `${verb} needs Node.js, and this is the standalone executable`,
    { hint: 'call bin/ocirt, which finds Node.js, or bin/ocirt-node' },
  );
}
