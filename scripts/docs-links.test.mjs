// The pages of docs/ and the README's: each link leads to a file that is there, to a heading that is in it,
// and each page is named in the README. The files of limits.md are those that are written.
import assert from 'node:assert/strict';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';

const project = path.join(path.dirname(fileURLToPath(import.meta.url)), '..');
const pages = readdirSync(path.join(project, 'docs')).filter((name) => name.endsWith('.md'));
const textOf = (file) => readFileSync(path.join(project, file), 'utf8');

/** The anchors of a page's headings, as GitHub makes them. */
function anchorsOf(file) {
  return [...textOf(file).matchAll(/^#+ (.*)$/gm)].map(([, heading]) =>
    heading
      .toLowerCase()
      .replace(/[^\w\- ]/g, '')
      .replaceAll(' ', '-'),
  );
}

for (const file of ['README.md', 'bundles/README.md', ...pages.map((name) => `docs/${name}`)]) {
  test(`${file}: its links lead somewhere`, () => {
    const links = [...textOf(file).matchAll(/\]\(([^)\s]+)\)/g)].map(([, link]) => link);
    const lost = links.filter((link) => {
      if (/^[a-z]+:/.test(link)) return false;
      const [target, anchor] = link.split('#');
      const found = target === '' ? file : path.join(path.dirname(file), target);
      if (!existsSync(path.join(project, found))) return true;
      return anchor !== undefined && !anchorsOf(found).includes(anchor);
    });
    assert.deepEqual(lost, []);
  });
}

test('the README leads to every page', () => {
  const readme = textOf('README.md');
  assert.deepEqual(
    pages.filter((name) => !readme.includes(`docs/${name}`)),
    [],
  );
});

test('docs/limits.md: its files are those that the compilers write', () => {
  const folder = path.join(project, 'src/cgroup');
  const sources = readdirSync(folder).filter((name) => /(?<!\.test)\.ts$/.test(name));
  const text = sources.map((name) => readFileSync(path.join(folder, name), 'utf8')).join('\n');
  const rows = textOf('docs/limits.md').match(/^\| `[a-zA-Z.]+`.*\|.*\|.*\|.*\|$/gm) ?? [];
  const files = rows.flatMap((row) =>
    row
      .split('|')
      .slice(2, 4)
      .flatMap((cell) => cell.match(/(?<=`)[a-z]+\.[a-z_.]+(?=`)/g) ?? []),
  );
  assert.ok(files.length > 20, `found only ${files.length}`);
  // Some names are put together: `devices.${type}`.
  const written = (file) =>
    text.includes(`'${file}'`) || text.includes(`${file.slice(0, file.indexOf('.'))}.\${`);
  const missing = files.filter((file) => !written(file));
  assert.deepEqual(missing, []);
});
