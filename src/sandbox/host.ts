/** What a sandbox depends on of the host: a few files. */

import type { Runtime } from '../runtime/context.js';
import { isIdentityMap } from '../runtime/facts.js';
import type { ConfigHost } from './config.js';
import { type IdMaps, idMaps } from './ids.js';
import { findProgram } from './network/programs.js';

export interface SandboxHost extends ConfigHost {
  readonly euid: number;
  /** Root of this host, and not of a user namespace. */
  readonly root: boolean;
}

/** Major and minor of uname's release. */
export function kernelVersion(release: string): [number, number] {
  const [, major = '0', minor = '0'] = /^(\d+)\.(\d+)/.exec(release) ?? [];
  return [Number(major), Number(minor)];
}

/** The name of a user in the text of /etc/passwd; '' where there is none. */
export function userName(passwd: string, uid: number): string {
  for (const line of passwd.split('\n')) {
    const [name = '', , id] = line.split(':');
    if (id === String(uid)) return name;
  }
  return '';
}

/** @param rootless a user namespace is asked for; without root it always is */
export function lookAtHost({ native }: Runtime, rootless: boolean): SandboxHost {
  const { euid, egid } = native.identity();
  const { release, machine } = native.system();
  const [uidMap, passwd, subuid, subgid] = native
    .readFiles(['/proc/self/uid_map', '/etc/passwd', '/etc/subuid', '/etc/subgid'])
    .map((text) => text ?? '');
  const initial = uidMap === '' || isIdentityMap(uidMap ?? '');
  const helpers = ['newuidmap', 'newgidmap'].every((name) => findProgram(name) !== undefined);
  const ids: IdMaps | undefined =
    rootless || euid !== 0
      ? idMaps({
          euid,
          egid,
          name: userName(passwd ?? '', euid),
          subuid: subuid ?? '',
          subgid: subgid ?? '',
          helpers,
          uidMap: uidMap ?? '',
          initialUserNamespace: initial,
        })
      : undefined;
  return {
    unified: native.status('/sys/fs/cgroup/cgroup.controllers', true) !== null,
    machine,
    kernel: kernelVersion(release),
    userNamespace: ids !== undefined || !initial,
    ids,
    environment: native.environment([]),
    euid,
    root: euid === 0 && initial,
  };
}
