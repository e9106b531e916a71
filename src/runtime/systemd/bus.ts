/**
 * A connection to an instance of systemd: over its bus, or, where there is none, the socket that
 * systemd itself listens on. Synchronous: one call at a time.
 */
import { decodeMessage, encodeMessage, type Message } from '../../dbus/message.js';
import { decodeUtf8 } from '../../dbus/utf8.js';
import { type DBusValue, isVariant } from '../../dbus/values.js';
import { OcirtError } from '../../errors.js';
import type { Binding } from '../../native/binding.js';
import { errnoOf, messageOf } from '../errors.js';
import type { BusAddress } from './addresses.js';

const BUS = { destination: 'org.freedesktop.DBus', path: '/org/freedesktop/DBus' } as const;
const SYSTEMD = {
  destination: 'org.freedesktop.systemd1',
  path: '/org/freedesktop/systemd1',
} as const;
const MANAGER = 'org.freedesktop.systemd1.Manager';

/** How long a call, and a job of systemd, may take. */
const PATIENCE_MS = 30_000;
const CHUNK = 65536;

/** systemd, or the bus, has answered with an error. */
export class BusError extends OcirtError {
  /** Such as `org.freedesktop.systemd1.NoSuchUnit`. */
  readonly errorName: string;

  constructor(errorName: string, message: string) {
    super('systemd-refused', message === '' ? errorName : message);
    this.errorName = errorName;
  }
}

/** A job of systemd that has ended. */
export interface JobEnd {
  /** `done`, `failed`, `canceled`, `timeout`, `dependency`, `skipped`. */
  readonly result: string;
}

interface Call {
  readonly destination: string;
  readonly path: string;
  readonly interface: string;
  readonly member: string;
  readonly signature?: string | undefined;
  readonly body?: readonly DBusValue[] | undefined;
}

export class Bus {
  readonly #native: Binding;
  readonly #socket: number;
  /** Without a bus between us and systemd: there are no names and nothing to subscribe to. */
  readonly #direct: boolean;
  #received = new Uint8Array(0);
  #serial = 0;
  /** Signals that came while something else was waited for. */
  readonly #signals: Message[] = [];

  private constructor(native: Binding, socket: number, direct: boolean) {
    this.#native = native;
    this.#socket = socket;
    this.#direct = direct;
  }

