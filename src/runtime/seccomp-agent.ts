/**
 * The agent that answers SCMP_ACT_NOTIFY: it is given the listener of each new filter
 * (config-linux.md, "The Container Process State").
 */
import { OcirtError } from '../errors.js';
import type { Plan } from '../plan/plan.js';
import { NEW_LISTENER } from '../plan/seccomp.js';
import type { Config } from '../spec/config.gen.js';
import type { ContainerRecord } from '../state/record.js';
import type { Status } from '../state/status.js';
import type { Runtime } from './context.js';
import { wrap } from './errors.js';
import { ociState } from './hooks.js';

/** How long a helper that has announced a listener may take to send it. */
const PATIENCE_MS = 10_000;

const FAILED = 'failed to connect with seccomp agent';

/**
 * Fails where a plan asks an agent and there is no socket. Only looks: the agent is called when
 * the filter is there, and would take a connection that says nothing for a container.
 */
export function checkAgent(runtime: Runtime, plan: Plan, config: Config): void {
  const path = config.linux?.seccomp?.listenerPath ?? '';
  if (path === '') return;
  if (!plan.steps.some((step) => step.op === 'seccomp' && step.flags & NEW_LISTENER)) return;
  const found = runtime.native.status(path, true);
  if (found?.type === 'socket') return;
  const why = found === null ? 'no such file or directory' : 'it is not a socket';
  throw new OcirtError('seccomp-agent-failed', `${FAILED}: dial unix ${path}: ${why}`, {
    pointer: '/linux/seccomp/listenerPath',
    path,
  });
}

/** The container that a filter is for, and the process that has it. */
export interface Filtered {
  readonly config: Config;
  readonly record: ContainerRecord;
  readonly status: Status;
  /** As the runtime sees it. */
  readonly pid: number;
}

/** Receives the listener that a helper has announced on `channel`, and gives it to the agent. */
export function passListener(runtime: Runtime, channel: number, filtered: Filtered): void {
  const { native } = runtime;
  const { listenerPath = '', listenerMetadata } = filtered.config.linux?.seccomp ?? {};
  const { record, status, pid } = filtered;
  const details = { pointer: '/linux/seccomp/listenerPath' };
  const opened = [native.receiveFd(channel, PATIENCE_MS).fd];
  try {
    const socket = native.connectUnix(listenerPath);
    opened.push(socket);
    const state = {
      ociVersion: record.ociVersion,
      fds: ['seccompFd'],
      pid,
      ...(listenerMetadata === undefined ? {} : { metadata: listenerMetadata }),
      state: ociState(record, status, record.init?.pid ?? pid),
    };
    native.sendFd(socket, opened[0] as number, JSON.stringify(state));
  } catch (error) {
    throw wrap(error, 'seccomp-agent-failed', FAILED, details);
  } finally {
    native.close(opened);
  }
}
