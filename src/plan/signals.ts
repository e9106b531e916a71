/** Signals by name: signal(7), x86 and arm numbers. */

export const SIGNALS: Readonly<Record<string, number>> = {
  HUP: 1,
  INT: 2,
  QUIT: 3,
  ILL: 4,
  TRAP: 5,
  ABRT: 6,
  IOT: 6,
  BUS: 7,
  FPE: 8,
  KILL: 9,
  USR1: 10,
  SEGV: 11,
  USR2: 12,
  PIPE: 13,
  ALRM: 14,
  TERM: 15,
  STKFLT: 16,
  CHLD: 17,
  CLD: 17,
  CONT: 18,
  STOP: 19,
  TSTP: 20,
  TTIN: 21,
  TTOU: 22,
  URG: 23,
  XCPU: 24,
  XFSZ: 25,
  VTALRM: 26,
  PROF: 27,
  WINCH: 28,
  IO: 29,
  POLL: 29,
  PWR: 30,
  SYS: 31,
  // Of the C libraries: 32 and 33 are theirs.
  RTMIN: 34,
  RTMAX: 64,
};

/** The highest signal number of the kernel. */
export const LAST_SIGNAL = 64;

/**
 * The number of a signal: `KILL`, `SIGKILL`, `sigkill`, `9`, `0`, `RTMIN+1`, `SIGRTMAX-2`.
 * Undefined if there is no such signal.
 */
export function parseSignal(text: string): number | undefined {
  if (/^\d+$/.test(text)) {
    const number = Number(text);
    return number <= LAST_SIGNAL ? number : undefined;
  }
  const match = /^(?:SIG)?([A-Z][A-Z0-9]*)(?:([+-])(\d{1,2}))?$/.exec(text.toUpperCase());
  if (match === null) return undefined;
  const [, name = '', sign, offset] = match;
  const base = Object.hasOwn(SIGNALS, name) ? SIGNALS[name] : undefined;
  if (base === undefined) return undefined;
  if (sign === undefined) return base;
  const { RTMIN = 0, RTMAX = 0 } = SIGNALS;
  if (name !== (sign === '+' ? 'RTMIN' : 'RTMAX')) return undefined;
  const number = sign === '+' ? base + Number(offset) : base - Number(offset);
  return number >= RTMIN && number <= RTMAX ? number : undefined;
}

/** `SIGKILL` for 9; `SIGRTMIN+1` for 35; `signal 32` for one without a name. */
export function signalName(number: number): string {
  for (const [name, value] of Object.entries(SIGNALS)) {
    if (value === number) return `SIG${name}`;
  }
  const { RTMIN = 0 } = SIGNALS;
  return number > RTMIN && number < LAST_SIGNAL ? `SIGRTMIN+${number - RTMIN}` : `signal ${number}`;
}
