// Puts the Node.js host into a folder, to be installed: of dist/ and node_modules/ the files that can be reached from
// dist/cli/entry.js, the addon, the helper, and bin/ocirt-node, which starts it.
//
//   node scripts/node-host.mjs FOLDER         after scripts/build
//
// Standard output: the packages of npm that are in it, one a line.
import { copyFileSync, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';

const top = fileURLToPath(new URL('..', import.meta.url));
const [folder] = process.argv.slice(2);
if (folder === undefined) {
  console.error('usage: node scripts/node-host.mjs FOLDER');
  process.exit(2);
}

function install(file) {
  const target = path.join(folder, file);
  mkdirSync(path.dirname(target), { recursive: true });
  copyFileSync(path.join(top, file), target);
}

// Nothing is bundled: it knows what imports what, by the rules of Node.js.
const { metafile } = await build({
  absWorkingDir: top,
  entryPoints: ['dist/cli/entry.js'],
  bundle: true,
  splitting: true,
  format: 'esm',
  platform: 'node',
  outdir: folder,
  write: false,
  metafile: true,
  logLevel: 'error',
});
const packages = new Set();
for (const file of Object.keys(metafile.inputs)) {
  install(file);
  const [, name] = /^node_modules\/((?:@[^/]+\/)?[^/]+)\//.exec(file) ?? [];
  if (name !== undefined) packages.add(name);
}
for (const name of packages) {
  const files = ['package.json', 'LICENSE', 'LICENSE.md', 'NOTICE'];
  for (const file of files.map((one) => `node_modules/${name}/${one}`)) {
    if (existsSync(path.join(top, file))) install(file);
  }
}
for (const file of ['dist/native/ocirt.node', 'dist/native/ocirt-init', 'bin/ocirt-node']) {
  install(file);
}
const { name, version, license, type } = JSON.parse(readFileSync(`${top}/package.json`, 'utf8'));
const own = { name, version, license, private: true, type };
writeFileSync(path.join(folder, 'package.json'), `${JSON.stringify(own, null, 2)}\n`);
for (const one of [...packages].sort()) console.log(one);
