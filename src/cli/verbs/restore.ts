import { restore as restoreContainer } from '../../runtime/restore.js';
import { CRIU_OPTIONS, criuFlags } from '../criu-options.js';
import {
  BUNDLE,
  CONSOLE_SOCKET,
  DETACH,
  MONITOR,
  PID_FILE,
  PRESERVE_FDS,
  textOf,
} from '../options.js';
import type { Verb } from '../verb.js';

export const restore: Verb = {
  name: 'restore',
  usage: '<container-id>',
  summary: 'make a container again from its checkpoint',
  description:
    'Its processes go on where "ocirt checkpoint" has saved them. Stays with the first one, and\n' +
    'deletes the container when that has ended, unless --detach is given.',
  options: [
    BUNDLE,
    CONSOLE_SOCKET,
    PID_FILE,
    PRESERVE_FDS,
    DETACH,
    MONITOR,
    ...CRIU_OPTIONS,
    { name: 'tcp-close', description: 'restore TCP connections as closed' },
    {
      name: 'lazy-pages',
      description: 'fetch memory only when it is used, through criu lazy-pages',
    },
    { name: 'no-subreaper', description: "don't become the parent of the container's orphans" },
    { name: 'no-pivot', description: 'no effect: CRIU makes the root its own way' },
    {
      name: 'lsm-profile',
      argument: 'TYPE:NAME',
      description: 'another profile, such as apparmor:NAME or selinux:LABEL',
    },
    {
      name: 'lsm-mount-context',
      argument: 'LABEL',
      description: 'another context for the mounts that have one',
    },
  ],
  minArguments: 1,
  maxArguments: 1,
  run({ runtime, globals }, options, [id = '']) {
    if (options.flag('no-pivot') === true) {
      runtime.log.warn('--no-pivot has no effect on a restore: CRIU makes the root its own way');
    }
    return restoreContainer(runtime, {
      id,
      bundle: textOf(options, 'bundle'),
      imagePath: textOf(options, 'image-path'),
      workPath: textOf(options, 'work-path'),
      pidFile: textOf(options, 'pid-file'),
      consoleSocket: textOf(options, 'console-socket'),
      preserveFds: options.count('preserve-fds'),
      detach: options.flag('detach'),
      monitor: options.flag('monitor'),
      noSubreaper: options.flag('no-subreaper'),
      systemd: globals.cgroupManager === 'systemd',
      cgroupDisabled: globals.cgroupManager === 'disabled',
      flags: {
        ...criuFlags(options),
        tcpClose: options.flag('tcp-close'),
        lsmProfile: textOf(options, 'lsm-profile'),
        lsmMountContext: textOf(options, 'lsm-mount-context'),
      },
    });
  },
};
