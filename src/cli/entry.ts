/** Where Node.js starts: bin/ocirt-node runs this file. */
import { loadBinding } from '../native/loader.js';
import { main } from './main.js';

const native = loadBinding();
native.exit(
  await main(
    process.argv.slice(2),
    native,
    () => import('../bundle/index.js'),
    () => import('../sandbox/index.js'),
  ),
);
