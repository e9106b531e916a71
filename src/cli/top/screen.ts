/**
 * The caller's terminal, taken over and given back: another screen, no cursor, each key at once. Every
 * signal that would end us is caught first, so that only SIGKILL leaves the terminal as it is then.
 */
import type { Binding } from '../../native/binding.js';
import { SIGNALS } from '../../plan/signals.js';
import { errnoOf } from '../../runtime/errors.js';

const STDIN = 0;
const STDOUT = 1;
const { HUP = 1, INT = 2, QUIT = 3, TERM = 15, TSTP = 20, STOP = 19, WINCH = 28 } = SIGNALS;

/** Other screen, cursor off, lines are cut and not wrapped. */
const ENTER = '\x1b[?1049h\x1b[?25l\x1b[?7l\x1b[2J';
const LEAVE = '\x1b[?7h\x1b[?25h\x1b[?1049l';

/** What ended a wait. */
export type Woken =
  | { readonly why: 'time' }
  | { readonly why: 'keys'; readonly keys: string }
  /** The size may be another, or the whole screen. */
  | { readonly why: 'screen' }
  /** The terminal is gone (0), or a signal came that ends us. */
  | { readonly why: 'end'; readonly signal: number };

export class Screen {
  readonly #native: Binding;
  readonly #signals: number;
  readonly #keys: boolean;
  #settings: Uint8Array | undefined;

  /** Takes the terminal over. Whoever makes one calls `close`. */
  constructor(native: Binding) {
    this.#native = native;
    this.#keys = native.isTerminal(STDIN);
    native.blockSignals([HUP, INT, QUIT, TERM, TSTP, WINCH]);
    this.#signals = native.signalDescriptor();
    this.#enter();
  }

  #enter(): void {
    if (this.#keys) this.#settings = this.#native.terminalKeys(STDIN);
    this.draw(ENTER);
  }

  /** Gives the terminal back. What a terminal that is gone says to that is nobody's concern. */
  close(): void {
    try {
      this.#native.write(STDOUT, LEAVE);
    } catch {
      // EIO
    }
    const settings = this.#settings;
    this.#settings = undefined;
    if (settings === undefined) return;
    try {
      this.#native.restoreTerminal(STDIN, settings);
    } catch {
      // EIO
    }
  }

  draw(text: string): void {
    this.#native.write(STDOUT, text);
  }

  size(): { readonly rows: number; readonly columns: number } {
    const { rows, columns } = this.#native.windowSize(STDOUT);
    // A line without a size, such as a serial one.
    return rows > 0 && columns > 0 ? { rows, columns } : { rows: 24, columns: 80 };
  }

  /** Waits for a key, a signal, or the end of the time. */
  wait(timeoutMs: number): Woken {
    const native = this.#native;
    const ready = native.awaitDescriptors(
      [
        { fd: this.#signals, until: 'readable' },
        { fd: STDOUT, until: 'ended' },
        ...(this.#keys ? [{ fd: STDIN, until: 'readable' } as const] : []),
      ],
      timeoutMs,
    );
    if (ready.includes(0)) return this.#signal(native.read(this.#signals, 64));
    if (ready.includes(1)) return { why: 'end', signal: 0 };
    if (!ready.includes(2)) return { why: 'time' };
    const keys = this.#read();
    return keys === '' ? { why: 'end', signal: 0 } : { why: 'keys', keys };
  }

  /** '' at the end, or where the terminal is gone. */
  #read(): string {
    try {
      return this.#native.decodeText(this.#native.read(STDIN, 256));
    } catch (error) {
      if (errnoOf(error) === 'EIO') return '';
      throw error;
    }
  }

  #signal(came: Uint8Array): Woken {
    const ends = came.find((signal) => signal !== WINCH && signal !== TSTP);
    if (ends !== undefined) return { why: 'end', signal: ends };
    if (came.includes(TSTP)) {
      // As the signal would have done: we stop here, with the terminal as the shell wants it.
      this.close();
      this.#native.kill(this.#native.identity().pid, STOP);
      this.#enter();
    }
    return { why: 'screen' };
  }
}
