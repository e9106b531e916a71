/**
 * The text format of GVariant, as far as a property of a unit can need it. GLib Reference Manual,
 * "GVariant Text Format". Pure.
 */
import { splitSignature } from '../../dbus/signature.js';
import { encodeUtf8 } from '../../dbus/utf8.js';
import { type DBusValue, type Variant, variant } from '../../dbus/values.js';

/** Words that may stand before a value, to say its type. */
const TYPE_WORDS: Readonly<Record<string, string>> = {
  boolean: 'b',
  byte: 'y',
  int16: 'n',
  uint16: 'q',
  int32: 'i',
  uint32: 'u',
  int64: 'x',
  uint64: 't',
  double: 'd',
  string: 's',
  objectpath: 'o',
  signature: 'g',
};

const ESCAPES: Readonly<Record<string, string>> = {
  a: '\x07',
  b: '\b',
  f: '\f',
  n: '\n',
  r: '\r',
  t: '\t',
  v: '\v',
};

/** What one value can begin with, longest first. */
const TOKEN =
  /\s*(?:(b?"(?:[^"\\]|\\.)*"|b?'(?:[^'\\]|\\.)*')|(@[a-z(){}]+)|([-+]?(?:0[xX][0-9a-fA-F]+|\d[\d.]*(?:[eE][-+]?\d+)?|\.\d+))|([a-z]\w*)|([[\](){}<>:,]))/y;

/** Parses one text. */
class Parser {
  readonly #text: string;
  #at = 0;

  constructor(text: string) {
    this.#text = text;
  }

  fail(what: string): SyntaxError {
    return new SyntaxError(`${what} at offset ${this.#at} of "${this.#text}"`);
  }

  #next(): string {
    TOKEN.lastIndex = this.#at;
    const match = TOKEN.exec(this.#text);
    if (match === null) throw this.fail(this.done() ? 'unexpected end' : 'unexpected character');
    this.#at = TOKEN.lastIndex;
    return match[0].trim();
  }

  #peek(): string {
    const before = this.#at;
    const token = this.#next();
    this.#at = before;
    return token;
  }

  done(): boolean {
    return this.#text.slice(this.#at).trim() === '';
  }

  #expect(wanted: string): void {
    const token = this.#next();
    if (token !== wanted) throw this.fail(`expected "${wanted}", not "${token}",`);
  }

  /** @param type the type that is asked for; absent: the one that the text has by itself */
  value(type?: string): Variant {
    const token = this.#next();
    if (token.startsWith('@')) return this.value(token.slice(1));
    const word = TYPE_WORDS[token];
    if (word !== undefined) return this.value(word);
    if (token === 'true' || token === 'false') return this.#typed(type ?? 'b', token === 'true');
    if (/^b["']/.test(token)) {
      const bytes = Uint8Array.from([...encodeUtf8(this.#unescape(token.slice(1))), 0]);
      return this.#typed(type ?? 'ay', bytes);
    }
    if (/^["']/.test(token)) return this.#typed(type ?? 's', this.#unescape(token));
    if (/^[-+.\d]/.test(token)) return this.#number(token, type);
    if (token === '[') return this.#array(type);
    if (token === '(') return this.#tuple(type);
    if (token === '<') {
      const inner = this.value();
      this.#expect('>');
      return this.#typed(type ?? 'v', inner);
    }
    throw this.fail(`unexpected "${token}"`);
  }

  /** Checks the kind; whether a number fits its type shows when it is marshalled. */
  #typed(type: string, value: DBusValue): Variant {
    const kind = type[0] ?? '';
    const fits =
      (typeof value === 'boolean' && kind === 'b') ||
      (typeof value === 'string' && 'sog'.includes(kind)) ||
      (typeof value === 'number' && kind === 'd') ||
      (typeof value === 'bigint' && 'ynqiuxt'.includes(kind)) ||
      (value instanceof Uint8Array && type === 'ay') ||
      (typeof value === 'object' && 'signature' in value && kind === 'v');
    if (!fits) throw this.fail(`a value that is not of type "${type}"`);
    return variant(type, value);
  }

  #number(token: string, type: string | undefined): Variant {
    const hexadecimal = /^[-+]?0x/i.test(token);
    const fraction = !hexadecimal && /[.e]/i.test(token);
    if (type === 'd' || (type === undefined && fraction)) {
      const value = Number(token);
      if (Number.isNaN(value)) throw this.fail(`"${token}" is no number`);
      return variant('d', value);
    }
    if (fraction) throw this.fail(`"${token}" is no integer`);
    const magnitude = BigInt(token.replace(/^[-+]/, ''));
    return this.#typed(type ?? 'i', token.startsWith('-') ? -magnitude : magnitude);
  }

  #unescape(quoted: string): string {
    return quoted
      .slice(1, -1)
      .replace(/\\(u[0-9a-fA-F]{4}|U[0-9a-fA-F]{8}|[0-7]{1,3}|[\s\S])/g, (_, code: string) => {
        if (/^[uU]./.test(code)) return String.fromCodePoint(Number.parseInt(code.slice(1), 16));
        if (/^[0-7]/.test(code)) return String.fromCharCode(Number.parseInt(code, 8));
        return ESCAPES[code] ?? code;
      });
  }

  /** Values up to a closing token, with commas between them. */
  #list(
    closing: string,
    typeAt: (index: number, before: readonly Variant[]) => string | undefined,
  ): Variant[] {
    const items: Variant[] = [];
    while (this.#peek() !== closing) {
      if (items.length > 0) this.#expect(',');
      if (items.length > 0 && this.#peek() === closing) break;
      items.push(this.value(typeAt(items.length, items)));
    }
    this.#expect(closing);
    return items;
  }

  #array(type: string | undefined): Variant {
    if (type !== undefined && type[0] !== 'a') throw this.fail(`an array is not of type "${type}"`);
    // Without a type for all of them, the first element's is that of the others.
    const items = this.#list(']', (_, before) => type?.slice(1) ?? before[0]?.signature);
    const element = type?.slice(1) ?? items[0]?.signature;
    if (element === undefined) throw this.fail('an empty array needs a type, such as @as,');
    if (items.some((item) => item.signature !== element)) {
      throw this.fail('an array of different types');
    }
    return variant(
      `a${element}`,
      items.map((item) => item.value),
    );
  }

  #tuple(type: string | undefined): Variant {
    if (type !== undefined && type[0] !== '(') throw this.fail(`a tuple is not of type "${type}"`);
    const types = type === undefined ? [] : splitSignature(type.slice(1, -1));
    const items = this.#list(')', (index) => types[index]);
    if (type !== undefined && items.length !== types.length)
      throw this.fail('a tuple of another size');
    return variant(
      `(${items.map((item) => item.signature).join('')})`,
      items.map((item) => item.value),
    );
  }
}

/**
 * The value that a text says.
 *
 * @throws SyntaxError where it says none; dictionaries and `just`/`nothing` are not supported
 */
export function parseGVariant(text: string): Variant {
  const parser = new Parser(text);
  const value = parser.value();
  if (!parser.done()) throw parser.fail('something behind the value');
  return value;
}
