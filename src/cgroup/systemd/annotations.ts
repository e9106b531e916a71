/**
 * Annotations that set properties of the unit: `org.systemd.property.NAME`, the value in the text
 * format of GVariant. They are runc's, and engines offer them to users. Pure.
 */
import type { Variant } from '../../dbus/values.js';
import { OcirtError } from '../../errors.js';
import { parseGVariant } from './gvariant.js';
import type { Property } from './types.js';

const PREFIX = 'org.systemd.property.';
const SECOND_US = 1_000_000;

function pointer(name: string): string {
  return `/annotations/${name.replaceAll('~', '~0').replaceAll('/', '~1')}`;
}

/** A number of seconds as microseconds, which is how the bus has every time. */
function inMicroseconds(value: Variant): Variant {
  const { value: seconds } = value;
  if (typeof seconds === 'bigint') return { signature: 't', value: seconds * BigInt(SECOND_US) };
  if (typeof seconds === 'number') {
    return { signature: 't', value: BigInt(Math.trunc(seconds * SECOND_US)) };
  }
  throw new SyntaxError('not a number of seconds');
}

/**
 * The properties that annotations ask for.
 *
 * A name that ends in `Sec`, as unit files have it, is the bus's `USec`.
 *
 * @throws OcirtError for a name or a value that is none
 */
export function annotationProperties(
  annotations: Readonly<Record<string, string>> | undefined,
): Property[] {
  return Object.entries(annotations ?? {}).flatMap(([annotation, text]): Property[] => {
    if (!annotation.startsWith(PREFIX)) return [];
    const name = annotation.slice(PREFIX.length);
    const at = pointer(annotation);
    const fail = (why: string): OcirtError =>
      new OcirtError('invalid-config', `annotation ${annotation}: ${why}`, { pointer: at });
    if (name.length < 3) throw fail('the name of the property is too short');
    if (!/^[A-Za-z]+$/.test(name)) throw fail('the name of a property has letters only');
    try {
      const value = parseGVariant(text);
      if (!/[a-z]Sec$/.test(name)) return [{ name, ...value, at }];
      return [{ name: `${name.slice(0, -3)}USec`, ...inMicroseconds(value), at }];
    } catch (error) {
      throw fail(`value parse error: ${error instanceof Error ? error.message : String(error)}`);
    }
  });
}
