import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { HelperError } from '../plan/messages.js';
import { programFault, readElf, scriptInterpreter } from './program-fault.js';

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);

const refused = (errno: number): HelperError => ({
  type: 'error',
  step: 0,
  op: 'exec',
  syscall: 'execve',
  errno,
  path: '/x',
  detail: '',
});

/** An ELF file of 32 or 64 bits, either order of bytes, with a loader or without (elf(5)). */
function elf(options: {
  wide: boolean;
  little: boolean;
  machine: number;
  loader?: string;
}): Uint8Array {
  const { wide, little, machine, loader = '' } = options;
  const head = new Uint8Array(1024);
  head.set([0x7f, 0x45, 0x4c, 0x46, wide ? 2 : 1, little ? 1 : 2]);
  const view = new DataView(head.buffer);
  const word = (at: number, value: number): void =>
    wide ? view.setBigUint64(at, BigInt(value), little) : view.setUint32(at, value, little);
  const entry = wide ? 56 : 32;
  const table = wide ? 64 : 52;
  view.setUint16(18, machine, little);
  word(wide ? 32 : 28, table);
  view.setUint16(wide ? 54 : 42, entry, little);
  view.setUint16(wide ? 56 : 44, loader === '' ? 1 : 2, little);
  view.setUint32(table, 1, little);
  if (loader !== '') {
    const at = table + entry;
    view.setUint32(at, 3, little);
    word(at + (wide ? 8 : 4), 512);
    word(at + (wide ? 32 : 16), loader.length + 1);
    head.set(bytes(loader), 512);
  }
  return head;
}

test('the interpreter of a script', () => {
  assert.equal(scriptInterpreter(bytes('#!/bin/sh\n')), '/bin/sh');
  assert.equal(scriptInterpreter(bytes('#! \t/usr/bin/env node\n')), '/usr/bin/env');
  assert.equal(scriptInterpreter(bytes('#!/bin/sh\r\n')), '/bin/sh\r');
  assert.equal(scriptInterpreter(bytes('#!\n/bin/sh')), undefined);
  assert.equal(scriptInterpreter(bytes('echo #!/bin/sh')), undefined);
});

for (const wide of [true, false]) {
  for (const little of [true, false]) {
    test(`ELF, ${wide ? 64 : 32} bits, ${little ? 'little' : 'big'} end first`, () => {
      const dynamic = elf({ wide, little, machine: 183, loader: '/lib/ld.so.1' });
      assert.deepEqual(readElf(dynamic), { machine: 'aarch64', loader: '/lib/ld.so.1' });
      assert.deepEqual(readElf(elf({ wide, little, machine: 999 })), { machine: 'machine 999' });
      // Cut off before, in and behind the table: whatever was read is told, and nothing thrown.
      for (let length = 0; length < dynamic.length; length++) {
        const part = readElf(dynamic.subarray(0, length));
        if (length >= 64) assert.equal(part?.machine, 'aarch64');
      }
    });
  }
}

test('a table of segments that lies far outside is passed over', () => {
  const file = elf({ wide: true, little: true, machine: 62, loader: '/l' });
  new DataView(file.buffer).setBigUint64(32, 0xffffffffffffffffn, true);
  assert.deepEqual(readElf(file), { machine: 'x86_64' });
});

for (const [title, errno, head, code, hint] of [
  ['a missing interpreter', 2, bytes('#!/bin/nosh\n'), 'interpreter-missing', /\/bin\/nosh/],
  ['a carriage return', 2, bytes('#!/bin/sh\r\n'), 'interpreter-missing', /carriage return/],
  ['neither', 2, bytes(''), 'interpreter-missing', /the file is there/],
  ['an empty file', 8, bytes(''), 'no-program', /empty/],
  ['text', 8, bytes('hi'), 'no-program', /#!\/bin\/sh/],
  ['no right', 13, bytes('#!/bin/sh'), 'not-executable', /noexec/],
  ['something else', 7, bytes('#!/bin/sh'), 'exec-failed', undefined],
] as const) {
  test(`a refused program: ${title}`, () => {
    const fault = programFault(refused(errno), head, 'x86_64');
    assert.equal(fault.code, code);
    if (hint === undefined) assert.equal(fault.hint, undefined);
    else assert.match(fault.hint ?? '', hint);
  });
}

test('a program of another machine, and one that this machine runs too', () => {
  const arm = elf({ wide: false, little: true, machine: 40 });
  assert.equal(programFault(refused(8), arm, 'x86_64').code, 'wrong-architecture');
  assert.equal(programFault(refused(8), arm, 'aarch64').code, 'no-program');
  const dynamic = elf({ wide: true, little: true, machine: 62, loader: '/lib64/ld' });
  assert.equal(programFault(refused(2), dynamic, 'x86_64').code, 'loader-missing');
});