  /** Connects to one address. @throws an error of the core, or an OcirtError, where that fails */
  static connect(native: Binding, address: BusAddress): Bus {
    const socket = native.connectUnix(address.path);
    const bus = new Bus(native, socket, address.direct);
    try {
      bus.#authenticate();
      if (!address.direct) {
        bus.#callBus('Hello');
        // The end of a job is told by a signal; we must hear of it however soon it comes.
        bus.#callBus('AddMatch', 's', [
          `type='signal',sender='${SYSTEMD.destination}',interface='${MANAGER}',member='JobRemoved'`,
        ]);
      }
      return bus;
    } catch (error) {
      native.close([socket]);
      throw error;
    }
  }

  close(): void {
    this.#native.close([this.#socket]);
  }

  /**
   * "Authentication Protocol", EXTERNAL: the other side knows who we are from the socket. No uid is
   * said, since in a user namespace the one that we know of is not the one that it sees.
   */
  #authenticate(): void {
    this.#native.sendBytes(this.#socket, '\0AUTH EXTERNAL\r\nDATA\r\n');
    for (;;) {
      const line = this.#line();
      if (line.startsWith('OK')) break;
      if (line !== 'DATA' && !line.startsWith('DATA ')) {
        throw new OcirtError('systemd-unreachable', `the bus does not take us: ${line}`);
      }
    }
    this.#native.sendBytes(this.#socket, 'BEGIN\r\n');
  }

  #line(): string {
    for (;;) {
      const end = this.#received.indexOf(0x0a);
      if (end >= 0) {
        const line = decodeUtf8(this.#received.subarray(0, end));
        this.#received = this.#received.slice(end + 1);
        return line.trimEnd();
      }
      this.#receive();
    }
  }

  #receive(): void {
    const more = this.#native.receiveBytes(this.#socket, CHUNK, PATIENCE_MS);
    if (more.length === 0) {
      throw new OcirtError('systemd-unreachable', 'the bus has closed the connection');
    }
    const joined = new Uint8Array(this.#received.length + more.length);
    joined.set(this.#received);
    joined.set(more, this.#received.length);
    this.#received = joined;
  }

  /** The next message. */
  #next(): Message {
    for (;;) {
      const decoded = decodeMessage(this.#received);
      if (decoded !== undefined) {
        this.#received = this.#received.slice(decoded.length);
        return decoded.message;
      }
      this.#receive();
    }
  }

  #call(call: Call): readonly DBusValue[] {
    const serial = ++this.#serial;
    const { destination, signature, body = [], ...rest } = call;
    const fields = {
      ...rest,
      ...(this.#direct ? {} : { destination }),
      ...(signature === undefined || signature === '' ? {} : { signature }),
    };
    this.#native.sendBytes(this.#socket, encodeMessage({ type: 'call', serial, fields, body }));
    for (;;) {
      const message = this.#next();
      if (message.type === 'signal') this.#signals.push(message);
      if (message.fields.replySerial !== serial) continue;
      if (message.type === 'return') return message.body;
      const [text] = message.body;
      throw new BusError(
        String(message.fields.errorName ?? 'unknown error'),
        typeof text === 'string' ? text : '',
      );
    }
  }

  #callBus(member: string, signature?: string, body?: readonly DBusValue[]): void {
    this.#call({ ...BUS, interface: BUS.destination, member, signature, body });
  }

  /** Calls a method of systemd's manager. @throws BusError */
  manager(member: string, signature = '', body: readonly DBusValue[] = []): readonly DBusValue[] {
    return this.#call({ ...SYSTEMD, interface: MANAGER, member, signature, body });
  }

  /** A property of systemd's manager that is a text. */
  property(name: string): string {
    const [value] = this.#call({
      ...SYSTEMD,
      interface: 'org.freedesktop.DBus.Properties',
      member: 'Get',
      signature: 'ss',
      body: [MANAGER, name],
    });
    const inner = typeof value === 'object' && isVariant(value) ? value.value : '';
    return typeof inner === 'string' ? inner : '';
  }

  /** Calls a method that gives a job, and waits for the job's end. */
  job(member: string, signature: string, body: readonly DBusValue[]): JobEnd {
    this.#signals.length = 0;
    const [job] = this.manager(member, signature, body);
    const deadline = this.#native.clock().monotonicNs + BigInt(PATIENCE_MS) * 1_000_000n;
    for (;;) {
      const message = this.#signals.shift() ?? this.#next();
      // JobRemoved(id, job, unit, result)
      if (message.type === 'signal' && message.fields.member === 'JobRemoved') {
        if (message.body[1] === job) return { result: String(message.body[3]) };
      }
      if (this.#native.clock().monotonicNs > deadline) {
        throw new OcirtError('systemd-timeout', 'timed out: the job has not ended');
      }
    }
  }
}

/**
 * The first address that systemd answers at.
 *
 * @throws OcirtError that names them all
 */
export function connectFirst(
  native: Binding,
  addresses: readonly BusAddress[],
  user: boolean,
): Bus {
  const failures: string[] = [];
  for (const address of addresses) {
    try {
      return Bus.connect(native, address);
    } catch (error) {
      failures.push(`${address.path}: ${errnoOf(error) || messageOf(error)}`);
    }
  }
  const whose = user ? "the user's systemd" : 'systemd';
  throw new OcirtError(
    'systemd-unreachable',
    `cannot connect to ${whose} (${failures.join('; ') || 'no address is known'})`,
    {
      hint: user
        ? 'a session of the user, or lingering (loginctl enable-linger), and XDG_RUNTIME_DIR are needed; without them use cgroupfs'
        : 'systemd must run as process 1; without it use cgroupfs',
    },
  );
}
