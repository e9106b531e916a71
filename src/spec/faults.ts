/** What the checks of src/spec find, before it has a place in the text. */

/** One thing that is wrong, or odd. */
export interface Finding {
  /** JSON pointer of the value; of a missing one: where it would be. */
  readonly pointer: string;
  readonly message: string;
  /** What is there, in words; 'nothing' for a missing value. */
  readonly found: string;
  /** What may be there, in words. */
  readonly allowed: string;
  /** The nearest valid name, where it looks like a typing error. */
  readonly suggestion?: string | undefined;
  /** It is the property's name that is meant, not its value. */
  readonly key?: boolean;
  /** A common fault has a code of its own, and a hint. */
  readonly advice?: Advice | undefined;
}

export interface Advice {
  readonly code: string;
  readonly hint: string;
}

/** Where the checks put what they find. */
export class Findings {
  readonly faults: Finding[] = [];
  readonly warnings: Finding[] = [];

  /** The container can't be made. `found` is the value that is wrong; undefined: it is missing. */
  fault(pointer: string, message: string, found: unknown, allowed: string, advice?: Advice): void {
    this.faults.push({
      pointer,
      message: say(message, found),
      found: show(found),
      allowed,
      ...(advice === undefined ? {} : { advice }),
    });
  }

  /** It can be made, but not quite as it was asked for. */
  warn(pointer: string, message: string, found: unknown, allowed: string): void {
    this.warnings.push({ pointer, message: say(message, found), found: show(found), allowed });
  }

  get empty(): boolean {
    return this.faults.length === 0 && this.warnings.length === 0;
  }
}

const say = (message: string, found: unknown): string =>
  found === undefined ? message : `${message}; found ${show(found)}`;

const MAX_SHOWN = 60;

/** A value in a few words; what is in objects and arrays is not looked at. */
export function show(value: unknown): string {
  switch (typeof value) {
    case 'string': {
      const short = value.length > MAX_SHOWN ? `${value.slice(0, MAX_SHOWN)}…` : value;
      return JSON.stringify(short);
    }
    case 'undefined':
      return 'nothing';
    case 'object':
      if (value === null) return 'null';
      return Array.isArray(value) ? `an array of ${value.length}` : 'an object';
    default:
      return String(value);
  }
}
