/**
 * YAML text of plain data: what JSON can say, and integers of any size. Read by YAML 1.2 and by 1.1,
 * which takes more words for something else than a string. https://yaml.org/spec/1.2.2/
 */

/** Needs no quotes whatever the version: begins like a name or a path, and has no sign of YAML's in it. */
const PLAIN = /^[A-Za-z_/][A-Za-z0-9_/.@+-]*(?: [A-Za-z0-9_/.@+()-]+)*$/;
/** Names of other things, and what careless readers of 1.1 take for a number. */
const WORDS = /^(?:null|true|false|yes|no|on|off|y|n|e[+-]?[\d_]+)$/i;
/** JSON lets these stand as they are; for YAML they are breaks, or no characters of a text. */
const UNPRINTABLE = /[\x7f-\xa0\u2028\u2029\ud800-\udfff\ufeff\ufffe\uffff]/gu;
/** A key may stand before its colon up to this length, section 7.4.2; quotes and escapes count. */
const LONGEST_KEY = 1024;

function quote(text: string): string {
  if (PLAIN.test(text) && !WORDS.test(text)) return text;
  return JSON.stringify(text).replace(
    UNPRINTABLE,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
}

function scalar(value: unknown): string {
  if (typeof value === 'string') return quote(value);
  if (typeof value === 'boolean' || typeof value === 'bigint') return String(value);
  if (typeof value === 'number' && Number.isFinite(value)) {
    // 1.1 wants a point in what has an exponent.
    return JSON.stringify(value).replace(/^(-?\d+)e/, '$1.0e');
  }
  return 'null';
}

/** The lines of a value; a dash or a colon may be put before the first. */
function lines(value: unknown): string[] {
  if (Array.isArray(value)) {
    if (value.length === 0) return ['[]'];
    return value.flatMap((item) => {
      const [first = '', ...more] = lines(item);
      return [`- ${first}`, ...more.map((line) => `  ${line}`)];
    });
  }
  if (typeof value === 'object' && value !== null) {
    const entries = Object.entries(value).filter(([, item]) => item !== undefined);
    return entries.length === 0 ? ['{}'] : entries.flatMap(([key, item]) => entry(key, item));
  }
  return [scalar(value)];
}

function entry(key: string, value: unknown): string[] {
  const name = quote(key);
  const below = lines(value);
  const nested =
    typeof value === 'object' && value !== null && below[0] !== '[]' && below[0] !== '{}';
  if (name.length > LONGEST_KEY) {
    const [first = '', ...more] = below;
    return [`? ${name}`, `: ${first}`, ...more.map((line) => `  ${line}`)];
  }
  return nested
    ? [`${name}:`, ...below.map((line) => `  ${line}`)]
    : [`${name}: ${below[0] ?? 'null'}`];
}

/** The document, with a line's end. What is undefined is left out, as in JSON. */
export function toYaml(value: unknown): string {
  return `${lines(value).join('\n')}\n`;
}
