import { create as createContainer } from '../../runtime/create.js';
import { CREATE_OPTIONS, createOptions } from '../options.js';
import type { Verb } from '../verb.js';

export const create: Verb = {
  name: 'create',
  usage: '<container-id>',
  summary: 'create a container',
  description:
    'Makes everything that the config.json of the bundle asks for. The process itself waits:\n"ocirt start" lets it run.',
  options: [
    ...CREATE_OPTIONS,
    // create never is one: whoever finds the flag in a script of crun's may keep it.
    { name: 'no-subreaper', description: "don't become the parent of the container's orphans" },
  ],
  minArguments: 1,
  maxArguments: 1,
  failure: 'ocirt create',
  run(context, options, [id = '']) {
    createContainer(context.runtime, createOptions(context, options, id));
    return 0;
  },
};
