/**
 * What went wrong with a document, for people: needed only when something did.
 *
 * The schema's errors and the rules' findings become one list, each with its place in the text.
 */
import { OcirtError } from '../errors.js';
import { type Advice, type Finding, show } from './faults.js';
import { escapePointer, splitPointer } from './json.js';
import { locateAll } from './locate.js';
import { nearest } from './suggest.js';
import type { SchemaError } from './validator.js';

/** One thing that is wrong in a document; or odd, for a warning. */
export interface Fault {
  /** JSON pointer of the value; of a missing one: where it would be. */
  readonly pointer: string;
  /** Place in the text of the value, or of what is around a missing one. From 1. */
  readonly line: number;
  readonly column: number;
  /** In words; 'nothing' for a missing value. */
  readonly found: string;
  readonly allowed: string;
  readonly suggestion?: string;
  /** All of it in one line, without the place. */
  readonly message: string;
  readonly advice?: Advice;
}

export type Warning = Fault;

/** A document that can't be used; `faults` says all of why. */
export class ConfigError extends OcirtError {
  readonly faults: readonly Fault[];

  constructor(file: string, faults: readonly Fault[]) {
    const advice = commonAdvice(faults);
    super(advice?.code ?? 'config-invalid', summary(file, faults), {
      path: file,
      pointer: faults[0]?.pointer,
      hint: advice?.hint,
    });
    this.faults = faults;
  }
}

/** What all faults have in common: there is no one code for different ones. */
function commonAdvice(faults: readonly Fault[]): Advice | undefined {
  const first = faults[0]?.advice;
  return faults.every(({ advice }) => advice?.code === first?.code) ? first : undefined;
}

const place = ({ line, column }: Fault): string => `line ${line}, column ${column}`;

const where = (fault: Fault): string =>
  fault.pointer === '' ? place(fault) : `${fault.pointer} (${place(fault)})`;

/** The first fault and the number of all in the first line, the others one a line below it. */
function summary(file: string, faults: readonly Fault[]): string {
  const count = faults.length === 1 ? '1 fault' : `${faults.length} faults`;
  const lines = faults.map((fault) => `${where(fault)}: ${fault.message}`);
  return `${file}: ${count}: ${lines.join('\n  ')}`;
}

/** Gives findings their places, in the order of the text, each pointer and message once. */
export function placed(text: string, findings: readonly Finding[]): Fault[] {
  const positions = locateAll(
    text,
    findings.map(({ pointer, key }) => ({ pointer, part: key === true ? 'key' : 'value' })),
  );
  const seen = new Set<string>();
  const faults: Fault[] = [];
  findings.forEach(({ pointer, found, allowed, suggestion, message, advice }, i) => {
    const identity = `${pointer}\n${message}`;
    if (seen.has(identity)) return;
    seen.add(identity);
    faults.push({
      pointer,
      ...(positions[i] ?? { line: 1, column: 1 }),
      found,
      allowed,
      ...(suggestion === undefined ? {} : { suggestion }),
      message: suggestion === undefined ? message : `${message} (did you mean "${suggestion}"?)`,
      ...(advice === undefined ? {} : { advice }),
    });
  });
  return faults.sort((a, b) => a.line - b.line || a.column - b.column);
}

/** Schema keywords that don't make a document unusable. */
const WARNINGS = new Set(['closed', 'known', 'unsupported', 'superseded']);

/** What a compiled validator left, as findings: those that are faults, and those that are not. */
export function readSchemaErrors(
  document: unknown,
  errors: readonly SchemaError[],
): { faults: Finding[]; warnings: Finding[] } {
  const faults: Finding[] = [];
  const warnings: Finding[] = [];
  for (const error of errors) {
    const finding = readSchemaError(document, error);
    (WARNINGS.has(error.keyword) ? warnings : faults).push(finding);
  }
  return { faults, warnings };
}

const TYPES: Readonly<Record<string, string>> = {
  string: 'a string',
  boolean: 'true or false',
  array: 'an array',
  object: 'an object',
};

const WIDTHS: Readonly<Record<string, string>> = {
  int32: 'an integer from -2147483648 to 2147483647',
  uint16: 'an integer from 0 to 65535',
  uint32: 'an integer from 0 to 4294967295',
  int64: 'an integer from -9223372036854775808 to 9223372036854775807',
  uint64: 'an integer from 0 to 18446744073709551615',
};

