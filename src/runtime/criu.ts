/** Talking to CRIU: one process of it, `criu swrk`, for one request. https://criu.org/RPC */
import type { Membership } from '../cgroup/types.js';
import {
  type CriuAnswer,
  type CriuFeatures,
  type CriuOptions,
  decodeAnswer,
  encodeRequest,
  KIND,
} from '../criu/messages.js';
import { type CriuProgram, servicePlan } from '../criu/plans.js';
import { OcirtError } from '../errors.js';
import type { Plan } from '../plan/plan.js';
import type { Runtime } from './context.js';
import { keepCgroup2Options } from './criu-cgroup.js';
import { quoteLog } from './criu-log.js';
import { errnoOf, messageOf, wrap } from './errors.js';
import { launch } from './launch.js';

const DEFAULT_PATH = '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin';
/** Older ones do not tell when a page server is ready, and know no external pid namespace. */
const LEAST_VERSION = 31500;
/** An answer is a few hundred bytes. */
const LONGEST_ANSWER = 65536;

/** An event of a dump or a restore, which CRIU waits for the handling of. */
export interface Notification {
  readonly script: string;
  /** The container's first process, where there is one. */
  readonly pid: number;
  /** A descriptor that came with it, or -1. Whoever uses it up sets it to -1. */
  fd: number;
}

export interface ServiceRequest {
  readonly plan: (program: CriuProgram) => Plan;
  /** What is given to CRIU, under its number. */
  readonly keep: readonly number[];
  readonly preserveFds: number;
  readonly cgroup: Membership & { readonly join: (pid: number) => void };
  readonly onSpawned: (pid: number) => void;
}

/** For dumps and questions: CRIU stays where we are. */
export const PLAIN: ServiceRequest = {
  plan: servicePlan,
  keep: [],
  preserveFds: 0,
  cgroup: { bornIn: null, tasks: [], attach: [], join() {} },
  onSpawned() {},
};

/** @throws OcirtError `criu-missing` */
export function findCriu(runtime: Runtime): string {
  const { native } = runtime;
  const asked = runtime.criu ?? 'criu';
  const search = native.environment([]).PATH || DEFAULT_PATH;
  const candidates = asked.includes('/')
    ? [asked]
    : search.split(':').map((directory) => `${directory}/${asked}`);
  const found = candidates.find((file) => {
    const status = file.startsWith('/') ? native.status(file, true) : null;
    return status?.type === 'file' && (status.mode & 0o111) !== 0;
  });
  if (found !== undefined) return found;
  const reason = asked.includes('/')
    ? `exec: "${asked}": no such executable file`
    : `exec: "${asked}": executable file not found in $PATH`;
  throw new OcirtError('criu-missing', `checkpoint and restore are done by CRIU: ${reason}`, {
    path: asked.includes('/') ? asked : search,
    hint: 'install the package criu (version 3.15 or newer), or name the program with --criu FILE before the verb',
  });
}

/** runc's name of a kind of answer, for its message. */
const KIND_NAMES: Readonly<Record<number, string>> = {
  [KIND.dump]: 'DUMP',
  [KIND.restore]: 'RESTORE',
  [KIND.preDump]: 'PRE_DUMP',
  [KIND.notify]: 'NOTIFY',
  [KIND.featureCheck]: 'FEATURE_CHECK',
  [KIND.version]: 'VERSION',
};

interface Received {
  readonly answer: CriuAnswer;
  readonly fd: number;
}

/** A running `criu swrk`. `end` is a must, however it went. */
export class CriuService {
  readonly #runtime: Runtime;
  readonly #socket: number;
  readonly #pid: number;
  readonly #giveBackOptions: () => void;
  #reaped = false;
  /** MAJOR * 10000 + MINOR * 100 + SUBLEVEL */
  readonly version: number;

  constructor(runtime: Runtime, request: ServiceRequest = PLAIN) {
    const { native } = runtime;
    this.#runtime = runtime;
    const path = findCriu(runtime);
    this.#giveBackOptions = keepCgroup2Options(runtime);
    const [ours, socket] = native.packetPair();
    this.#socket = ours;
    try {
      const program: CriuProgram = {
        path,
        env: Object.entries({ PATH: DEFAULT_PATH, ...native.environment([]) }).map(
          ([name, value]) => `${name}=${value}`,
        ),
        socket,
        keep: request.keep,
        preserveFds: request.preserveFds,
      };
      const launched = launch(runtime, {
        plan: request.plan(program),
        given: {},
        cgroup: request.cgroup,
        preserveFds: request.preserveFds,
        keepFds: [socket, ...request.keep],
        onSpawned: request.onSpawned,
        onPid() {},
        onSync() {},
        onListener() {},
        onReady() {},
        explainDeath: () => undefined,
      });
      if (launched.pidfd >= 0) native.close([launched.pidfd]);
      this.#pid = launched.pid;
    } catch (error) {
      native.close([ours]);
      throw error;
    } finally {
      // Its end is CRIU's alone: only so is the end of CRIU the end of the connection.
      native.close([socket]);
    }
    try {
      this.version = this.#askVersion(path);
    } catch (error) {
      this.end();
      throw error;
    }
  }

  get pid(): number {
    return this.#pid;
  }

