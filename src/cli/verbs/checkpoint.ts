import { OcirtError } from '../../errors.js';
import { checkpoint as checkpointContainer } from '../../runtime/checkpoint.js';
import { CRIU_OPTIONS, criuFlags } from '../criu-options.js';
import { textOf } from '../options.js';
import type { OptionValues, Verb } from '../verb.js';

/** -1, runc's default, is none. */
function statusFd(options: OptionValues): number | undefined {
  const text = textOf(options, 'status-fd');
  if (text === undefined || text === '-1') return undefined;
  if (/^\d{1,9}$/.test(text)) return Number(text);
  throw new OcirtError('usage', `invalid value "${text}" for flag -status-fd: parse error`);
}

export const checkpoint: Verb = {
  name: 'checkpoint',
  usage: '<container-id>',
  summary: 'save the processes of a running container',
  description:
    'CRIU saves them in a folder, from which "ocirt restore" makes them again. The container is\n' +
    'deleted, unless it is left running.',
  options: [
    ...CRIU_OPTIONS,
    { name: 'leave-running', description: 'let the container go on' },
    { name: 'tcp-skip-in-flight', description: 'leave out TCP connections that are being made' },
    { name: 'link-remap', description: 'give names to files that are open and have none any more' },
    { name: 'pre-dump', description: 'save the memory only, and let the container go on' },
    {
      name: 'parent-path',
      argument: 'DIR',
      description: 'images of a --pre-dump before, relative to those of this one',
    },
    {
      name: 'lazy-pages',
      description: 'keep the memory here until a restore elsewhere asks for it',
    },
    {
      name: 'page-server',
      argument: 'ADDRESS:PORT',
      description: 'send the memory there; with --lazy-pages: serve it there',
    },
    {
      name: 'status-fd',
      argument: 'FD',
      description: 'with --lazy-pages: a zero byte is written there when it is served',
    },
  ],
  minArguments: 1,
  maxArguments: 1,
  run({ runtime }, options, [id = '']) {
    checkpointContainer(runtime, {
      id,
      imagePath: textOf(options, 'image-path'),
      workPath: textOf(options, 'work-path'),
      statusFd: statusFd(options),
      flags: {
        ...criuFlags(options),
        leaveRunning: options.flag('leave-running'),
        tcpSkipInFlight: options.flag('tcp-skip-in-flight'),
        linkRemap: options.flag('link-remap'),
        preDump: options.flag('pre-dump'),
        parentPath: textOf(options, 'parent-path'),
        pageServer: textOf(options, 'page-server'),
      },
    });
    return 0;
  },
};
