import { exec as execProcess } from '../../runtime/exec.js';
import { DETACH, PROCESS_OPTIONS, textOf } from '../options.js';
import type { Verb } from '../verb.js';

export const exec: Verb = {
  name: 'exec',
  usage: '<container-id> <command> [arguments...] | --process FILE <container-id>',
  summary: 'run another process in a container',
  description:
    "Ends with the process's status (128 + N where signal N ended it), or with 255 if there was\nnone to run. What is not said by an option is as in the container's config.json.",
  options: [
    ...PROCESS_OPTIONS,
    DETACH,
    { name: 'tty', short: 't', description: 'give it a pseudoterminal' },
    {
      name: 'process',
      short: 'p',
      argument: 'FILE',
      description: 'read the whole process from this JSON file',
    },
    { name: 'cwd', argument: 'DIR', description: 'its working directory' },
    {
      name: 'env',
      short: 'e',
      argument: 'NAME=VALUE',
      description: 'add to the environment (repeatable)',
      repeat: true,
    },
    { name: 'user', short: 'u', argument: 'UID[:GID]', description: 'run it as this user' },
    {
      name: 'additional-gids',
      short: 'g',
      argument: 'GID',
      description: 'add a supplementary group (repeatable)',
      repeat: true,
    },
    {
      name: 'cap',
      short: 'c',
      argument: 'CAP',
      description: 'add a capability (repeatable)',
      repeat: true,
    },
    {
      name: 'cgroup',
      argument: '[CONTROLLER[,CONTROLLER]:]PATH',
      description: "put it in a cgroup below the container's (repeatable)",
      repeat: true,
    },
    { name: 'no-new-privs', description: 'it can gain no privileges by executing programs' },
    { name: 'apparmor', argument: 'PROFILE', description: 'its AppArmor profile' },
    { name: 'process-label', argument: 'LABEL', description: 'its SELinux label' },
    { name: 'ignore-paused', description: 'also in a paused container: it runs once resumed' },
  ],
  minArguments: 1,
  maxArguments: Number.POSITIVE_INFINITY,
  passThrough: true,
  failure: 'exec',
  failureCode: 255,
  run(context, options, [id = '', ...args]) {
    return execProcess(context.runtime, {
      id,
      args,
      processFile: textOf(options, 'process'),
      tty: options.flag('tty'),
      detach: options.flag('detach'),
      cwd: textOf(options, 'cwd'),
      env: options.all('env'),
      user: textOf(options, 'user'),
      additionalGids: options.all('additional-gids'),
      caps: options.all('cap'),
      cgroups: options.all('cgroup'),
      noNewPrivs: options.flag('no-new-privs'),
      apparmor: textOf(options, 'apparmor'),
      processLabel: textOf(options, 'process-label'),
      ignorePaused: options.flag('ignore-paused'),
      pidFile: textOf(options, 'pid-file'),
      consoleSocket: textOf(options, 'console-socket'),
      pidfdSocket: textOf(options, 'pidfd-socket'),
      preserveFds: options.count('preserve-fds'),
    });
  },
};
