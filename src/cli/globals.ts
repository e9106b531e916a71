/** The options before the verb. */
import { OcirtError } from '../errors.js';
import type { Binding } from '../native/binding.js';
import { absolutePath } from '../runtime/bundle.js';
import { isIdentityMap } from '../runtime/facts.js';
import { NAME } from '../version.js';
import type { Format } from './log.js';
import type { CgroupManager, OptionSpec, OptionValues } from './verb.js';

/** Of every verb as well; crun's argument parser has two more names for it. */
export const HELP: OptionSpec = {
  name: 'help',
  short: 'h',
  aliases: ['?', 'usage'],
  description: 'show help',
};

export const GLOBAL_OPTIONS: readonly OptionSpec[] = [
  { name: 'debug', description: 'log what is done, step by step' },
  {
    name: 'log',
    argument: 'FILE',
    description:
      "append diagnostics to a file (FILE, 'file:FILE'), or to 'journald:ID' or 'syslog:ID' (default: stderr)",
  },
  {
    name: 'log-level',
    argument: 'LEVEL',
    description: "say this and what is worse: 'error', 'warning' (the default) or 'debug'",
    choices: ['error', 'warning', 'debug'],
  },
  {
    name: 'log-format',
    argument: 'FORMAT',
    description: "'text' or 'json'",
    default: 'text',
    choices: ['text', 'json'],
  },
  {
    name: 'root',
    argument: 'DIR',
    description: `where containers' states are kept (default: /run/${NAME}, rootless $XDG_RUNTIME_DIR/${NAME})`,
  },
  {
    name: 'systemd-cgroup',
    description: 'have systemd make the cgroup: cgroupsPath is slice:prefix:name',
  },
  {
    name: 'cgroup-manager',
    argument: 'NAME',
    description: "'cgroupfs' (the default), 'systemd', or 'disabled': no cgroup of its own",
    choices: ['cgroupfs', 'systemd', 'disabled'],
  },
  {
    name: 'rootless',
    argument: 'WHEN',
    description: "pass over failures of cgroup access: 'true', 'false' or 'auto'",
    default: 'auto',
    choices: ['true', 'false', 'auto'],
  },
  {
    name: 'trace-timing',
    argument: 'FILE',
    description: 'write where the time went, for Perfetto; into a folder, a file for each call',
  },
  HELP,
  { name: 'version', short: 'v', aliases: ['V'], description: 'print the version' },
  { name: 'criu', argument: 'FILE', description: 'the program criu', hidden: true },
  { name: 'resctrl-root', argument: 'DIR', description: 'for tests of intelRdt', hidden: true },
  { name: 'host-nofile-soft', argument: 'N', description: 'set by bin/ocirt-node', hidden: true },
  { name: 'host-fds', argument: 'N', description: 'set by bin/ocirt-node', hidden: true },
];

/**
 * Where states are kept if nothing is said. XDG_RUNTIME_DIR counts for who is not really root,
 * also as root of a user namespace of its own; podman sets it to '' for root.
 */
export function defaultRoot(native: Binding): string {
  const { XDG_RUNTIME_DIR, USER } = native.environment(['XDG_RUNTIME_DIR', 'USER']);
  // First what costs nothing: identity() is some forty system calls.
  if (XDG_RUNTIME_DIR === undefined || XDG_RUNTIME_DIR === '') return `/run/${NAME}`;
  const [uidMap] = native.readFiles(['/proc/self/uid_map']);
  const initial = uidMap === null || uidMap === undefined || isIdentityMap(uidMap);
  const unprivileged = native.identity().euid !== 0 || (!initial && USER !== 'root');
  return unprivileged ? `${XDG_RUNTIME_DIR}/${NAME}` : `/run/${NAME}`;
}

/** The root that was asked for, absolute, or the default one. */
export function rootOf(native: Binding, options: OptionValues): string {
  const given = options.text('root');
  if (given === undefined) return defaultRoot(native);
  if (given === '') throw new OcirtError('usage', '--root must name a folder');
  return absolutePath(native, given);
}

export function logFormat(options: OptionValues): Format {
  const format = options.text('log-format') ?? 'text';
  if (format === 'text' || format === 'json') return format;
  throw new OcirtError('usage', `invalid log-format: ${format}`);
}

export function rootlessMode(options: OptionValues): 'true' | 'false' | 'auto' {
  const mode = (options.text('rootless') ?? 'auto').toLowerCase();
  if (mode === '' || mode === 'auto') return 'auto';
  if (mode === 'true' || mode === 'false') return mode;
  throw new OcirtError('usage', `invalid --rootless value: ${mode} is not true, false or auto`);
}

/** Refuses a cgroup manager that isn't there. */
export function cgroupManager(options: OptionValues): CgroupManager {
  const manager = options.text('cgroup-manager') ?? 'cgroupfs';
  if (manager !== 'cgroupfs' && manager !== 'systemd' && manager !== 'disabled') {
    throw new OcirtError(
      'cgroup-manager-unsupported',
      `cgroup manager "${manager}" is not supported`,
      { hint: 'cgroupfs, systemd and disabled are' },
    );
  }
  if (options.flag('systemd-cgroup') !== true) return manager;
  if (manager === 'disabled') {
    throw new OcirtError(
      'usage',
      '--systemd-cgroup and --cgroup-manager disabled exclude each other',
    );
  }
  return 'systemd';
}
