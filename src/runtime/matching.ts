/** Containers by a regular expression over their IDs: `kill` and `delete` with --regex. */
import { OcirtError } from '../errors.js';
import { type Runtime, SystemdNeeded } from './context.js';
import { messageOf } from './errors.js';

/** Classes of POSIX regular expressions, as JavaScript writes them inside brackets. */
const CLASSES: Readonly<Record<string, string>> = {
  alnum: 'A-Za-z0-9',
  alpha: 'A-Za-z',
  digit: '0-9',
  lower: 'a-z',
  upper: 'A-Z',
  punct: '+\\-._',
  xdigit: '0-9A-Fa-f',
};

/**
 * A POSIX extended regular expression, as crun takes it: it may match anywhere in an ID.
 *
 * @throws OcirtError `usage` for what is none
 */
export function parsePattern(pattern: string): RegExp {
  const translated = pattern.replaceAll(
    /\[:(\w+):\]/g,
    (whole, name: string) => CLASSES[name] ?? whole,
  );
  try {
    return new RegExp(translated);
  } catch (cause) {
    throw new OcirtError('usage', `invalid regular expression "${pattern}"`, { cause });
  }
}

/**
 * Does something to every container that matches. None that does is no error; one that fails is
 * warned of, and the others still have their turn.
 *
 * @returns whether all succeeded
 * @throws SystemdNeeded where one is to be deleted that is a unit of systemd's: those before it are
 *   deleted by then
 */
export function forEachMatching(
  runtime: Runtime,
  pattern: string,
  action: (id: string) => void,
): boolean {
  const expression = parsePattern(pattern);
  let all = true;
  for (const id of runtime.store.ids() ?? []) {
    if (!expression.test(id)) continue;
    try {
      action(id);
    } catch (error) {
      // Nothing of this one was done: the verb begins again when the driver is loaded.
      if (error instanceof SystemdNeeded) throw error;
      all = false;
      runtime.log.warn(`container ${id}: ${messageOf(error)}`);
    }
  }
  return all;
}
