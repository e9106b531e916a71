/** Id-mapped mounts, made by the host when the helper comes to them: one tree is open at a time. */

import { OcirtError } from '../errors.js';
import type { StepOf } from '../plan/plan.js';
import type { Runtime } from './context.js';
import { errnoText } from './errno.js';
import { isNativeError, wrap } from './errors.js';

const FAILED = 'unable to start container process: error during container init: error mounting';

/** Makes the trees of one plan; `close` at its end. The last user namespace is kept for the next. */
export class MappedTrees {
  readonly #runtime: Runtime;
  #last: { readonly key: string; readonly fd: number } | undefined;

  constructor(runtime: Runtime) {
    this.#runtime = runtime;
  }

  /** Answers a `tree` message. */
  send(channel: number, step: StepOf<'bind'>): void {
    const { native } = this.#runtime;
    const tree = this.#open(step);
    try {
      native.channelSend(channel, { type: 'tree' });
      native.sendFd(channel, tree, '\0');
    } finally {
      native.close([tree]);
    }
  }

  /** A detached copy of the step's source with its ids mapped. */
  #open(step: StepOf<'bind'>): number {
    const { native } = this.#runtime;
    const { source = '', idmap, at } = step;
    if (idmap === undefined) throw new OcirtError('internal', 'a step without a mapping');
    const context = `${FAILED} "${source}" to rootfs at "${step.target}"`;
    const details = { pointer: at, path: source, step: 'bind' };
    let tree: number | undefined;
    try {
      [tree = -1] = native.cloneTrees([{ path: source, recursive: step.recursive }]);
      native.mapTree(tree, this.#namespace(step), idmap.recursive);
      return tree;
    } catch (error) {
      if (tree !== undefined) native.close([tree]);
      if (!isNativeError(error) || error.syscall !== 'mount_setattr') {
        throw wrap(error, 'mount-source-failed', context, details);
      }
      const why = `${errnoText(error.errno)} (maybe the filesystem used doesn't support idmap mounts on this kernel?)`;
      throw new OcirtError(
        'mount-source-failed',
        `${context}: failed to set MOUNT_ATTR_IDMAP on ${source}: ${why}`,
        {
          ...details,
          syscall: error.syscall,
          errno: error.code,
          hint: 'id-mapped mounts need Linux 5.12, a file system that can, and root of the user namespace that it was mounted in',
          cause: error,
        },
      );
    }
  }

  close(): void {
    if (this.#last !== undefined) this.#runtime.native.close([this.#last.fd]);
    this.#last = undefined;
  }

  #namespace(step: StepOf<'bind'>): number {
    const { native } = this.#runtime;
    const { namespace, uidMap = '', gidMap = '' } = step.idmap ?? {};
    const key = namespace ?? `${uidMap}/${gidMap}`;
    if (this.#last?.key === key) return this.#last.fd;
    this.close();
    const fd =
      namespace === undefined
        ? native.userNamespace(uidMap, gidMap)
        : native.open(namespace, ['read']);
    this.#last = { key, fd };
    return fd;
  }
}
