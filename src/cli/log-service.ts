/**
 * Logs that go to a service of the host, over its datagram socket: the journal by its native protocol
 * (systemd's "Native Journal Protocol"), or whoever listens on /dev/log, by RFC 3164.
 */
import { encodeUtf8 } from '../dbus/utf8.js';
import { OcirtError } from '../errors.js';
import type { Binding } from '../native/binding.js';
import { NAME } from '../version.js';
import type { Fields, Level, Send } from './log.js';

const JOURNAL = '/run/systemd/journal/socket';
const SYSLOG = '/dev/log';
/** LOG_DAEMON of syslog(3). */
const FACILITY = 3;
/** Severities of syslog(3). */
const SEVERITY: Readonly<Record<Level, number>> = { error: 3, warning: 4, debug: 7 };

/** One field of the journal: on one line, or, where the value has several, with its length before it. */
function field(name: string, value: string): number[] {
  const bytes = encodeUtf8(value);
  if (!value.includes('\n')) return [...encodeUtf8(`${name}=`), ...bytes, 10];
  const length = Array.from({ length: 8 }, (_, at) =>
    at < 4 ? (bytes.length >>> (8 * at)) & 0xff : 0,
  );
  return [...encodeUtf8(`${name}\n`), ...length, ...bytes, 10];
}

/** A message of the journal's native protocol. What an error says beside its message has fields OCIRT_*. */
export function journalMessage(
  identifier: string,
  level: Level,
  message: string,
  fields: Fields,
): Uint8Array {
  const parts: (readonly [string, string])[] = [
    ['MESSAGE', message],
    ['PRIORITY', String(SEVERITY[level])],
    ['SYSLOG_IDENTIFIER', identifier],
    ['SYSLOG_FACILITY', String(FACILITY)],
  ];
  for (const [key, value] of Object.entries(fields)) {
    parts.push([`${NAME}_${key}`.toUpperCase().replaceAll(/[^A-Z0-9_]/g, '_'), value]);
  }
  return Uint8Array.from(parts.flatMap(([name, value]) => field(name, value)));
}

/** A message of RFC 3164, without the time: who receives it knows it. */
export function syslogMessage(
  identifier: string,
  pid: number,
  level: Level,
  message: string,
  fields: Fields,
): string {
  const more = Object.entries(fields).map(([key, value]) => ` ${key}=${JSON.stringify(value)}`);
  const text = `${message}${more.join('')}`.replaceAll('\n', ' ');
  return `<${FACILITY * 8 + SEVERITY[level]}>${identifier}[${pid}]: ${text}`;
}

/**
 * Sends to a service.
 *
 * @param identifier what messages are found by; '' : the program's name
 * @throws OcirtError `log-failed` where nobody listens
 */
export function openService(
  native: Binding,
  service: 'journald' | 'syslog',
  identifier: string,
): Send {
  const path = service === 'journald' ? JOURNAL : SYSLOG;
  const name = identifier === '' ? NAME : identifier;
  if (native.status(path, true)?.type !== 'socket') {
    throw new OcirtError('log-failed', `unable to open the log: ${service} is not there`, {
      path,
      hint: 'name a file with --log',
    });
  }
  const { pid } = native.identity();
  return (level, message, fields) => {
    try {
      native.sendDatagram(
        path,
        service === 'journald'
          ? journalMessage(name, level, message, fields)
          : syslogMessage(name, pid, level, message, fields),
        -1,
        // A service that hangs, with its queue full, must hold no container up.
        false,
      );
      return true;
    } catch {
      return false;
    }
  };
}
