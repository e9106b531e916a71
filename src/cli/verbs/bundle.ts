import { OcirtError } from '../../errors.js';
import { needsNode } from '../needs-node.js';
import { textOf } from '../options.js';
import { CONFIG_OPTIONS, configRequest } from '../sandbox-options.js';
import { sizeOf } from '../size.js';
import type { Context, OptionValues, Verb } from '../verb.js';

const UNPACK_OPTIONS = ['tag', 'image', 'max-size'];
const GENERATE_OPTIONS = CONFIG_OPTIONS.map(({ name }) => name);
const ACTIONS = ['unpack', 'generate'];

/** An option of the other action would do nothing. */
function refuseOthers(action: string, options: OptionValues, names: readonly string[]): void {
  const name = names.find((one) => options.all(one).length > 0 || options.flag(one) !== undefined);
  if (name !== undefined) throw new OcirtError('usage', `--${name} is not for bundle ${action}`);
}

async function unpack(
  context: Context,
  options: OptionValues,
  [source = '', target = '', ...more]: readonly string[],
): Promise<void> {
  if (target === '' || source === '' || more.length > 0) {
    throw new OcirtError('usage', 'bundle unpack takes a source and a bundle');
  }
  refuseOthers('unpack', options, GENERATE_OPTIONS);
  const maxSize = sizeOf(textOf(options, 'max-size'));
  const library = await (context.library ?? needsNode('bundle'))();
  await library.unpack(context.runtime, {
    source,
    bundle: target,
    tag: textOf(options, 'tag'),
    image: textOf(options, 'image'),
    maxSize,
  });
}

async function generate(
  context: Context,
  options: OptionValues,
  args: readonly string[],
): Promise<void> {
  // The arguments of the verb are one more.
  const own = options.dashes === undefined ? args.length : options.dashes - 1;
  const [last = '', source, ...more] = args.slice(0, own).reverse();
  if (last === '' || source === '' || more.length > 0) {
    throw new OcirtError('usage', 'bundle generate takes a bundle, or a source and a bundle');
  }
  refuseOthers('generate', options, UNPACK_OPTIONS);
  const request = configRequest(options, args.slice(own));
  if (source !== undefined && request.rootfs !== undefined) {
    throw new OcirtError('usage', `two sources: ${source} and --rootfs ${request.rootfs}`);
  }
  const library = await (context.sandbox ?? needsNode('bundle'))();
  await library.generate(context.runtime, {
    ...request,
    rootfs: source ?? request.rootfs,
    bundle: last,
  });
}

export const bundle: Verb = {
  name: 'bundle',
  usage: 'unpack <source> <bundle> | generate [source] <bundle> [-- command...]',
  summary: 'make a bundle from an image, an archive or options',
  description:
    'unpack: the source is an OCI image layout (a folder or a tar; oci:PATH:TAG, too), a\ndocker-archive, or a tar of a root file system; tars plain or with gzip. The bundle gets rootfs\nand config.json. generate: what "sandbox" would run with these options, to keep; the source is\nwhat --rootfs takes. It needs Node.js: bin/ocirt finds it, the standalone executable says so.',
  options: [
    { name: 'tag', argument: 'TAG', description: 'unpack: which image of a layout' },
    { name: 'image', argument: 'NAME', description: 'unpack: which image of a docker-archive' },
    {
      name: 'max-size',
      argument: 'SIZE',
      description: 'unpack: how many bytes the source may have when it is decompressed',
      default: '32G',
    },
    ...CONFIG_OPTIONS.map((option) => ({
      ...option,
      description: `generate: ${option.description}`,
    })),
  ],
  minArguments: 2,
  maxArguments: Number.POSITIVE_INFINITY,
  choices: { at: 0, words: ACTIONS },
  failure: 'bundle',
  async run(context, options, [action = '', ...args]) {
    if (!ACTIONS.includes(action)) {
      throw new OcirtError('usage', `"${action}" is not ${ACTIONS.join(' or ')}`);
    }
    if (action === 'unpack') await unpack(context, options, args);
    else await generate(context, options, args);
    return 0;
  },
};