  #send(request: Parameters<typeof encodeRequest>[0]): void {
    try {
      this.#runtime.native.sendBytes(this.#socket, encodeRequest(request));
    } catch (error) {
      // It has ended: what it says, or that it says nothing, is the better message.
      if (!['EPIPE', 'ECONNRESET'].includes(errnoOf(error))) throw error;
    }
  }

  #receive(): Received {
    const { native } = this.#runtime;
    let packet: { data: Uint8Array; fd: number };
    try {
      packet = native.receivePacket(this.#socket, LONGEST_ANSWER, -1);
    } catch (error) {
      if (errnoOf(error) !== 'ECONNRESET') throw error;
      packet = { data: new Uint8Array(), fd: -1 };
    }
    if (packet.data.length > 0) return { answer: decodeAnswer(packet.data), fd: packet.fd };
    const status = native.waitChild(this.#pid, true);
    this.#reaped = true;
    const how =
      status === null
        ? 'without a word'
        : status.signal > 0
          ? `by signal ${status.signal}`
          : `with status ${status.exitCode}`;
    throw new OcirtError('criu-failed', `criu failed: it ended ${how}`);
  }

  #askVersion(path: string): number {
    this.#send({ type: KIND.version, keepOpen: true });
    const { version } = this.#receive().answer;
    const { major = 0, minor = 0, sublevel = 0 } = version ?? {};
    const number = major * 10000 + minor * 100 + sublevel;
    this.#runtime.log.debug(`Using CRIU ${number}`);
    if (number < LEAST_VERSION) {
      throw new OcirtError(
        'criu-too-old',
        `CRIU version ${number} must be ${LEAST_VERSION} or higher`,
        { path },
      );
    }
    return number;
  }

  /** @throws OcirtError `criu-feature-missing` where one that is asked for is not there */
  checkFeatures(wanted: CriuFeatures): void {
    if (Object.keys(wanted).length === 0) return;
    this.#send({ type: KIND.featureCheck, keepOpen: true, features: wanted });
    const { features = {} } = this.#receive().answer;
    const missing: string[] = [];
    if (wanted.memTrack === true && features.memTrack !== true) missing.push('MemTrack');
    if (wanted.lazyPages === true && features.lazyPages !== true) missing.push('LazyPages');
    if (missing.length === 0) return;
    throw new OcirtError(
      'criu-feature-missing',
      `criu is missing features: [${missing.join(' ')}]`,
      {
        hint: missing.includes('MemTrack')
          ? 'the kernel cannot track changed memory (CONFIG_MEM_SOFT_DIRTY): a dump without --pre-dump and --parent-path works'
          : 'the kernel lacks what userfaultfd(2) needs for it',
      },
    );
  }

  /**
   * One request to its end. What `notify` throws makes CRIU give up, and is thrown again.
   *
   * @param log where CRIU writes what it does
   * @returns the pid that a restore tells
   */
  request(
    kind: number,
    opts: CriuOptions,
    log: string,
    notify: (notification: Notification) => void,
  ): number {
    const { native } = this.#runtime;
    this.#send({ type: kind, opts });
    let failure: unknown;
    for (;;) {
      let received: Received;
      try {
        received = this.#receive();
      } catch (error) {
        if (failure !== undefined) throw failure;
        throw this.#explain(wrap(error, 'criu-failed', 'criu failed'), log);
      }
      const { answer, fd } = received;
      if (answer.type === KIND.notify && answer.notify !== undefined) {
        const { script = '', pid = 0 } = answer.notify;
        this.#runtime.log.debug(`notify: ${script}`);
        const notification: Notification = { script, pid, fd };
        try {
          notify(notification);
        } catch (error) {
          failure ??= error;
        }
        if (notification.fd >= 0) native.close([notification.fd]);
        this.#send({ type: KIND.notify, notifySuccess: failure === undefined });
        continue;
      }
      if (fd >= 0) native.close([fd]);
      if (failure !== undefined) throw failure;
      if (answer.success !== true || answer.type !== kind) {
        const name = KIND_NAMES[answer.type ?? 0] ?? String(answer.type);
        const code = answer.crErrno ?? 0;
        throw this.#explain(
          new OcirtError('criu-failed', `criu failed: type ${name} errno ${code}`),
          log,
          answer.crErrmsg?.trim() ?? '',
        );
      }
      return answer.restore?.pid ?? 0;
    }
  }

  /** The error with the last words of CRIU's log in it; the log keeps them all. */
  #explain(error: OcirtError, file: string, said = ''): OcirtError {
    const { lines, last: logged } = quoteLog(this.#runtime.native, file);
    const last = logged === '' ? said : logged;
    if (lines.length > 0) {
      this.#runtime.log.warn(`--- Quoting "${file}"`);
      for (const line of lines) this.#runtime.log.warn(line);
      this.#runtime.log.warn('---');
    }
    return new OcirtError(
      error.code,
      `${error.message}${last === '' ? '' : `: ${last}`} (log file: ${file})`,
      { path: file, cause: error },
    );
  }

  /** Ends the connection, and with it CRIU; waits for that. */
  end(): void {
    const { native, log } = this.#runtime;
    native.close([this.#socket]);
    if (!this.#reaped) {
      this.#reaped = true;
      try {
        native.waitChild(this.#pid, true);
      } catch (error) {
        log.warn(`waiting for criu: ${messageOf(error)}`);
      }
    }
    this.#giveBackOptions();
  }
}
