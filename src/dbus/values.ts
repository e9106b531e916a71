/** Values of D-Bus in this program. Pure. */

/** A value that brings its own type. */
export interface Variant {
  /** One complete type. */
  readonly signature: string;
  readonly value: DBusValue;
}

/**
 * What a value is here: b boolean; y n q i u d number; x t bigint (a number is taken, too); s o g
 * string; ay bytes or a list; structs and dict entries a list of their members; v a Variant.
 */
export type DBusValue =
  | boolean
  | number
  | bigint
  | string
  | Uint8Array
  | Variant
  | readonly DBusValue[];

export const variant = (signature: string, value: DBusValue): Variant => ({ signature, value });

export function isVariant(value: DBusValue): value is Variant {
  return typeof value === 'object' && 'signature' in value && 'value' in value;
}
