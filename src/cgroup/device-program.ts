/**
 * The eBPF program that stands in for the devices controller on cgroup v2.
 *
 * BPF_PROG_TYPE_CGROUP_DEVICE: its context is struct bpf_cgroup_dev_ctx, three 32-bit words:
 * access << 16 | type, major, minor. It returns 1 to allow. <linux/bpf.h>
 */
import type { DeviceException, DevicePolicy } from './devices.js';

const TYPES = { b: 1, c: 2 } as const;
const ACCESS = { m: 1, r: 2, w: 4 } as const;
const EVERY_ACCESS = ACCESS.m | ACCESS.r | ACCESS.w;

/** Opcodes: instruction class | size or operation | source. */
const OP = {
  /** BPF_LDX | BPF_MEM | BPF_W */
  LOAD_WORD: 0x61,
  /** BPF_ALU | BPF_AND | BPF_K */
  AND_IMM: 0x54,
  /** BPF_ALU | BPF_RSH | BPF_K */
  SHIFT_RIGHT_IMM: 0x74,
  /** BPF_ALU | BPF_MOV | BPF_X */
  MOVE_REG: 0xbc,
  /** BPF_ALU64 | BPF_MOV | BPF_K */
  MOVE_IMM: 0xb7,
  /** BPF_JMP32 | BPF_JNE | BPF_K: numbers of 32 bits, no sign extension. */
  JUMP_NE_IMM: 0x56,
  /** BPF_JMP32 | BPF_JEQ | BPF_K */
  JUMP_EQ_IMM: 0x16,
  /** BPF_JMP32 | BPF_JNE | BPF_X */
  JUMP_NE_REG: 0x5e,
  /** BPF_JMP | BPF_EXIT */
  EXIT: 0x95,
} as const;

/** r0 the verdict, r1 the context and later scratch, r2 type, r3 access, r4 major, r5 minor. */
const R = { VERDICT: 0, CONTEXT: 1, TYPE: 2, ACCESS: 3, MAJOR: 4, MINOR: 5 } as const;

interface Instruction {
  readonly code: number;
  readonly dst: number;
  readonly src: number;
  readonly offset: number;
  readonly imm: number;
  /** A jump to the end of its block. */
  readonly toNext?: boolean;
}

function make(
  code: number,
  dst: number,
  parts: Partial<Omit<Instruction, 'code' | 'dst'>> = {},
): Instruction {
  return { code, dst, src: 0, offset: 0, imm: 0, ...parts };
}

function verdict(allow: boolean): Instruction[] {
  return [make(OP.MOVE_IMM, R.VERDICT, { imm: allow ? 1 : 0 }), make(OP.EXIT, 0)];
}

function block(exception: DeviceException, allow: boolean): Instruction[] {
  let access = 0;
  for (const letter of exception.access) access |= ACCESS[letter as keyof typeof ACCESS];
  const body: Instruction[] = [
    make(OP.JUMP_NE_IMM, R.TYPE, { imm: TYPES[exception.type], toNext: true }),
  ];
  if (access !== EVERY_ACCESS) {
    body.push(
      make(OP.MOVE_REG, R.CONTEXT, { src: R.ACCESS }),
      make(OP.AND_IMM, R.CONTEXT, { imm: access }),
      // Allowed only if all that is wanted is granted; denied if any of it is.
      allow
        ? make(OP.JUMP_NE_REG, R.CONTEXT, { src: R.ACCESS, toNext: true })
        : make(OP.JUMP_EQ_IMM, R.CONTEXT, { imm: 0, toNext: true }),
    );
  }
  if (exception.major !== null) {
    body.push(make(OP.JUMP_NE_IMM, R.MAJOR, { imm: exception.major, toNext: true }));
  }
  if (exception.minor !== null) {
    body.push(make(OP.JUMP_NE_IMM, R.MINOR, { imm: exception.minor, toNext: true }));
  }
  body.push(...verdict(allow));
  return body.map((instruction, index) =>
    instruction.toNext === true ? { ...instruction, offset: body.length - index - 1 } : instruction,
  );
}

/** The program, as an array of struct bpf_insn in little-endian order. */
export function deviceProgram(policy: DevicePolicy): Uint8Array {
  const instructions = [
    make(OP.LOAD_WORD, R.TYPE, { src: R.CONTEXT, offset: 0 }),
    make(OP.AND_IMM, R.TYPE, { imm: 0xffff }),
    make(OP.LOAD_WORD, R.ACCESS, { src: R.CONTEXT, offset: 0 }),
    make(OP.SHIFT_RIGHT_IMM, R.ACCESS, { imm: 16 }),
    make(OP.LOAD_WORD, R.MAJOR, { src: R.CONTEXT, offset: 4 }),
    make(OP.LOAD_WORD, R.MINOR, { src: R.CONTEXT, offset: 8 }),
    ...policy.exceptions.flatMap((exception) => block(exception, !policy.defaultAllow)),
    ...verdict(policy.defaultAllow),
  ];
  const bytes = new Uint8Array(instructions.length * 8);
  const view = new DataView(bytes.buffer);
  instructions.forEach(({ code, dst, src, offset, imm }, index) => {
    view.setUint8(index * 8, code);
    view.setUint8(index * 8 + 1, dst | (src << 4));
    view.setInt16(index * 8 + 2, offset, true);
    view.setInt32(index * 8 + 4, imm | 0, true);
  });
  return bytes;
}
