// The executables are hardened; docs/security.md, "Hardening". Read from the ELF files themselves, for
// what a build asks for is not always what it gets.
import assert from 'node:assert/strict';
import { spawn, spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
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

// musl has no _FORTIFY_SOURCE: native/musl/fortify.h stands in, here with the C library that there is.
test('what is linked with musl checks writes to arrays', {
  skip: spawnSync('cc', ['--version']).status !== 0 && 'there is no compiler',
}, () => {
  const dir = mkdtempSync(path.join(tmpdir(), 'ocirt-test-'));
  try {
    const source = path.join(dir, 'overflow.c');
    writeFileSync(
      source,
      `#include <stdlib.h>
       int main(int argc, char **argv) {
         char at[8];
         size_t size = (size_t)atoi(argv[2]);
         switch (argv[1][0]) {
           case 'm': memcpy(at, "0123456789abcdef", size); break;
           case 'v': memmove(at, "0123456789abcdef", size); break;
           case 's': memset(at, 'x', size); break;
           case 'c': strcpy(at, argv[2]); break;
           case 'p': snprintf(at, size, "%d", argc); break;
           case 'r': if (read(0, at, size) < 0) return 1; break;
         }
         __asm__ volatile("" : : "r"(at) : "memory");
         return 0;
       }`,
    );
    const musl = path.join(root, 'native/musl');
    const program = path.join(dir, 'overflow');
    const flags = ['-O2', '-w', '-U_FORTIFY_SOURCE', '-D_GNU_SOURCE', '-fno-stack-protector'];
    tool(
      'cc',
      '-c',
      ...flags,
      '-include',
      path.join(musl, 'fortify.h'),
      source,
      '-o',
      `${program}.o`,
    );
    tool('c++', ...flags, path.join(musl, 'fortify.cc'), `${program}.o`, '-o', program);
    for (const call of ['m', 'v', 's', 'c', 'p', 'r']) {
      const run = (size) => spawnSync(program, [call, size], { input: 'x' }).signal;
      assert.equal(run(call === 'c' ? '1234567' : '8'), null, call);
      assert.match(run(call === 'c' ? '12345678' : '9') ?? '', /SIGABRT|SIGILL/, call);
    }
  } finally {
    rmSync(dir, { recursive: true });
  }
});

/**
 * Where what `pid` may write to of its file begins, from the start of the file: `least` or more once the rest is
 * read-only.
 */
async function writableFrom(pid, file, least) {
  let from;
  for (let tries = 0; tries < 500; tries++) {
    const own = readFileSync(`/proc/${pid}/maps`, 'utf8')
      .split('\n')
      .filter((line) => line.endsWith(file))
      .map((line) => ({ at: Number.parseInt(line.split('-')[0] ?? '', 16), line }));
    const first = own.find(({ line }) => / r--p 00000000 /.test(line))?.at ?? 0;
    // Not what was moved to an address of its own: the heap image. With the GNU C library that leaves a gap.
    const writable = own.find(({ at, line }) => at > first && / rw.p /.test(line));
    if (first > 0 && writable !== undefined) from = writable.at - first;
    if (from >= least) return from;
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
  return from;
}

// musl leaves it to the program. Both wait: for a plan, for a container's event.
for (const [file, args] of [
  ['dist/native/ocirt-init', ['3']],
  ['dist/ocirt', ['events', '--all']],
]) {
  const binary = path.join(root, file);
  test(`${file} protects its relocations`, {
    skip: !existsSync(binary) && 'it is not built',
  }, async () => {
    const child = spawn(binary, args, { stdio: ['ignore', 'ignore', 'ignore', 'pipe'] });
    try {
      const relro = /GNU_RELRO +0x\w+ 0x(\w+) \S+ \S+ 0x(\w+)/.exec(
        tool('readelf', '--program-headers', '--wide', binary),
      );
      assert.ok(relro);
      const end = Number.parseInt(relro[1], 16) + Number.parseInt(relro[2], 16);
      const from = await writableFrom(child.pid, file, end);
      assert.ok(
        from !== undefined && from >= end,
        `writable from ${from}, relocations end at ${end}`,
      );
    } finally {
      child.kill('SIGKILL');
    }
  });
}
