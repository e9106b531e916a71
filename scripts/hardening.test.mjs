// The executables are hardened; docs/security.md, "Hardening". Read from the ELF files themselves, for
// what a build asks for is not always what it gets.
import assert from 'node:assert/strict';
import { spawn, spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';

const root = path.join(path.dirname(fileURLToPath(import.meta.url)), '..');

/** The output of a tool of binutils. */
function tool(name, ...args) {
  const { status, stdout, stderr } = spawnSync(name, args, {
    encoding: 'utf8',
    maxBuffer: 1 << 30,
    env: { ...process.env, LC_ALL: 'C' },
  });
  assert.equal(status, 0, stderr);
  return stdout;
}

const FILES = [
  { file: 'dist/ocirt', executable: true },
  { file: 'dist/native/ocirt-init', executable: true },
  { file: 'dist/native/ocirt.node', executable: false },
];

for (const { file, executable } of FILES) {
  const binary = path.join(root, file);
  const skip = !existsSync(binary) && `${file} is not built`;
  const headers = () => tool('readelf', '--program-headers', '--wide', binary);
  const dynamic = () => tool('readelf', '--dynamic', '--wide', binary);

  test(`${file} can be loaded at any address`, { skip }, () => {
    assert.match(tool('readelf', '--file-header', binary), /Type: +DYN /);
    if (executable) assert.match(dynamic(), /FLAGS_1.*PIE/);
    assert.doesNotMatch(dynamic(), /TEXTREL/);
  });

  test(`${file} needs no library but the C library`, { skip }, () => {
    const needed = [...dynamic().matchAll(/NEEDED.*\[(.*)\]/g)].map(([, name]) => name ?? '');
    const others = needed.filter((name) => !/^(libc\.so|ld-linux|libm\.so)/.test(name));
    assert.deepEqual(others, []);
    if (executable) assert.deepEqual(needed, []);
    assert.doesNotMatch(dynamic(), /RPATH|RUNPATH/);
  });

  test(`${file} has full RELRO`, { skip }, () => {
    assert.match(headers(), /GNU_RELRO/);
    assert.match(dynamic(), /BIND_NOW/);
  });

  test(`${file} has no executable stack, and nothing writable that is executable`, { skip }, () => {
    assert.match(headers(), /GNU_STACK +\S+ \S+ \S+ \S+ \S+ RW /);
    for (const [line, flags] of headers().matchAll(/^ +LOAD +(?:0x\w+ +){5}([RWE ]+?) +0x/gm)) {
      assert.ok(!(flags?.includes('W') && flags.includes('E')), line);
    }
  });

  test(`${file} looks after its stack`, {
    skip: skip || (process.arch !== 'x64' && 'the code is read on x86-64'),
  }, () => {
    const code = tool('objdump', '--disassemble', '--no-show-raw-insn', binary);
    // The guard's place in thread-local storage, and where a jump may end (CET).
    assert.ok((code.match(/%fs:0x28/g) ?? []).length > 200, 'no stack protector');
    assert.ok((code.match(/\bendbr64\b/g) ?? []).length > 150, 'no landing pads');
  });
}

test('the source is fortified where the C library can', {
  skip: !existsSync(path.join(root, 'dist/native/ocirt.node')) && 'the addon is not built',
}, () => {
  const symbols = tool(
    'readelf',
    '--dyn-syms',
    '--wide',
    path.join(root, 'dist/native/ocirt.node'),
  );
  assert.match(symbols, /__\w+_chk@/);
});

// The helper's C library leaves it to the program.
test('the helper protects its relocations', {
  skip: !existsSync(path.join(root, 'dist/native/ocirt-init')) && 'it is not built',
}, async () => {
  const child = spawn(path.join(root, 'dist/native/ocirt-init'), ['3'], {
    stdio: ['ignore', 'ignore', 'ignore', 'pipe'],
  });
  try {
    // It waits for its plan. What may be written then are its data and its stack.
    let writable = [];
    for (let tries = 0; tries < 500; tries++) {
      writable = readFileSync(`/proc/${child.pid}/maps`, 'utf8')
        .split('\n')
        .filter((line) => / rw.p .*ocirt-init$/.test(line));
      if (writable.length === 1) break;
      await new Promise((resolve) => setTimeout(resolve, 10));
    }
    const relro = /GNU_RELRO +0x\w+ 0x(\w+) \S+ \S+ 0x(\w+)/.exec(
      tool('readelf', '--program-headers', '--wide', path.join(root, 'dist/native/ocirt-init')),
    );
    assert.ok(relro);
    const end = Number.parseInt(relro[1], 16) + Number.parseInt(relro[2], 16);
    const first = Number.parseInt(
      readFileSync(`/proc/${child.pid}/maps`, 'utf8').split('-')[0] ?? '',
      16,
    );
    const [from] = writable.map((line) => Number.parseInt(line.split('-')[0] ?? '', 16) - first);
    assert.ok(
      from !== undefined && from >= end,
      `writable from ${from}, relocations end at ${end}`,
    );
  } finally {
    child.kill('SIGKILL');
  }
});
