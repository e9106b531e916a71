/** The environment of the process. */
import { invalid } from './builder.js';

/**
 * One entry a name, the last one wins at its own place; an empty HOME counts as unset, so that the
 * helper finds it in the container's /etc/passwd.
 *
 * @throws OcirtError where an entry is not NAME=VALUE.
 */
export function cleanEnvironment(env: readonly string[], at: string): string[] {
  const last = new Map<string, number>();
  env.forEach((entry, index) => {
    const equals = entry.indexOf('=');
    if (equals === -1) {
      throw invalid(`${at}/${index}`, "invalid environment variable: missing '='");
    }
    if (equals === 0) {
      throw invalid(`${at}/${index}`, 'invalid environment variable: name cannot be empty');
    }
    const name = entry.slice(0, equals);
    if (entry.includes('\0')) {
      throw invalid(
        `${at}/${index}`,
        `invalid environment variable "${name}": contains nul byte (\\x00)`,
      );
    }
    last.set(name, index);
  });
  return env.filter((entry, index) => {
    const name = entry.slice(0, entry.indexOf('='));
    return last.get(name) === index && entry !== 'HOME=';
  });
}
