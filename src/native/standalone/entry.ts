/** Where the standalone executable starts (native/host/standalone.cc). */
import { main } from '../../cli/main.js';
import type { Binding } from '../binding.js';

declare const ocirtHost: { readonly binding: Binding; readonly args: readonly string[] };

// commander calls this function of V8's; QuickJS takes the stack when an error is made.
(Error as { captureStackTrace?: unknown }).captureStackTrace ??= () => {};

const { binding, args } = ocirtHost;
binding.exit(await main(args, binding));