function readSchemaError(document: unknown, error: SchemaError): Finding {
  const { instancePath: pointer, keyword, params } = error;
  const value = valueAt(document, pointer);
  const found = show(value);
  switch (keyword) {
    case 'type': {
      const allowed = TYPES[String(params.type)] ?? String(params.type);
      return wrong(pointer, `must be ${allowed}`, found, allowed);
    }
    case 'int': {
      const width = String(params.width);
      const [low, high] = width.split(',');
      const allowed = WIDTHS[width] ?? `an integer from ${low} to ${high}`;
      return wrong(pointer, `must be ${allowed}`, found, allowed);
    }
    case 'required': {
      const at = `${pointer}/${escapePointer(String(params.missingProperty))}`;
      const message = MISSING[at] ?? 'is required, but missing';
      return { pointer: at, message, found: 'nothing', allowed: 'a value', ...adviceFor(at) };
    }
    case 'oneOfNames': {
      const names = params.known as readonly string[];
      const suggestion = typeof value === 'string' ? nearest(value, names) : undefined;
      const allowed = `one of ${names.join(', ')}`;
      return { ...wrong(pointer, `must be ${allowed}`, found, allowed), suggestion };
    }
    case 'minLength':
      return wrong(pointer, 'must not be empty', found, 'a string that is not empty');
    case 'minItems':
      return wrong(pointer, 'must not be empty', found, 'at least one element');
    case 'closed': {
      const property = String(params.property);
      const names = params.known as readonly string[];
      return {
        pointer: `${pointer}/${escapePointer(property)}`,
        message: 'unknown property, ignored',
        found: JSON.stringify(property),
        allowed: `properties ${names.join(', ')}`,
        suggestion: nearest(property, names),
        key: true,
      };
    }
    case 'known': {
      const names = params.known as readonly string[];
      const message = `unknown or unavailable, ignored; found ${found}`;
      const suggestion = nearest(String(value), names);
      const allowed = `one of ${names.join(', ')}`;
      return { pointer, message, found, allowed, suggestion, ...adviceFor(pointer, KNOWN_ADVICE) };
    }
    case 'unsupported': {
      const message = `is for another platform (${String(params.what)}), and not supported here: ignored`;
      return { pointer, message, found, allowed: 'nothing', key: true };
    }
    case 'superseded': {
      const message = `is no longer part of the specification, ignored: ${String(params.what)} has taken its place`;
      return { pointer, message, found, allowed: 'nothing', key: true };
    }
    default:
      return wrong(pointer, `breaks the schema (${keyword})`, found, 'what the schema says');
  }
}

function wrong(pointer: string, message: string, found: string, allowed: string): Finding {
  const words = wordsFor(pointer, found);
  const text = words === undefined ? message : `${words}: ${message}`;
  return { pointer, message: `${text}; found ${found}`, found, allowed, ...adviceFor(pointer) };
}

type AdviceTable = readonly (readonly [RegExp, Advice])[];

/** What is common among wrong values, by the place in the document. */
const WRONG_ADVICE: AdviceTable = [
  [
    /^(\/process)?\/user\/([ug]id|additionalGids\/\d+)$/,
    {
      code: 'user-invalid',
      hint: 'users and groups are numbers: the name of one is looked up in /etc/passwd or /etc/group of the image',
    },
  ],
];

/** The same for names that are unknown, and ignored. */
const KNOWN_ADVICE: AdviceTable = [
  [
    /^(\/process)?\/capabilities\/\w+\/\d+$/,
    {
      code: 'capability-unknown',
      hint: 'capabilities(7) has the names, in capitals and with CAP_ in front; the container goes without this one',
    },
  ],
];

function adviceFor(pointer: string, table: AdviceTable = WRONG_ADVICE): { advice?: Advice } {
  const advice = table.find(([pattern]) => pattern.test(pointer))?.[1];
  return advice === undefined ? {} : { advice };
}

/** Words of runc that callers match on, by the place in config.json. */
const WORDS: readonly (readonly [RegExp, (found: string) => string])[] = [
  [/^\/process\/cwd$/, () => 'Cwd property must not be empty'],
  [/^\/process\/rlimits\/\d+\/type$/, (found) => `wrong rlimit value: ${found}`],
  [/^\/process\/ioPriority\/class$/, (found) => `invalid ioPriority.Class: ${found}`],
  [/^\/process\/ioPriority\/priority$/, (found) => `invalid ioPriority.Priority: ${found}`],
  [/^\/linux\/namespaces\/\d+\/type$/, (found) => `namespace ${found} does not exist`],
  [/^\/linux\/rootfsPropagation$/, (found) => `rootfsPropagation=${found} is not supported`],
  [/^\/linux\/personality\/domain$/, (found) => `invalid personality domain ${found}`],
  [/^\/linux\/memoryPolicy\/mode$/, (found) => `invalid memory policy mode ${found}`],
  [/^\/linux\/memoryPolicy\/flags\/\d+$/, (found) => `invalid memory policy flag ${found}`],
  [
    /^\/linux\/seccomp\/(syscalls\/\d+\/action|defaultAction)$/,
    (found) => `string ${found} is not a valid action for seccomp`,
  ],
  [
    /^\/linux\/seccomp\/syscalls\/\d+\/args\/\d+\/op$/,
    (found) => `string ${found} is not a valid operator for seccomp`,
  ],
  [
    /^\/linux\/seccomp\/architectures\/\d+$/,
    (found) => `string ${found} is not a valid arch for seccomp`,
  ],
];

/** The same for what is missing. */
const MISSING: Readonly<Record<string, string>> = {
  '/root': 'root must be specified',
  '/process/cwd': 'Cwd property must not be empty',
  '/linux/memoryPolicy/mode': 'invalid memory policy: the mode is required, but missing',
};

function wordsFor(pointer: string, found: string): string | undefined {
  return WORDS.find(([pattern]) => pattern.test(pointer))?.[1](found);
}

/** The value that a pointer names; undefined if there is none. */
export function valueAt(document: unknown, pointer: string): unknown {
  let value = document;
  for (const part of splitPointer(pointer)) {
    if (value === null || typeof value !== 'object' || !Object.hasOwn(value, part)) {
      return undefined;
    }
    value = (value as Record<string, unknown>)[part];
  }
  return value;
}
