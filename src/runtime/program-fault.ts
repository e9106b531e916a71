/**
 * Why the kernel refused to execute a program that is there and may be executed (execve(2)): its
 * interpreter or loader is missing, it is for another processor, or it is no program. Told by what
 * the file begins with.
 */
import type { Binding } from '../native/binding.js';
import type { HelperError, HelperMessage } from '../plan/messages.js';
import { errnoName } from './errno.js';

/** Code and hint of a fault. */
export interface FaultAdvice {
  readonly code: string;
  readonly hint?: string | undefined;
}

/** The helper reads one file: where nothing comes in this time, a seccomp filter holds it. */
const HEAD_TIMEOUT_MS = 2000;

/** e_machine of elf(5) by the name that uname(2) has for it; <linux/elf-em.h>. */
const MACHINES: Readonly<Record<number, string>> = {
  2: 'sparc',
  3: 'i386',
  8: 'mips',
  20: 'ppc',
  21: 'ppc64',
  22: 's390x',
  40: 'arm',
  43: 'sparc64',
  62: 'x86_64',
  183: 'aarch64',
  243: 'riscv64',
  258: 'loongarch64',
};

/** Machines that run programs of another name as well. */
const RUNS_TOO: Readonly<Record<string, readonly string[]>> = {
  x86_64: ['i386'],
  aarch64: ['arm'],
  ppc64le: ['ppc64', 'ppc'],
};

export interface Elf {
  /** uname(2)'s name, or `machine N`. */
  readonly machine: string;
  /** The loader of a dynamic program (PT_INTERP); absent: static, or not in what was read. */
  readonly loader?: string;
}

const text = (bytes: Uint8Array): string =>
  Array.from(bytes, (byte) => String.fromCharCode(byte)).join('');

/** The interpreter of a script's first line; undefined where it is none. A final CR is kept. */
export function scriptInterpreter(head: Uint8Array): string | undefined {
  return /^#![ \t]*([^ \t\n]+)/.exec(text(head.subarray(0, 256)))?.[1];
}

/** Reads an ELF header and, where its table of segments was read too, the loader's path. */
export function readElf(head: Uint8Array): Elf | undefined {
  if (head.length < 52 || text(head.subarray(0, 4)) !== '\x7fELF') return undefined;
  const view = new DataView(head.buffer, head.byteOffset, head.byteLength);
  const wide = head[4] === 2;
  const little = head[5] === 1;
  const number = view.getUint16(18, little);
  const machine = MACHINES[number] ?? `machine ${number}`;
  const word = (at: number): number =>
    wide ? Number(view.getBigUint64(at, little)) : view.getUint32(at, little);
  if (wide && head.length < 64) return { machine };
  const table = word(wide ? 32 : 28);
  const entry = view.getUint16(wide ? 54 : 42, little);
  const count = view.getUint16(wide ? 56 : 44, little);
  for (let index = 0; index < count; index++) {
    const at = table + index * entry;
    if (at + (wide ? 56 : 32) > head.length) break;
    if (view.getUint32(at, little) !== PT_INTERP) continue;
    const from = word(at + (wide ? 8 : 4));
    const size = word(at + (wide ? 32 : 16));
    if (from + size > head.length) break;
    return { machine, loader: text(head.subarray(from, from + size)).replace(/\0.*$/s, '') };
  }
  return { machine };
}

const PT_INTERP = 3;

/**
 * What is wrong with a program that execve(2) has refused.
 *
 * @param machine of this host, as uname(2) says it
 */
export function programFault(error: HelperError, head: Uint8Array, machine: string): FaultAdvice {
  const reason = errnoName(error.errno);
  const elf = readElf(head);
  if (reason === 'ENOENT') return withoutInterpreter(head, elf);
  if (reason === 'EACCES' || reason === 'EPERM') {
    return {
      code: 'not-executable',
      hint: 'see the permissions of the program and of its interpreter, and whether their file system is mounted noexec',
    };
  }
  if (reason !== 'ENOEXEC') return { code: 'exec-failed' };
  if (elf !== undefined && elf.machine !== machine) {
    if (!(RUNS_TOO[machine] ?? []).includes(elf.machine)) {
      return {
        code: 'wrong-architecture',
        hint: `the program is for ${elf.machine} and this host is ${machine}: take an image for ${machine}, or install an emulator (qemu-user-static with binfmt-support)`,
      };
    }
  }
  const empty = head.length === 0;
  return {
    code: 'no-program',
    hint: empty
      ? 'the file is empty'
      : 'the file is neither an ELF program nor a script: a script begins with a line such as #!/bin/sh',
  };
}

function withoutInterpreter(head: Uint8Array, elf: Elf | undefined): FaultAdvice {
  const interpreter = scriptInterpreter(head);
  if (interpreter?.endsWith('\r') === true) {
    return {
      code: 'interpreter-missing',
      hint: `the script's first line asks for "${interpreter.slice(0, -1)}" and a carriage return: save it with the line ends of Unix (sed -i 's/\\r$//' FILE)`,
    };
  }
  if (interpreter !== undefined) {
    return {
      code: 'interpreter-missing',
      hint: `the script's first line asks for ${interpreter}, which is not in the container's root: put it there, or name another interpreter`,
    };
  }
  if (elf?.loader !== undefined) {
    return {
      code: 'loader-missing',
      hint: `the program is linked dynamically, and its loader ${elf.loader} is not in the container's root: put it there with the libraries that "ldd PROGRAM" names, or link the program statically`,
    };
  }
  return {
    code: 'interpreter-missing',
    hint: 'the file is there: what is missing is its interpreter or loader',
  };
}

/**
 * Waits for what the helper sends behind the error of a refused `exec`.
 * @returns undefined where nothing comes: the program can't be read, or a filter is in the way
 */
export function receiveProgram(
  native: Binding,
  channel: number,
  error: HelperError,
): FaultAdvice | undefined {
  if (error.op !== 'exec') return undefined;
  try {
    const message = native.channelReceive(channel, HEAD_TIMEOUT_MS) as HelperMessage | null;
    if (message?.type !== 'program') return undefined;
    return programFault(error, message.head, native.system().machine);
  } catch {
    // The helper was ended by the filter of the container, for reading: there is less to say.
    return undefined;
  }
}
