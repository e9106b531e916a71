/** From what is asked for to a bundle: the root, the files of its network, its overlay, config.json. */
import { chmodSync, lstatSync, mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { OcirtError } from '../errors.js';
import { absolutePath } from '../runtime/bundle.js';
import type { Runtime } from '../runtime/context.js';
import type { Config } from '../spec/config.gen.js';
import { type ConfigRoot, sandboxConfig } from './config.js';
import { lookAtHost, type SandboxHost } from './host.js';
import { ROOTS_RANGE } from './ids.js';
import {
  type NetworkConfig,
  type NetworkRequest,
  networkConfig,
  parseNetwork,
} from './network/index.js';
import { findProgram } from './network/programs.js';
import { chooseDriver, makeFolders, mountFuse } from './overlay.js';
import type { ConfigRequest, Volume } from './request.js';
import { makeRoot, type Root, userOf } from './root.js';

/** What is known before anything is made; all that can be refused then is. */
export interface Checked {
  readonly host: SandboxHost;
  readonly network: NetworkRequest;
  readonly hostname: string;
  readonly networkConfig: NetworkConfig;
  readonly driver: 'kernel' | 'fuse' | undefined;
  readonly fuse: string | undefined;
}

/**
 * Checks the words that the command line alone cannot.
 *
 * @throws OcirtError `volume-missing`, `overlay-unsupported`, and those of `parseNetwork`
 */
export function check(runtime: Runtime, request: ConfigRequest, name: string): Checked {
  const host = lookAtHost(runtime, request.rootless);
  const network = parseNetwork({
    network: request.network,
    publish: request.publish,
    dns: request.dns,
    rootless: !host.root,
  });
  for (const volume of request.volumes) sourceOf(runtime, volume);
  const hostname = request.hostname ?? name.replaceAll(/[^A-Za-z0-9.-]/g, '-').slice(0, 64);
  const fuse = findProgram('fuse-overlayfs');
  const driver =
    request.overlay === undefined
      ? undefined
      : chooseDriver(request.overlay.driver, { ...host, fuse });
  const config = networkConfig(network, hostname);
  return { host, network, hostname, networkConfig: config, driver, fuse };
}

function sourceOf({ native }: Runtime, { source }: Volume): string {
  const at = absolutePath(native, source);
  if (native.status(at, true) !== null) return at;
  throw new OcirtError('volume-missing', `--volume: there is no ${at} on the host`, {
    path: at,
    hint: 'make it first: what it is to be, a folder or a file, and whose, only you know',
  });
}

export interface Places {
  /** The folder of the bundle, made here. */
  readonly bundle: string;
  /** Where hosts and resolv.conf are written to. */
  readonly files: string;
  /** Where an overlay keeps what is written, unless the caller says so. */
  readonly overlay: string;
  readonly terminal: boolean;
  /** Before fuse-overlayfs mounts there. */
  readonly onFuse: (target: string) => void;
}

/** Makes the bundle. */
export async function makeBundle(
  runtime: Runtime,
  request: ConfigRequest,
  checked: Checked,
  places: Places,
): Promise<Config> {
  const { native } = runtime;
  const { host } = checked;
  const root = await makeRoot(runtime, request.rootfs, places.bundle, host);
  const config = sandboxConfig(
    request,
    host,
    {
      ...layOverlay(runtime, request, checked, places, root),
      image: root.image,
      user: userOf(request.user, root.path),
    },
    {
      hostname: checked.hostname,
      terminal: places.terminal,
      network: checked.networkConfig.namespace,
      files: writeFiles(runtime, checked, places.files, root),
      sourceOf: (volume) => sourceOf(runtime, volume),
    },
  );
  const text = `${JSON.stringify(config, null, '\t')}\n`;
  native.replaceFile(`${places.bundle}/config.json`, text, 0o644);
  return config;
}

/** @returns the files by where they are in the container */
function writeFiles(
  { log }: Runtime,
  { networkConfig: { files }, host }: Checked,
  folder: string,
  root: Root,
): Record<string, string> {
  const bound: Record<string, string> = {};
  const write = (name: string, text: string | undefined): void => {
    if (text === undefined) return;
    if (!canHold(`${root.path}/etc`, name, host)) {
      log.warn(`the root has no /etc/${name}, and the container has no right to make one`);
      return;
    }
    const file = path.join(folder, name);
    writeFileSync(file, text);
    chmodSync(file, 0o644);
    bound[`/etc/${name}`] = file;
  };
  write('hosts', files.hosts);
  write('resolv.conf', files.resolvConf);
  return bound;
}

/** Whether a file can be bound there: it is there, or can be made by the root of the container. */
function canHold(folder: string, name: string, { ids }: SandboxHost): boolean {
  if (ids === undefined || lookAt(`${folder}/${name}`) !== undefined) return true;
  const owner = (lookAt(folder) ?? lookAt(path.dirname(folder)))?.uid;
  return ids.uid.some(
    ({ hostID, size }) => owner !== undefined && owner >= hostID && owner < hostID + size,
  );
}

const lookAt = (file: string) => lstatSync(file, { throwIfNoEntry: false });

function layOverlay(
  runtime: Runtime,
  { overlay }: ConfigRequest,
  { host, driver, fuse = '' }: Checked,
  places: Places,
  root: Root,
): Pick<ConfigRoot, 'path' | 'overlay'> {
  // One that was made for the bundle goes where that goes.
  const given = root.foreign ? root.path : 'rootfs';
  if (overlay === undefined || driver === undefined) return { path: given };
  const place =
    overlay.keep === undefined ? places.overlay : absolutePath(runtime.native, overlay.keep);
  const owner = host.root && host.ids !== undefined ? ROOTS_RANGE : undefined;
  const folders = makeFolders(root.path, place, owner);
  const target = path.join(places.overlay, 'merged');
  // Beside the root and not over it: it may be the one of the host, which nothing can lie over.
  mkdirSync(target, { recursive: true });
  if (driver === 'kernel') {
    return { path: path.relative(places.bundle, target), overlay: folders };
  }
  places.onFuse(target);
  mountFuse(fuse, folders, target);
  return { path: target };
}
