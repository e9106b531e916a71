/**
 * Reading JSON (RFC 8259) without losing an integer's bits, and with errors that say where.
 *
 * The engine's own JSON.parse does the work wherever it can. What it can't do, integers beyond
 * 2^53 (an rlimit of 18446744073709551615) and good error messages, is done by the reader below.
 */
import { OcirtError } from '../errors.js';

export interface Position {
  /** From 1. */
  readonly line: number;
  /** From 1, in UTF-16 units. */
  readonly column: number;
}

export interface DuplicateKey extends Position {
  /** JSON pointer of the value that counts, the last one. */
  readonly pointer: string;
  readonly key: string;
}

export interface JsonDocument {
  readonly value: unknown;
  /** Seen by the careful reader only, which reads what JSON.parse can't. */
  readonly duplicates: readonly DuplicateKey[];
}

/** Largest text that is read: no config.json is near it, and memory is not for the asking. */
export const MAX_JSON_LENGTH = 10 * 1024 * 1024;

/** Deepest nesting that the careful reader follows. */
export const MAX_JSON_DEPTH = 200;

/** Longest integer that becomes a bigint: no 64-bit one is longer, and conversion is quadratic. */
const MAX_INTEGER_LENGTH = 40;

const BYTE_ORDER_MARK = '\uFEFF';

/**
 * The value of a JSON text: integers beyond 2^53 are bigints.
 *
 * @param name what the text is, for errors: a file's name.
 * @throws OcirtError `json-syntax` with line and column, or `json-too-large`.
 */
export function parseJson(text: string, name = 'JSON'): unknown {
  return readJson(text, name).value;
}

/** As parseJson, and tells of keys that occur twice in one object. */
export function readJson(text: string, name = 'JSON'): JsonDocument {
  if (text.length > MAX_JSON_LENGTH) {
    throw new OcirtError(
      'json-too-large',
      `${name}: ${text.length} characters are more than the ${MAX_JSON_LENGTH} that are read`,
    );
  }
  // Fewer than 16 digits in a row are always exact.
  if (!hasLongNumber(text) && !text.startsWith(BYTE_ORDER_MARK)) {
    try {
      return { value: JSON.parse(text), duplicates: [] };
    } catch {
      // Read again below, to say what is wrong.
    }
  }
  return new Reader(text, name).document();
}

const isDigit = (code: number): boolean => code >= 0x30 && code <= 0x39;

/**
 * Whether 16 digits stand in a row somewhere. One of any 16 neighbours is looked at, for every
 * verb reads a text or two: a regular expression takes ten times as long.
 */
function hasLongNumber(text: string): boolean {
  for (let at = 15; at < text.length; at += 16) {
    if (!isDigit(text.charCodeAt(at))) continue;
    let from = at;
    let to = at + 1;
    while (isDigit(text.charCodeAt(from - 1))) from--;
    while (isDigit(text.charCodeAt(to))) to++;
    if (to - from >= 16) return true;
  }
  return false;
}

const WHITESPACE = /[ \t\n\r]*/y;
const NUMBER = /-?(?:0|[1-9]\d*)(\.\d+)?([eE][+-]?\d+)?/y;
/** Up to the first character that a string can't have as it is. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: RFC 8259 forbids just these
const PLAIN = /[^"\\\u0000-\u001f]*/y;
const ESCAPES: Readonly<Record<string, string>> = {
  '"': '"',
  '\\': '\\',
  '/': '/',
  b: '\b',
  f: '\f',
  n: '\n',
  r: '\r',
  t: '\t',
};

class Reader {
  readonly #text: string;
  readonly #name: string;
  #at = 0;
  #depth = 0;
  readonly #duplicates: DuplicateKey[] = [];

  constructor(text: string, name: string) {
    this.#text = text;
    this.#name = name;
  }

  document(): JsonDocument {
    if (this.#text.startsWith(BYTE_ORDER_MARK)) this.#at = 1;
    const value = this.#value('');
    this.#space();
    if (this.#at < this.#text.length) this.#fail('the end of the text');
    return { value, duplicates: this.#duplicates };
  }

  #match(pattern: RegExp): string {
    pattern.lastIndex = this.#at;
    const found = pattern.exec(this.#text)?.[0] ?? '';
    this.#at += found.length;
    return found;
  }

  #space(): void {
    this.#match(WHITESPACE);
  }

  #value(pointer: string): unknown {
    this.#space();
    const char = this.#text[this.#at];
    switch (char) {
      case '{':
        return this.#object(pointer);
      case '[':
        return this.#array(pointer);
      case '"':
        return this.#string();
      case 't':
        return this.#word('true', true);
      case 'f':
        return this.#word('false', false);
      case 'n':
        return this.#word('null', null);
      default:
        return this.#number();
    }
  }

  #word<T>(word: string, value: T): T {
    if (!this.#text.startsWith(word, this.#at)) this.#fail('a value');
    this.#at += word.length;
    return value;
  }

  #number(): number | bigint {
    const from = this.#at;
    const digits = this.#match(NUMBER);
    if (digits === '') this.#fail('a value');
    const next = this.#text[this.#at];
    if (next !== undefined && /[\w.+-]/.test(next)) {
      this.#at = from;
      this.#fail('a number as JSON writes it');
    }
    const value = Number(digits);
    const exact = Number.isSafeInteger(value) || /[.eE]/.test(digits);
    return exact || digits.length > MAX_INTEGER_LENGTH ? value : BigInt(digits);
  }

