/**
 * One call of a CNI plugin: CNI 1.0, sections 2 and 5. A program that is told what to do by its
 * environment, gets a configuration as JSON, and answers with JSON.
 */
import { loadBinding } from '../../../native/loader.js';
import { networkFailed, programMissing } from '../errors.js';
import { findProgram, searchPath } from '../programs.js';
import { RUN_TIMEOUT_MS, run } from '../run.js';
import type { CniResult, PluginConfig } from '../types.js';
import { DHCP_HINT } from './dhcp.js';
import { endHolders } from './holders.js';

export type Command = 'ADD' | 'CHECK' | 'DEL';

/** What all plugins of a list are told. */
export interface Attachment {
  readonly containerId: string;
  /** Path of the network namespace; '' once it is gone, which only DEL allows. */
  readonly namespace: string;
  /** The device's name in the container. */
  readonly device: string;
  /** Folders with plugins, by colons; absent: where they are found on Debian and elsewhere. */
  readonly path?: string;
  /** A descriptor of the container's lock (store.ts), which a plugin holds for as long as it runs. */
  readonly lock?: number;
  /** How long each of them may take, in milliseconds; {@link RUN_TIMEOUT_MS} if absent. */
  readonly timeoutMs?: number | undefined;
}

/** Debian's, and that of everybody else. */
const FOLDERS = ['/usr/lib/cni', '/opt/cni/bin'];

/** Where plugins are looked for. */
export function pluginPath(): string {
  const { CNI_PATH } = process.env;
  return CNI_PATH === undefined || CNI_PATH === '' ? FOLDERS.join(':') : CNI_PATH;
}

/** @throws OcirtError `network-program-missing` */
export function findPlugin(type: string, path: string = pluginPath()): string {
  // A type is a file's name, never a path.
  const file = /^[^/]+$/.test(type) ? findProgram(type, path) : undefined;
  if (file !== undefined) return file;
  throw programMissing(`the CNI plugin "${type}" (in ${path})`, 'containernetworking-plugins');
}

/**
 * Runs it.
 *
 * @returns what ADD answers; undefined for the other commands
 * @throws OcirtError `network-program-missing`, `network-failed` with the plugin's own words. One that takes too
 * long has been ended, with all that it has started and that has kept the lock
 */
export async function callPlugin(
  command: Command,
  config: PluginConfig,
  attachment: Attachment,
): Promise<CniResult | undefined> {
  const path = attachment.path ?? pluginPath();
  const file = findPlugin(config.type, path);
  const env = {
    ...process.env,
    // They call iptables, which is not in everybody's PATH.
    PATH: searchPath(),
    CNI_COMMAND: command,
    CNI_CONTAINERID: attachment.containerId,
    CNI_NETNS: attachment.namespace,
    CNI_IFNAME: attachment.device,
    CNI_PATH: path,
  };
  const { lock, timeoutMs = RUN_TIMEOUT_MS } = attachment;
  const outcome = await run(file, [], {
    timeoutMs,
    input: JSON.stringify(config),
    env,
    inherited: lock === undefined ? [] : [lock],
    apart: true,
  });
  const said = `CNI plugin "${config.type}", ${command}`;
  if (outcome.timedOut) {
    if (lock !== undefined) await endHolders(loadBinding(), `/proc/self/fd/${lock}`);
    throw networkFailed(
      `${said}: no answer in ${timeoutMs / 1000} s, and so it was ended`,
      lastLine(outcome.stderr) ?? 'it has said nothing of why',
    );
  }
  if (outcome.code !== 0) {
    const reason = reasonOf(outcome.stdout) ?? lastLine(outcome.stderr) ?? 'it says nothing';
    throw networkFailed(`${said}: ${reason}`, hintFor(reason));
  }
  if (command !== 'ADD') return undefined;
  const result = objectOf(outcome.stdout);
  if (result === undefined) throw networkFailed(`${said}: its answer is no JSON object`);
  return result;
}

function objectOf(text: string): { [key: string]: unknown } | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null && !Array.isArray(value)
      ? { ...value }
      : undefined;
  } catch {
    return undefined;
  }
}

/** The words of an error object: CNI 1.0, section 5, "Error". */
function reasonOf(stdout: string): string | undefined {
  const error = objectOf(stdout);
  if (typeof error?.msg !== 'string' || error.msg === '') return undefined;
  const details = typeof error.details === 'string' && error.details !== '' ? error.details : '';
  return `${error.msg}${details === '' ? '' : `: ${details}`}`.replace(/\s*\n\s*/g, '; ');
}

function lastLine(text: string): string | undefined {
  return text.trim().split('\n').at(-1) || undefined;
}

function hintFor(reason: string): string | undefined {
  if (/(iptables|nft).*(not found|no such file)/i.test(reason)) return 'apt install iptables';
  if (/operation not supported|unknown device type/i.test(reason)) {
    return "the host's kernel lacks this kind of device";
  }
  // It has ended since it was looked for.
  if (/dhcp\.sock/.test(reason)) return DHCP_HINT;
  return undefined;
}
