import { OcirtError } from '../../errors.js';
import { needsNode } from '../needs-node.js';
import { textOf } from '../options.js';
import { CONFIG_OPTIONS, configRequest } from '../sandbox-options.js';
import type { Verb } from '../verb.js';

export const sandbox: Verb = {
  name: 'sandbox',
  usage: '[-- command...]',
  summary: 'run a command in a container that is made for it',
  description:
    "Makes a bundle, runs it, ends with the command's status, and takes all away again. Without\n--rootfs the root is busybox; without a command it is the image's, or a shell. On a terminal the\ncommand gets one. 125: the sandbox could not be made; 126, 127: the command could not be executed,\nor is not there. It needs Node.js: bin/ocirt finds it, the standalone executable alone says so.",
  options: [
    ...CONFIG_OPTIONS,
    {
      name: 'name',
      argument: 'NAME',
      description: 'the name of the container (default: a new one)',
    },
    {
      name: 'detach',
      short: 'd',
      description: 'print the name and leave it running; it is removed when it ends',
    },
    {
      name: 'output',
      argument: 'FILE',
      description: 'with --detach: append what the command prints (default: nowhere)',
    },
    { name: 'explain', description: 'tell each step as it happens, the system call, and why' },
    { name: 'quiet', short: 'q', description: 'no report of what was used, at exit' },
    { name: 'sweep', description: 'only clean up after sandboxes that were killed' },
  ],
  minArguments: 0,
  maxArguments: Number.POSITIVE_INFINITY,
  passThrough: true,
  failure: 'ocirt sandbox',
  failureCode: 125,
  async run(context, options, args) {
    if (textOf(options, 'output') !== undefined && options.flag('detach') !== true) {
      throw new OcirtError('usage', '--output is for --detach');
    }
    const request = {
      ...configRequest(options, args),
      name: textOf(options, 'name'),
      detach: options.flag('detach') === true,
      output: textOf(options, 'output'),
      explain: options.flag('explain') === true,
      quiet: options.flag('quiet') === true,
      systemd: context.globals.cgroupManager === 'systemd',
      cgroupDisabled: context.globals.cgroupManager === 'disabled',
    };
    const { sandbox: run, sweep } = await (
      context.sandbox ?? needsNode(context.runtime.native, 'sandbox')
    )();
    if (options.flag('sweep') === true) {
      await sweep(context.runtime);
      return 0;
    }
    return run(context.runtime, request, context.print);
  },
};
