/**
 * (what is asked for, the host, the root) -> config.json. Pure: `sandbox` runs it, and
 * `bundle generate` writes it down.
 */
import { OcirtError } from '../errors.js';
import { defaultConfig } from '../runtime/default-config.js';
import type { Config, Mount, Namespace } from '../spec/config.gen.js';
import { type IdMaps, isMapped } from './ids.js';
import type { ConfigRequest, Volume } from './request.js';
import { seccompProfile } from './seccomp.js';

type Process = NonNullable<Config['process']>;

/** What it depends on of the host. */
export interface ConfigHost {
  /** cgroups of version 2. */
  readonly unified: boolean;
  /** uname(2). */
  readonly machine: string;
  /** Major and minor of the kernel's version. */
  readonly kernel: readonly [number, number];
  /** Mounts are made in a user namespace: the container's or one that we are in. */
  readonly userNamespace: boolean;
  /** The new user namespace; absent: none is made. */
  readonly ids?: IdMaps | undefined;
  /** The caller's variables. */
  readonly environment: Readonly<Record<string, string>>;
}

/** The root file system, as it has been made ready. */
export interface ConfigRoot {
  /** Absolute, or relative to the bundle. */
  readonly path: string;
  /** The config.json that was made of an image: process and annotations count. */
  readonly image?: Config | undefined;
  /** Who `--user` is, by the files of the root. */
  readonly user?: Process['user'] | undefined;
  /** Absolute folders. */
  readonly overlay?: { readonly lower: string; readonly upper: string; readonly work: string };
}

export interface ConfigPlace {
  readonly hostname: string;
  readonly terminal: boolean;
  /** A network namespace of its own. */
  readonly network: boolean;
  /** Files of the host that are bound in the container, by where they are there. */
  readonly files: Readonly<Record<string, string>>;
  /** The volumes' sources made absolute, by the volume. */
  readonly sourceOf: (volume: Volume) => string;
}

/**
 * What root may do in a sandbox: all that installing and running programs takes, and nothing to the
 * host. capabilities(7)
 */
const CAPABILITIES = [
  'CAP_CHOWN',
  'CAP_DAC_OVERRIDE',
  'CAP_FOWNER',
  'CAP_FSETID',
  'CAP_KILL',
  'CAP_NET_BIND_SERVICE',
  'CAP_SETFCAP',
  'CAP_SETGID',
  'CAP_SETPCAP',
  'CAP_SETUID',
  'CAP_SYS_CHROOT',
];

/** Microseconds: what the kernel takes by itself. */
const CPU_PERIOD = 100_000;
const SHELL = ['sh'];

export function sandboxConfig(
  request: ConfigRequest,
  host: ConfigHost,
  root: ConfigRoot,
  place: ConfigPlace,
): Config {
  const base = defaultConfig(host.unified);
  const { resources: _none, ...linux } = base.linux ?? {};
  const limits = resourcesOf(request, host);
  return {
    ociVersion: base.ociVersion,
    process: processOf(request, host, root, place, base),
    root: { path: root.path, ...(request.readOnly ? { readonly: true } : {}) },
    hostname: place.hostname,
    mounts: mountsOf(request, host, root, place, base),
    ...(root.image?.annotations === undefined ? {} : { annotations: root.image.annotations }),
    linux: {
      ...linux,
      ...(limits === undefined ? {} : { resources: limits }),
      namespaces: namespacesOf(base, host, place),
      ...(host.ids === undefined
        ? {}
        : { uidMappings: [...host.ids.uid], gidMappings: [...host.ids.gid] }),
      seccomp: seccompProfile(host.machine),
    },
  };
}

function processOf(
  request: ConfigRequest,
  host: ConfigHost,
  root: ConfigRoot,
  place: ConfigPlace,
  base: Config,
): Process {
  const image = root.image?.process;
  const user = root.user ?? image?.user ?? { uid: 0, gid: 0 };
  checkMapped(user, host);
  const args = request.command.length > 0 ? request.command : (image?.args ?? SHELL);
  // Who is not root in there has no capabilities of its own, as anywhere; its set-uid programs are
  // held by no_new_privs.
  const own = user.uid === 0 ? CAPABILITIES : [];
  return {
    terminal: place.terminal,
    user,
    args: [...args],
    env: environmentOf(request, host, place, image?.env ?? base.process?.env ?? []),
    cwd: request.workdir ?? image?.cwd ?? '/',
    capabilities: { bounding: [...CAPABILITIES], effective: [...own], permitted: [...own] },
    noNewPrivileges: true,
  };
}

function checkMapped({ uid, gid }: NonNullable<Process['user']>, { ids }: ConfigHost): void {
  if (ids === undefined) return;
  const [what, id] = isMapped(ids.uid, uid ?? 0) ? ['group', gid ?? 0] : ['user', uid ?? 0];
  if (what === 'group' && isMapped(ids.gid, id)) return;
  throw new OcirtError('user-unmapped', `the container has no ${what} ${id}`, {
    pointer: '/process/user',
    hint: 'without root a container has only as many users as /etc/subuid and /etc/subgid give you, by newuidmap(1): apt install uidmap',
  });
}

