// The checks of this folder must be able to fail: each is given what it is there to find.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import {
  cpSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { checkFile, checkTree } from './check-boundaries.mjs';
import { differences, snapshot } from './host-snapshot.mjs';

const root = path.join(path.dirname(fileURLToPath(import.meta.url)), '..');

test('a node: import in the runtime is found, in each of its forms', () => {
  for (const line of [
    "import { readFileSync } from 'node:fs';",
    "import 'node:fs';",
    "const fs = await import('node:fs');",
    'const fs = require("node:fs");',
    "export { readFileSync } from 'node:fs';",
  ]) {
    assert.equal(checkFile('src/runtime/create.ts', `${line}\n`).length, 1, line);
    assert.equal(checkFile('src/native/loader.ts', `${line}\n`).length, 0, line);
    assert.equal(checkFile('src/runtime/create.test.ts', `${line}\n`).length, 0, line);
    assert.equal(checkFile('src/spec/testing/tool.ts', `${line}\n`).length, 0, line);
  }
});

test('what the standalone host lacks is found', () => {
  for (const line of [
    'const text = new TextDecoder().decode(bytes);',
    'const words = process.argv.slice(2);',
    'console.log(1);',
    'return Buffer.from(text);',
  ]) {
    assert.equal(checkFile('src/runtime/ps.ts', `${line}\n`).length, 1, line);
    assert.equal(checkFile('src/native/loader.ts', `${line}\n`).length, 0, line);
  }
  for (const line of [
    'const console = openConsole(); use(console.fd);',
    '// as console.log would',
    // biome-ignore lint/suspicious/noTemplateCurlyInString: the text of a source
    'text = `${pids.length} process(es) found`;',
    'input.process.args;',
  ]) {
    assert.equal(checkFile('src/runtime/ps.ts', `${line}\n`).length, 0, line);
  }
});

test("an engine's header in the core is found", () => {
  for (const header of [
    '<napi.h>',
    '"node_api.h"',
    '<js_native_api.h>',
    '"quickjs/quickjs.h"',
    '<quickjs.h>',
  ]) {
    const text = `#include ${header}\n`;
    assert.equal(checkFile('native/core/value.cc', text).length, 1, header);
    assert.equal(checkFile('native/sys/mount.h', text).length, 1, header);
    assert.equal(checkFile('native/host/node.cc', text).length, 0, header);
  }
});

test('a long file that does not say why is found', () => {
  const long = 'const a = 1;\n'.repeat(401);
  assert.equal(checkFile('src/plan/x.ts', long).length, 1);
  assert.equal(
    checkFile('src/plan/x.ts', `// It is long because it is a table.\n${long}`).length,
    0,
  );
  assert.equal(checkFile('src/plan/x.ts', 'const a = 1;\n'.repeat(400)).length, 0);
  assert.equal(checkFile('src/spec/validators.gen.ts', long).length, 0);
});

test('what is left to do is found', () => {
  assert.equal(checkFile('src/plan/x.ts', `// ${'TO'}${'DO'}: later\n`).length, 1);
});

test('a test that is skipped without a reason, or runs alone, is found', () => {
  for (const line of [
    "test('x', { skip: true }, () => {});",
    "test('x', { only: true }, () => {});",
    "test.skip('x', () => {});",
    "describe.only('x', () => {});",
    't.skip();',
  ]) {
    assert.equal(checkFile('src/plan/x.test.ts', `${line}\n`).length, 1, line);
  }
  for (const line of ["t.skip('no such kernel');", 'readonly: true', "skip: 'why',"]) {
    assert.equal(checkFile('src/plan/x.test.ts', `${line}\n`).length, 0, line);
  }
});

test('a tree is looked through', () => {
  const tree = mkdtempSync(path.join(tmpdir(), 'ocirt-checks-'));
  try {
    mkdirSync(path.join(tree, 'src/plan'), { recursive: true });
    writeFileSync(path.join(tree, 'src/plan/bad.ts'), "import fs from 'node:fs';\n");
    writeFileSync(path.join(tree, 'src/plan/good.ts'), 'export const a = 1;\n');
    assert.deepEqual(
      checkTree(tree).map((fault) => fault.split(':')[0]),
      ['src/plan/bad.ts'],
    );
  } finally {
    rmSync(tree, { recursive: true });
  }
});

test('badly formatted TypeScript and C++ are found', () => {
  const tree = mkdtempSync(path.join(tmpdir(), 'ocirt-checks-'));
  try {
    cpSync(path.join(root, 'biome.json'), path.join(tree, 'biome.json'));
    cpSync(path.join(root, '.clang-format'), path.join(tree, '.clang-format'));
    symlinkSync(path.join(root, 'node_modules'), path.join(tree, 'node_modules'));
    writeFileSync(path.join(tree, 'bad.ts'), 'export   const a=1\n');
    writeFileSync(path.join(tree, 'good.ts'), 'export const a = 1;\n');
    writeFileSync(path.join(tree, 'bad.cc'), 'int   main( ){return 0;}\n');
    writeFileSync(path.join(tree, 'good.cc'), 'int main() {\n  return 0;\n}\n');
    const biome = (file) =>
      spawnSync(path.join(root, 'node_modules/.bin/biome'), ['check', file], { cwd: tree }).status;
    const clang = (file) =>
      spawnSync('clang-format', ['--dry-run', '-Werror', file], { cwd: tree }).status;
    assert.equal(biome('good.ts'), 0);
    assert.notEqual(biome('bad.ts'), 0);
    assert.equal(clang('good.cc'), 0);
    assert.notEqual(clang('bad.cc'), 0);
  } finally {
    rmSync(tree, { recursive: true });
  }
});

test('a generated file that was changed by hand is found', () => {
  const tree = mkdtempSync(path.join(tmpdir(), 'ocirt-checks-'));
  try {
    for (const part of ['scripts', 'schemas', 'src', 'package.json', 'biome.json']) {
      cpSync(path.join(root, part), path.join(tree, part), { recursive: true });
    }
    symlinkSync(path.join(root, 'node_modules'), path.join(tree, 'node_modules'));
    const check = () =>
      spawnSync(process.execPath, ['scripts/generate.mjs', '--check'], { cwd: tree }).status;
    assert.equal(check(), 0);
    const file = path.join(tree, 'src/spec/config.gen.ts');
    writeFileSync(file, `${readFileSync(file, 'utf8')}\nexport const planted = 1;\n`);
    assert.notEqual(check(), 0);
  } finally {
    rmSync(tree, { recursive: true });
  }
});

test('what is left on the machine is found, and what is gone', () => {
  const before = snapshot();
  const file = mkdtempSync(path.join(tmpdir(), 'ocirt-left-'));
  const during = snapshot();
  rmSync(file, { recursive: true });
  assert.ok(differences(before, during).includes(`left behind: temporary file ${file}`));
  assert.ok(differences(during, before).includes(`gone: temporary file ${file}`));
  assert.ok(before.mount.length > 0 && before.cgroup.length > 0);
});
