// What a terminal was sent as a page that shows its last picture. Knows what `ocirt top` sends: a
// picture begins at the top left, lines are written over, attributes are bold, dim, red and inverse.

const escapeText = (text) =>
  text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');

const CLASSES = { 1: 'bold', 2: 'dim', 7: 'inverse', 31: 'red' };

/** The lines of the last whole picture, each as parts: a text and the names of its attributes. */
export function lastPicture(sent) {
  const HOME = '\x1b[H';
  const pictures = sent.split(HOME).slice(1);
  const whole = pictures.filter((picture) => picture.includes('\x1b[J')).at(-1) ?? '';
  return whole
    .slice(0, whole.indexOf('\x1b[J'))
    .split(/\r*\n/)
    .map((line) => {
      let on = [];
      const parts = [];
      const [first, ...rest] = line.split('\x1b[');
      if (first !== '') parts.push({ text: first, on });
      for (const sequence of rest) {
        const [, codes, letter, text] = /^([\d;?]*)([A-Za-z])(.*)$/s.exec(sequence) ?? [];
        if (letter === 'm') {
          for (const code of codes.split(';')) {
            on = code === '0' || code === '' ? [] : [...on, CLASSES[code] ?? `code-${code}`];
          }
        }
        if (text !== '' && text !== undefined) parts.push({ text, on });
      }
      return parts;
    });
}

/** A page that looks like a terminal with that picture. */
export function ansiPage(sent, { columns }) {
  const lines = lastPicture(sent).map((parts) =>
    parts
      .map(({ text, on }) =>
        on.length === 0
          ? escapeText(text)
          : `<span class="${on.join(' ')}">${escapeText(text)}</span>`,
      )
      .join(''),
  );
  return `<!DOCTYPE html><meta charset="utf-8"><title>top</title><style>
body { margin: 0; background: #0d1117; color: #d1d7e0; padding: 12px 16px; }
pre { margin: 0; font: 13px/1.35 "DejaVu Sans Mono", monospace; width: ${columns}ch; }
.bold { font-weight: bold; } .dim { opacity: 0.6; } .red { color: #ff7b72; }
.inverse { background: #d1d7e0; color: #0d1117; }
</style><pre>${lines.join('\n')}</pre>
`;
}
