/** Which log the global options ask for. */
import { OcirtError } from '../errors.js';
import type { Binding } from '../native/binding.js';
import { logFormat } from './globals.js';
import { type CliLog, checkLogFile, type Level, type LogOptions, openLog } from './log.js';
import type { OptionValues } from './verb.js';

/** Destinations that are no file; the rest of the text is the name that messages carry. */
const SERVICES = ['journald', 'syslog'] as const;

/** Warnings are shown if nothing is said, as runc does. */
function levelOf(options: OptionValues): Level {
  if (options.flag('debug') === true) return 'debug';
  const level = options.text('log-level') ?? 'warning';
  if (level === 'error' || level === 'warning' || level === 'debug') return level;
  throw new OcirtError('usage', `invalid log-level: ${level} is not error, warning or debug`);
}

/**
 * Opens it. A destination that cannot be written to is an error by itself.
 *
 * @throws OcirtError `log-failed`, `usage`
 */
export async function chooseLog(native: Binding, options: OptionValues): Promise<CliLog> {
  const text = options.text('log') ?? '';
  const base = { format: logFormat(options), level: levelOf(options) };
  const service = SERVICES.find((name) => text.startsWith(`${name}:`));
  if (service !== undefined) {
    const { openService } = await import('./log-service.js');
    const send = openService(native, service, text.slice(service.length + 1));
    return openLog(native, { ...base, send } satisfies LogOptions);
  }
  const file = text.startsWith('file:') ? text.slice(5) : text;
  if (file === '') return openLog(native, base);
  checkLogFile(native, file);
  return openLog(native, { ...base, file });
}
