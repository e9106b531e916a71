/**
 * sd_notify(3) from a container to the caller's service manager, as runc does it. Where the caller has
 * a NOTIFY_SOCKET, the container gets one of its own, in a folder that is bound at /run/notify. Of what
 * it says there, that it is ready is passed on, with the pid to watch as the host sees it.
 */
import type { Config } from '../spec/config.gen.js';
import { isAlive } from '../state/process.js';
import type { ContainerRecord, ProcessMark } from '../state/record.js';
import type { Runtime } from './context.js';
import { messageOf } from './errors.js';

const FOLDER = '/run/notify';
const NAME = 'notify.sock';
/** What sd_notify_barrier(3) is commonly called with. */
const BARRIER_MS = 30_000;
const POLL_MS = 100;

/** The socket of the caller's service manager; undefined where there is none. */
export function notifySocket(environment: Readonly<Record<string, string>>): string | undefined {
  const { NOTIFY_SOCKET } = environment;
  return NOTIFY_SOCKET !== undefined && /^[/@]./.test(NOTIFY_SOCKET) ? NOTIFY_SOCKET : undefined;
}

/** The configuration of a container that can say that it is ready. @param folder on the host */
export function withNotify(config: Config, folder: string): Config {
  const { process } = config;
  if (process === undefined) return config;
  const options = ['bind', 'nosuid', 'noexec', 'nodev', 'ro'];
  return {
    ...config,
    mounts: [
      ...(config.mounts ?? []),
      { destination: FOLDER, type: 'bind', source: folder, options },
    ],
    process: { ...process, env: [...(process.env ?? []), `NOTIFY_SOCKET=${FOLDER}/${NAME}`] },
  };
}

/** A descriptor that the container's messages come to, and who is told; undefined: nobody is. */
export interface Notify {
  readonly socket: number;
  readonly host: string;
}

/** Listens, before the process executes. The caller closes the socket. */
export function listenNotify(runtime: Runtime, record: ContainerRecord): Notify | undefined {
  if (record.notify !== true) return undefined;
  const { native, store } = runtime;
  const host = notifySocket(native.environment(['NOTIFY_SOCKET']));
  if (host === undefined) return undefined;
  const path = `${store.file(record.id, 'notify')}/${NAME}`;
  // That of a start that was killed.
  if (native.status(path, false) !== null) native.removeFile(path);
  return { socket: native.listenDatagrams(path), host };
}

/** The line that says that the sender is ready; undefined where a message has none. */
export function readyLine(message: string): string | undefined {
  return message.split('\n').find((line) => line.startsWith('READY='));
}

/** Waits until a detached container is ready or has ended, and tells the service manager. */
export function awaitReady(runtime: Runtime, notify: Notify, init: ProcessMark): void {
  const { native, log } = runtime;
  const { pid } = init;
  // -1: it has ended already, or the kernel has none.
  const pidfd = native.openPidfd(pid);
  try {
    for (;;) {
      const ready = native.awaitDescriptors(
        [
          { fd: notify.socket, until: 'readable' },
          ...(pidfd < 0 ? [] : [{ fd: pidfd, until: 'readable' } as const]),
        ],
        pidfd < 0 ? POLL_MS : -1,
      );
      if (!ready.includes(0)) {
        if (ready.includes(1) || !isAlive(native, init)) return;
        continue;
      }
      const line = readyLine(native.decodeText(native.receiveBytes(notify.socket, 4096, 0)));
      if (line === undefined) continue;
      native.sendDatagram(notify.host, `${line}\nMAINPID=${pid}`);
      barrier(runtime, notify.host);
      return;
    }
  } catch (error) {
    log.warn(`cannot tell ${notify.host} that the container is ready: ${messageOf(error)}`);
  } finally {
    if (pidfd >= 0) native.close([pidfd]);
  }
}

/** Waits until the message has been read: it is judged by its sender, which is about to end. */
function barrier(runtime: Runtime, host: string): void {
  const { native } = runtime;
  const [ours, theirs] = native.socketPair();
  try {
    native.sendDatagram(host, 'BARRIER=1', theirs);
    native.close([theirs]);
    native.awaitDescriptors([{ fd: ours, until: 'ended' }], BARRIER_MS);
  } finally {
    native.close([ours]);
  }
}
