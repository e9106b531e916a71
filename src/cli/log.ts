/**
 * Diagnostics, in the two formats that engines read: logrus's text and its JSON. With --log they
 * go to that file or service; an error's message is then said on stderr as well, as runc does.
 */
import type { OcirtError } from '../errors.js';
import type { Binding } from '../native/binding.js';
import type { Log } from '../runtime/context.js';
import { messageOf, wrap } from '../runtime/errors.js';
import { formatSeconds } from '../runtime/time.js';

export type Level = 'debug' | 'warning' | 'error';
export type Format = 'text' | 'json';
export type Fields = Readonly<Record<string, string>>;

/** Quotes a value where it has more in it than letters, digits and -._/@^+ */
function quoteText(value: string): string {
  return /^[A-Za-z0-9\-._/@^+]+$/.test(value) ? value : JSON.stringify(value);
}

/** One line of the log. */
export function formatLine(
  format: Format,
  time: string,
  level: Level,
  message: string,
  fields: Fields = {},
): string {
  if (format === 'json') return `${JSON.stringify({ level, msg: message, time, ...fields })}\n`;
  const more = Object.entries(fields).map(([key, value]) => ` ${key}=${quoteText(value)}`);
  return `time="${time}" level=${level} msg=${quoteText(message)}${more.join('')}\n`;
}

/** What an error says beside its message. */
export function errorFields(error: OcirtError): Fields {
  const fields: Record<string, string> = { code: error.code };
  for (const key of ['step', 'syscall', 'errno', 'path', 'pointer', 'hint'] as const) {
    const value = error[key];
    if (value !== undefined && value !== '') fields[key] = value;
  }
  if (error.cleanup.length > 0) fields.cleanup = error.cleanup.map(messageOf).join('; ');
  return fields;
}

export interface CliLog extends Log {
  /**
   * Reports the error that ends the program.
   * @param plain on stderr, the message alone: a program's own failure to execute
   */
  fatal(message: string, fields: Fields, plain?: boolean): void;
}

/** Sends to a service of the host. @returns false where it takes nothing any more */
export type Send = (level: Level, message: string, fields: Fields) => boolean;

export interface LogOptions {
  /** Appended to. With neither this nor `send`: standard error. */
  readonly file?: string;
  readonly send?: Send;
  readonly format: Format;
  /** The least of what is said. */
  readonly level: Level;
}

const RANK: Readonly<Record<Level, number>> = { error: 0, warning: 1, debug: 2 };

const STDERR = 2;

/**
 * For a terminal: what steers it is shown and not done. Parts of a message may be the container's own
 * words, such as the first line of a script.
 */
export function withoutControls(text: string): string {
  return text.replaceAll(
    // biome-ignore lint/suspicious/noControlCharactersInRegex: these are what it is about
    /[\0-\x08\x0b-\x1f\x7f-\x9f]/g,
    (character) => `\\x${character.charCodeAt(0).toString(16).padStart(2, '0')}`,
  );
}

/** Writes to a descriptor whose reader may be gone: that is no failure of ours. */
export function writeQuietly(native: Binding, fd: number, text: string): void {
  try {
    native.write(fd, text);
  } catch {
    // EPIPE, or a closed descriptor: there is nobody to tell.
  }
}

/**
 * Makes the log's file where it is missing. Whoever names one reads errors there and nowhere else:
 * one that cannot be written is an error by itself.
 *
 * @throws OcirtError `log-failed`
 */
export function checkLogFile(native: Binding, file: string): void {
  try {
    // Not kept open: a descriptor of ours would be taken for one that the caller passes on.
    native.close([native.open(file, ['write', 'create', 'append'], 0o644)]);
  } catch (error) {
    throw wrap(error, 'log-failed', 'unable to open the log');
  }
}

export function openLog(native: Binding, options: LogOptions): CliLog {
  const { file, send } = options;
  const elsewhere = file !== undefined || send !== undefined;
  const emit = (level: Level, message: string, fields?: Fields): void => {
    if (RANK[level] > RANK[options.level]) return;
    if (send?.(level, message, fields ?? {}) === true) return;
    const time = formatSeconds(native.clock().realtimeNs);
    const line = formatLine(options.format, time, level, message, fields);
    if (file === undefined) {
      writeQuietly(native, STDERR, line);
      return;
    }
    const failures = native.writeFiles([{ path: file, data: line, create: 0o644, append: true }]);
    if (failures.length > 0) writeQuietly(native, STDERR, line);
  };
  return {
    apart: elsewhere,
    debug: (message) => emit('debug', message),
    warn: (message, fields) => emit('warning', message, fields),
    error: (message) => emit('error', message),
    fatal(message, fields, wantsPlain = false) {
      const plain = wantsPlain && options.format === 'text';
      if (elsewhere || !plain) emit('error', message, fields);
      if (!elsewhere && !plain) return;
      // Who reads that through a pipe expects one line, which is runc's; people are told more.
      if (!native.isTerminal(STDERR)) return writeQuietly(native, STDERR, `${message}\n`);
      const hint = fields.hint === undefined ? '' : `  ${fields.hint}\n`;
      writeQuietly(native, STDERR, withoutControls(`${message}\n${hint}`));
    },
  };
}
