// Bundles the TypeScript for the standalone executable: ES modules, one chunk per verb, the rest
// shared, in build/standalone/js/. `entry.js` comes first.
import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';

const top = fileURLToPath(new URL('..', import.meta.url));
const out = `${top}build/standalone/js`;
const shims = `${top}src/native/standalone/shims`;

rmSync(out, { recursive: true, force: true });
mkdirSync(out, { recursive: true });

const result = await build({
  absWorkingDir: top,
  entryPoints: ['src/native/standalone/entry.ts'],
  outdir: out,
  entryNames: '[name]',
  chunkNames: '[name]-[hash]',
  bundle: true,
  splitting: true,
  format: 'esm',
  platform: 'neutral',
  mainFields: ['main', 'module'],
  target: 'es2022',
  minifySyntax: true,
  treeShaking: true,
  legalComments: 'none',
  metafile: true,
  logLevel: 'warning',
  alias: {
    'node:events': `${shims}/events.ts`,
    'node:process': `${shims}/process.ts`,
    'node:path': `${shims}/path.ts`,
    'node:fs': `${shims}/refused.ts`,
    'node:child_process': `${shims}/refused.ts`,
  },
});

// A module of Node.js that came in by mistake would only be missed at run time.
const foreign = Object.values(result.metafile.inputs)
  .flatMap((input) => input.imports)
  .filter((entry) => entry.path.startsWith('node:'));
if (foreign.length > 0) {
  console.error(`not for the standalone host: ${foreign.map((entry) => entry.path).join(', ')}`);
  process.exit(1);
}

// import() needs the name of the file it stands in, which is stripped from the bytecode with the
// rest of the debugging information: the host loads by name instead (native/host/standalone.cc).
for (const name of readdirSync(out)) {
  const text = readFileSync(`${out}/${name}`, 'utf8');
  const replaced = text.replace(/\bimport\((["'])\.\/([\w.-]+)\1\)/g, 'ocirtHost.load("$2")');
  if (/\bimport\(/.test(replaced)) {
    console.error(`${name}: an import() that the standalone host can't load`);
    process.exit(1);
  }
  if (replaced !== text) writeFileSync(`${out}/${name}`, replaced);
}
