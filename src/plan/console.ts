/** config.process.terminal. */
import type { Process } from '../spec/config.gen.js';
import { invalid, type PlanBuilder } from './builder.js';

/**
 * Adds the console step of a process with a terminal.
 *
 * @param mount there is a mount namespace: /dev/console is bound.
 * @param windowSize the caller's, where config has no consoleSize.
 */
export function addConsole(
  builder: PlanBuilder,
  process: Process,
  given: boolean,
  mount: boolean,
  windowSize: { readonly rows: number; readonly columns: number } | undefined,
): void {
  if (process.terminal !== true) return;
  const at = '/process/terminal';
  if (!given) {
    throw invalid(at, 'cannot allocate tty if ocirt will detach without setting console socket');
  }
  const size = process.consoleSize;
  builder.add({
    op: 'console',
    at,
    resource: builder.resource({ kind: 'given', name: 'console', at }),
    rows: size?.height ?? windowSize?.rows ?? 0,
    columns: size?.width ?? windowSize?.columns ?? 0,
    mount,
    uid: process.user?.uid ?? 0,
  });
}
