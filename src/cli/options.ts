/** Options that several verbs have. */
import { OcirtError } from '../errors.js';
import type { CreateOptions } from '../runtime/prepare.js';
import type { Context, OptionSpec, OptionValues } from './verb.js';

export const CONSOLE_SOCKET: OptionSpec = {
  name: 'console-socket',
  argument: 'SOCKET',
  description: "AF_UNIX socket that is sent the master of the process's pseudoterminal",
};
const PIDFD_SOCKET: OptionSpec = {
  name: 'pidfd-socket',
  argument: 'SOCKET',
  description: 'AF_UNIX socket that is sent a pidfd of the process',
};
export const PID_FILE: OptionSpec = {
  name: 'pid-file',
  argument: 'FILE',
  description: 'write the pid of the process to this file',
};
export const PRESERVE_FDS: OptionSpec = {
  name: 'preserve-fds',
  argument: 'N',
  description: 'pass on N descriptors from 3 on (after those of $LISTEN_FDS)',
};

const CONFIG: OptionSpec = {
  name: 'config',
  // Not its short name: that is `plan --format`.
  aliases: ['f'],
  argument: 'FILE',
  description: "read this file in place of the bundle's config.json",
};

/** Of run and exec, too. */
export const PROCESS_OPTIONS: readonly OptionSpec[] = [
  CONSOLE_SOCKET,
  PIDFD_SOCKET,
  PID_FILE,
  PRESERVE_FDS,
];

export const DETACH: OptionSpec = {
  name: 'detach',
  short: 'd',
  description: 'return as soon as the process runs',
};

export const BUNDLE: OptionSpec = {
  name: 'bundle',
  short: 'b',
  argument: 'DIR',
  description: 'the bundle (default: the current directory)',
};

export const MONITOR: OptionSpec = {
  name: 'monitor',
  description: 'keep how the process ends, for wait and state',
};

export const CREATE_OPTIONS: readonly OptionSpec[] = [
  BUNDLE,
  CONFIG,
  ...PROCESS_OPTIONS,
  {
    name: 'no-pivot',
    description: 'use MS_MOVE and chroot in place of pivot_root, for a root on a ramdisk',
  },
  { name: 'no-new-keyring', description: "keep the caller's session keyring" },
  MONITOR,
];

export const FORMAT: OptionSpec = {
  name: 'format',
  short: 'f',
  argument: 'FORMAT',
  description: "'table' or 'json'",
  default: 'table',
  choices: ['table', 'json'],
};

/** Of verbs that have their documents in YAML as well. */
export const FORMATS: OptionSpec = {
  ...FORMAT,
  description: "'table', 'json' or 'yaml'",
  choices: ['table', 'json', 'yaml'],
};

/** An empty value is no value: what a shell makes of an unset variable. */
export function textOf(options: OptionValues, name: string): string | undefined {
  const value = options.text(name);
  return value === '' ? undefined : value;
}

/** The options of create, as the library takes them. */
export function createOptions(
  context: Context,
  options: OptionValues,
  id: string,
): Omit<CreateOptions, 'foreground'> {
  return {
    id,
    bundle: textOf(options, 'bundle'),
    configFile: textOf(options, 'config'),
    pidFile: textOf(options, 'pid-file'),
    consoleSocket: textOf(options, 'console-socket'),
    pidfdSocket: textOf(options, 'pidfd-socket'),
    noPivot: options.flag('no-pivot'),
    noNewKeyring: options.flag('no-new-keyring'),
    preserveFds: options.count('preserve-fds'),
    monitor: options.flag('monitor'),
    systemd: context.globals.cgroupManager === 'systemd',
    cgroupDisabled: context.globals.cgroupManager === 'disabled',
  };
}

/** 'table' or 'json'. */
export function formatOf(options: OptionValues): 'table' | 'json' {
  return choiceOf(options, ['table', 'json']);
}

/** The format that was asked for, which is one of these. @throws OcirtError `usage` */
export function choiceOf<Choice extends string>(
  options: OptionValues,
  choices: readonly Choice[],
): Choice {
  const format = options.text('format');
  const found = choices.find((choice) => choice === format);
  if (found === undefined) throw new OcirtError('usage', 'invalid format option');
  return found;
}

/** Values as YAML text; the module is loaded only where that is asked for. */
export async function yamlText(value: unknown): Promise<string> {
  return (await import('./yaml.js')).toYaml(value);
}
