/**
 * Where the standalone executable starts (native/host/standalone.cc): the host calls `prepare` when
 * the executable is built, and `run` when it runs.
 */
import { main } from '../../cli/main.js';
import { VERBS } from '../../cli/verbs.js';
import type { Binding } from '../binding.js';

interface Host {
  readonly binding: Binding;
  /** Evaluates what `run` may need, to be saved with the heap. No operation is called. */
  prepare: () => Promise<unknown>;
  run: (args: readonly string[]) => Promise<void>;
}
declare const ocirtHost: Host;

// commander calls this function of V8's; QuickJS takes the stack when an error is made.
(Error as { captureStackTrace?: unknown }).captureStackTrace ??= () => {};

ocirtHost.prepare = () =>
  Promise.all([...VERBS.map((verb) => verb.load()), import('../../runtime/systemd/driver.js')]);
ocirtHost.run = async (args) => {
  const { binding } = ocirtHost;
  binding.exit(await main(args, binding));
};