/** Later ones of a name win; TERM is the caller's where there is a terminal. */
function environmentOf(
  { env }: ConfigRequest,
  { environment }: ConfigHost,
  { terminal }: ConfigPlace,
  base: readonly string[],
): string[] {
  const values = new Map<string, string>();
  const set = (text: string): void => {
    const [name = ''] = text.split('=');
    values.set(name, text.slice(name.length + 1));
  };
  for (const text of base) if (!text.startsWith('TERM=')) set(text);
  if (terminal) values.set('TERM', environment.TERM ?? 'xterm');
  for (const text of env) {
    if (text.includes('=')) set(text);
    else if (environment[text] !== undefined) values.set(text, environment[text]);
  }
  return [...values].map(([name, value]) => `${name}=${value}`);
}

type Resources = NonNullable<NonNullable<Config['linux']>['resources']>;

/** Who has no right to devices on the host has none to give or take. */
function resourcesOf(request: ConfigRequest, host: ConfigHost): Resources | undefined {
  const { memory, cpus, pids } = request;
  const resources: Resources = {
    ...(host.userNamespace ? {} : { devices: [{ allow: false, access: 'rwm' }] }),
    ...(memory === undefined ? {} : { memory: { limit: memory } }),
    ...(cpus === undefined
      ? {}
      : { cpu: { quota: Math.round(cpus * CPU_PERIOD), period: CPU_PERIOD } }),
    ...(pids === undefined ? {} : { pids: { limit: pids } }),
  };
  return Object.keys(resources).length === 0 ? undefined : resources;
}

function namespacesOf(base: Config, { ids }: ConfigHost, { network }: ConfigPlace): Namespace[] {
  const namespaces = (base.linux?.namespaces ?? []).filter(
    ({ type }) => type !== 'network' || network,
  );
  return ids === undefined ? namespaces : [...namespaces, { type: 'user' }];
}

function mountsOf(
  request: ConfigRequest,
  host: ConfigHost,
  root: ConfigRoot,
  place: ConfigPlace,
  base: Config,
): Mount[] {
  return [
    ...(root.overlay === undefined ? [] : [overlayMount(root.overlay, host)]),
    ...(base.mounts ?? []).map((mount) => adapt(mount, host, place)),
    ...Object.entries(place.files).map(([destination, source]) => ({
      destination,
      type: 'bind',
      source,
      options: ['bind', 'nosuid', 'nodev', 'noexec'],
    })),
    ...request.volumes.map((volume) => volumeMount(volume, host, place.sourceOf(volume))),
  ];
}

/**
 * overlayfs(5): in a user namespace its notes go to attributes named `user.`, for those named
 * `trusted.` take rights over the host.
 */
function overlayMount(
  { lower, upper, work }: NonNullable<ConfigRoot['overlay']>,
  { userNamespace }: ConfigHost,
): Mount {
  return {
    destination: '/',
    type: 'overlay',
    source: 'overlay',
    options: [
      `lowerdir=${escapeLower(lower)}`,
      `upperdir=${escapePath(upper)}`,
      `workdir=${escapePath(work)}`,
      ...(userNamespace ? ['userxattr'] : []),
    ],
  };
}

/** A comma would begin the next option. */
const escapePath = (path: string): string => path.replaceAll('\\', '\\\\').replaceAll(',', '\\,');
/** And a colon the next layer. */
const escapeLower = (path: string): string => escapePath(path).replaceAll(':', '\\:');

/** What a user namespace cannot do, as other than the host's root. */
function adapt(mount: Mount, { ids }: ConfigHost, { network }: ConfigPlace): Mount {
  if (ids === undefined) return mount;
  if (mount.destination === '/sys' && !network) {
    // sysfs shows the devices of a network: only its own can be mounted.
    return {
      destination: '/sys',
      type: 'none',
      source: '/sys',
      options: ['rbind', 'nosuid', 'noexec', 'nodev', 'ro'],
    };
  }
  if (mount.destination !== '/dev/pts' || isMapped(ids.gid, 5)) return mount;
  return { ...mount, options: (mount.options ?? []).filter((option) => option !== 'gid=5') };
}

/** Read-only for all of the tree where the kernel can do that in one call (Linux 5.12). */
function volumeMount(volume: Volume, { kernel }: ConfigHost, source: string): Mount {
  const [major, minor] = kernel;
  const recursive = major > 5 || (major === 5 && minor >= 12);
  return {
    destination: volume.target,
    type: 'bind',
    source,
    options: [
      'rbind',
      'rprivate',
      ...(volume.readOnly ? ['ro', ...(recursive ? ['rro'] : [])] : []),
      ...volume.options,
    ],
  };
}
