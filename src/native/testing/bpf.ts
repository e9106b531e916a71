/** Runs a classic BPF program of seccomp on one system call, as the kernel would: for tests. */

export const AUDIT_ARCH = { x86_64: 0xc000003e, i386: 0x40000003, aarch64: 0xc00000b7 } as const;

/** SECCOMP_RET_*, <linux/seccomp.h>. */
export const RET = { ALLOW: 0x7fff0000, ERRNO: 0x00050000, KILL_THREAD: 0 } as const;

export interface SystemCall {
  readonly arch: number;
  readonly nr: number;
  readonly args?: readonly bigint[];
}

/** struct seccomp_data: nr, arch, instruction pointer, six arguments of 64 bits. */
function word(call: SystemCall, offset: number): number {
  if (offset === 0) return call.nr >>> 0;
  if (offset === 4) return call.arch >>> 0;
  if (offset < 16) return 0;
  const value = call.args?.[Math.floor((offset - 16) / 8)] ?? 0n;
  return Number(BigInt.asUintN(32, offset % 8 === 0 ? value : value >> 32n));
}

/** What the program returns for `call`. Throws for an instruction that seccomp does not allow. */
export function runFilter(program: Uint8Array, call: SystemCall): number {
  const view = new DataView(program.buffer, program.byteOffset, program.byteLength);
  const memory: number[] = [];
  let a = 0;
  for (let pc = 0; ; pc++) {
    const at = pc * 8;
    const yes = view.getUint8(at + 2);
    const no = view.getUint8(at + 3);
    const k = view.getUint32(at + 4, true);
    const jump = (condition: boolean) => {
      pc += condition ? yes : no;
    };
    switch (view.getUint16(at, true)) {
      case 0x20: // ld [k]
        a = word(call, k);
        break;
      case 0x02: // st M[k]
        memory[k] = a;
        break;
      case 0x60: // ld M[k]
        a = memory[k] ?? 0;
        break;
      case 0x54: // and
        a = (a & k) >>> 0;
        break;
      case 0x05: // ja
        pc += k;
        break;
      case 0x15:
        jump(a === k);
        break;
      case 0x25:
        jump(a > k);
        break;
      case 0x35:
        jump(a >= k);
        break;
      case 0x45:
        jump((a & k) !== 0);
        break;
      case 0x06: // ret
        return k;
      default:
        throw new Error(`instruction ${pc}: code ${view.getUint16(at, true).toString(16)}`);
    }
  }
}
