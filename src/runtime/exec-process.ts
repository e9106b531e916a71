/** The process that `exec` runs: a file's, or config.process changed by options. */
import { OcirtError } from '../errors.js';
import type { Capabilities, Process } from '../spec/config.gen.js';

export interface ExecChanges {
  readonly args: readonly string[];
  readonly tty?: boolean | undefined;
  readonly cwd?: string | undefined;
  readonly env?: readonly string[] | undefined;
  /** "UID" or "UID:GID". */
  readonly user?: string | undefined;
  readonly additionalGids?: readonly string[] | undefined;
  readonly caps?: readonly string[] | undefined;
  readonly noNewPrivs?: boolean | undefined;
  readonly apparmor?: string | undefined;
  readonly processLabel?: string | undefined;
}

/** Ids are 32 bits, and the highest is "none" to the kernel. */
const MAX_ID = 4294967294;

function parseId(text: string, what: string): number {
  const id = Number(text);
  if (!/^\d+$/.test(text) || id > MAX_ID) {
    throw new OcirtError('user-invalid', `bad ${what}: parsing "${text}": invalid syntax`, {
      hint: `users and groups are numbers, from 0 to ${MAX_ID}: names are not looked up (see /etc/passwd of the container)`,
    });
  }
  return id;
}

/** --cap adds to these sets; to the ambient one only where config has an inheritable one. */
function addCapabilities(old: Capabilities | undefined, caps: readonly string[]): Capabilities {
  const add = (set: readonly string[] | undefined): string[] => [...(set ?? []), ...caps];
  return {
    ...old,
    bounding: add(old?.bounding),
    effective: add(old?.effective),
    permitted: add(old?.permitted),
    ...(old?.inheritable === undefined ? {} : { ambient: add(old.ambient) }),
  };
}

/** Merges; `base` is the container's own process. */
export function mergeProcess(base: Process, changes: ExecChanges): Process {
  if (changes.args.length === 0) {
    throw new OcirtError('args-missing', 'exec args cannot be empty');
  }
  const user = { uid: 0, gid: 0, ...base.user };
  if (changes.user !== undefined && changes.user !== '') {
    const [uid = '', gid] = changes.user.split(/:(.*)/s);
    user.uid = parseId(uid, 'uid');
    if (gid !== undefined) user.gid = parseId(gid, 'gid');
  }
  const gids = (changes.additionalGids ?? []).map((gid) => parseId(gid, 'additional-gids'));
  if (gids.length > 0) user.additionalGids = [...(user.additionalGids ?? []), ...gids];
  const caps = changes.caps ?? [];
  const merged: Process = {
    ...base,
    args: [...changes.args],
    // Only ever by --tty: the caller of exec knows what its own stdio is.
    terminal: changes.tty === true,
    user,
    env: [...(base.env ?? []), ...(changes.env ?? [])],
  };
  if (caps.length > 0) merged.capabilities = addCapabilities(base.capabilities, caps);
  if (changes.cwd !== undefined && changes.cwd !== '') {
    if (!changes.cwd.startsWith('/')) {
      throw new OcirtError('invalid-option', 'Cwd must be an absolute path', {
        path: changes.cwd,
        hint: "--cwd is a path in the container's root",
      });
    }
    merged.cwd = changes.cwd;
  }
  if (changes.noNewPrivs !== undefined) merged.noNewPrivileges = changes.noNewPrivs;
  if (changes.apparmor !== undefined && changes.apparmor !== '')
    merged.apparmorProfile = changes.apparmor;
  if (changes.processLabel !== undefined && changes.processLabel !== '')
    merged.selinuxLabel = changes.processLabel;
  return merged;
}

/**
 * A process of a file of its own. What it is silent about it has from the container, as with runc:
 * its capabilities, limits and labels.
 */
export function completeProcess(process: Process, base: Process | undefined): Process {
  const completed: Process = { ...process };
  const capabilities = process.capabilities ?? base?.capabilities;
  if (capabilities !== undefined) completed.capabilities = capabilities;
  const rlimits = (process.rlimits ?? []).length > 0 ? process.rlimits : base?.rlimits;
  if (rlimits !== undefined) completed.rlimits = rlimits;
  const profile = process.apparmorProfile || base?.apparmorProfile;
  if (profile) completed.apparmorProfile = profile;
  const label = process.selinuxLabel || base?.selinuxLabel;
  if (label) completed.selinuxLabel = label;
  return completed;
}