  #string(): string {
    const start = this.#at;
    this.#at++;
    let value = '';
    for (;;) {
      value += this.#match(PLAIN);
      const char = this.#text[this.#at];
      if (char === '"') {
        this.#at++;
        return value;
      }
      if (char === undefined) {
        this.#at = start;
        this.#fail('a string that ends', 'a string without its closing quote');
      }
      if (char !== '\\') this.#fail('an escape such as \\n', 'a control character in a string');
      value += this.#escape();
    }
  }

  #escape(): string {
    const char = this.#text[this.#at + 1] ?? '';
    if (char === 'u') {
      const digits = this.#text.slice(this.#at + 2, this.#at + 6);
      if (!/^[\da-fA-F]{4}$/.test(digits)) this.#fail('four hexadecimal digits after \\u');
      this.#at += 6;
      return String.fromCharCode(Number.parseInt(digits, 16));
    }
    const value = ESCAPES[char];
    if (value === undefined) this.#fail('one of the escapes \\" \\\\ \\/ \\b \\f \\n \\r \\t \\u');
    this.#at += 2;
    return value;
  }

  #enter(): void {
    if (++this.#depth > MAX_JSON_DEPTH) {
      this.#fail(`at most ${MAX_JSON_DEPTH} levels`, 'deeper nesting than is read');
    }
    this.#at++;
    this.#space();
  }

  #array(pointer: string): unknown[] {
    this.#enter();
    const array: unknown[] = [];
    if (this.#text[this.#at] !== ']') {
      for (;;) {
        array.push(this.#value(`${pointer}/${array.length}`));
        this.#space();
        if (this.#text[this.#at] !== ',') break;
        this.#comma(']');
      }
    }
    if (this.#text[this.#at] !== ']') this.#fail('"," or "]"');
    this.#at++;
    this.#depth--;
    return array;
  }

  #object(pointer: string): Record<string, unknown> {
    this.#enter();
    const object: Record<string, unknown> = {};
    if (this.#text[this.#at] !== '}') {
      for (;;) {
        if (this.#text[this.#at] !== '"') this.#fail('a property name in double quotes');
        const start = this.#at;
        const key = this.#string();
        const below = `${pointer}/${escapePointer(key)}`;
        if (Object.hasOwn(object, key)) {
          this.#duplicates.push({ pointer: below, key, ...positionAt(this.#text, start) });
        }
        this.#space();
        if (this.#text[this.#at] !== ':') this.#fail('":" after a property name');
        this.#at++;
        const value = this.#value(below);
        if (key === '__proto__') {
          Object.defineProperty(object, key, {
            value,
            writable: true,
            enumerable: true,
            configurable: true,
          });
        } else {
          object[key] = value;
        }
        this.#space();
        if (this.#text[this.#at] !== ',') break;
        this.#comma('}');
      }
    }
    if (this.#text[this.#at] !== '}') this.#fail('"," or "}"');
    this.#at++;
    this.#depth--;
    return object;
  }

  /** Takes a comma, which the end of the list must not follow. */
  #comma(end: ']' | '}'): void {
    const comma = this.#at;
    this.#at++;
    this.#space();
    if (this.#text[this.#at] === end) {
      this.#at = comma;
      this.#fail(`no comma before "${end}"`, 'a comma after the last element');
    }
  }

  #fail(expected: string, found = describeAt(this.#text, this.#at)): never {
    const { line, column } = positionAt(this.#text, this.#at);
    throw new OcirtError(
      'json-syntax',
      `${this.#name}: line ${line}, column ${column}: found ${found}, expected ${expected}`,
    );
  }
}

/** What stands at a place of a text, in words. */
function describeAt(text: string, at: number): string {
  const char = text[at];
  if (char === undefined) return 'the end of the text';
  if (char === '/' && (text[at + 1] === '/' || text[at + 1] === '*')) {
    return 'a comment, which JSON does not have';
  }
  if (char === "'") return 'a single quote';
  const word = /^[\w$.+-]+/.exec(text.slice(at, at + 30))?.[0];
  return JSON.stringify(word ?? String.fromCodePoint(text.codePointAt(at) ?? 0));
}

/** Line and column of an offset. */
export function positionAt(text: string, offset: number): Position {
  let line = 1;
  let start = 0;
  for (;;) {
    const next = text.indexOf('\n', start);
    if (next === -1 || next >= offset) break;
    line++;
    start = next + 1;
  }
  // A byte-order mark takes no room on the screen.
  const mark = line === 1 && text.startsWith(BYTE_ORDER_MARK) ? 1 : 0;
  return { line, column: Math.max(1, offset - start - mark + 1) };
}

/** A property name as one part of a JSON pointer (RFC 6901). */
export function escapePointer(key: string): string {
  return key.replaceAll('~', '~0').replaceAll('/', '~1');
}

/** The parts of a JSON pointer. */
export function splitPointer(pointer: string): string[] {
  if (pointer === '') return [];
  return pointer
    .slice(1)
    .split('/')
    .map((part) => part.replaceAll('~1', '/').replaceAll('~0', '~'));
}
