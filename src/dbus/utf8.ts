/** Text as UTF-8 and back. The standalone host has no TextEncoder. Pure. */

/** The bytes of a text. What is half of a surrogate pair becomes U+FFFD. */
export function encodeUtf8(text: string): number[] {
  const bytes: number[] = [];
  for (const character of text) {
    let code = character.codePointAt(0) ?? 0;
    if (code >= 0xd800 && code <= 0xdfff) code = 0xfffd;
    if (code < 0x80) bytes.push(code);
    else if (code < 0x800) bytes.push(0xc0 | (code >> 6), 0x80 | (code & 0x3f));
    else if (code < 0x10000) {
      bytes.push(0xe0 | (code >> 12), 0x80 | ((code >> 6) & 0x3f), 0x80 | (code & 0x3f));
    } else {
      bytes.push(
        0xf0 | (code >> 18),
        0x80 | ((code >> 12) & 0x3f),
        0x80 | ((code >> 6) & 0x3f),
        0x80 | (code & 0x3f),
      );
    }
  }
  return bytes;
}

/** The text of bytes that are UTF-8; each byte that is none of it becomes U+FFFD. */
export function decodeUtf8(bytes: Uint8Array): string {
  let text = '';
  for (let at = 0; at < bytes.length; ) {
    const lead = bytes[at] ?? 0;
    const more = lead < 0x80 ? 0 : lead >= 0xf0 ? 3 : lead >= 0xe0 ? 2 : lead >= 0xc0 ? 1 : -1;
    const rest = more < 0 ? [] : [...bytes.subarray(at + 1, at + 1 + more)];
    const whole = more >= 0 && rest.length === more && rest.every((byte) => byte >> 6 === 2);
    const first = more === 0 ? lead : lead & (0x3f >> more);
    const code = rest.reduce((sum, byte) => (sum << 6) | (byte & 0x3f), first);
    const valid = whole && code <= 0x10ffff;
    text += String.fromCodePoint(valid ? code : 0xfffd);
    at += valid ? more + 1 : 1;
  }
  return text;
}
