/** What of `ocirt bundle` the command line calls: in Node.js only. */
export { diff } from './diff/diff.js';
export { gc } from './gc.js';
export { unpack } from './unpack.js';
