import { OcirtError } from '../../errors.js';
import { needsNode } from '../needs-node.js';
import { textOf } from '../options.js';
import { CONFIG_OPTIONS, configRequest } from '../sandbox-options.js';
import { sizeOf } from '../size.js';
import type { Context, OptionValues, Verb } from '../verb.js';

type Run = (context: Context, options: OptionValues, args: readonly string[]) => Promise<void>;

/** What can be done, each with its own options. */
const ACTIONS: Readonly<Record<string, { options: readonly string[]; run: Run }>> = {
  unpack: { options: ['tag', 'image', 'max-size', 'quiet'], run: unpack },
  generate: { options: CONFIG_OPTIONS.map(({ name }) => name), run: generate },
  diff: { options: ['output'], run: diff },
  gc: { options: ['dry-run', 'filters'], run: gc },
};
const WORDS = Object.keys(ACTIONS);

/** An option of another action would do nothing. */
function refuseOthers(action: string, options: OptionValues): void {
  const own = ACTIONS[action]?.options ?? [];
  const name = Object.values(ACTIONS)
    .flatMap(({ options }) => options)
    .filter((one) => !own.includes(one))
    .find((one) => options.all(one).length > 0 || options.flag(one) !== undefined);
  if (name !== undefined) throw new OcirtError('usage', `--${name} is not for bundle ${action}`);
}

function countOf(args: readonly string[], min: number, max: number, what: string): void {
  if (args.length < min || args.length > max || args.includes('')) {
    throw new OcirtError('usage', `bundle ${what}`);
  }
}

async function unpack(
  context: Context,
  options: OptionValues,
  [source = '', target = '', ...more]: readonly string[],
): Promise<void> {
  if (target === '' || source === '' || more.length > 0) {
    throw new OcirtError('usage', 'bundle unpack takes a source and a bundle');
  }
  const maxSize = sizeOf(textOf(options, 'max-size'));
  const library = await (context.library ?? needsNode(context.runtime.native, 'bundle'))();
  await library.unpack(context.runtime, {
    source,
    bundle: target,
    tag: textOf(options, 'tag'),
    image: textOf(options, 'image'),
    maxSize,
    progress: options.flag('quiet') !== true,
  });
}

async function diff(
  context: Context,
  options: OptionValues,
  args: readonly string[],
): Promise<void> {
  countOf(args, 1, 2, 'diff takes a bundle, or a lower and an upper one');
  const [lower = '', upper] = args;
  const library = await (context.library ?? needsNode(context.runtime.native, 'bundle'))();
  library.diff(context.runtime, { lower, upper, output: textOf(options, 'output') });
}

async function gc(context: Context, options: OptionValues, args: readonly string[]): Promise<void> {
  countOf(args, 0, Number.POSITIVE_INFINITY, 'gc takes folders, and none is empty text');
  const library = await (context.library ?? needsNode(context.runtime.native, 'bundle'))();
  const found = library.gc(context.runtime, {
    folders: args.length === 0 ? ['.'] : args,
    filters: options.flag('filters') === true,
    dryRun: options.flag('dry-run') === true,
  });
  for (const path of found) context.print(`${path}\n`);
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
  const request = configRequest(options, args.slice(own));
  if (source !== undefined && request.rootfs !== undefined) {
    throw new OcirtError('usage', `two sources: ${source} and --rootfs ${request.rootfs}`);
  }
  const library = await (context.sandbox ?? needsNode(context.runtime.native, 'bundle'))();
  await library.generate(context.runtime, {
    ...request,
    rootfs: source ?? request.rootfs,
    bundle: last,
  });
}

export const bundle: Verb = {
  name: 'bundle',
  usage:
    'unpack <source> <bundle> | generate [source] <bundle> [-- command...] | diff <bundle> | diff <lower> <upper> | gc [folder...]',
  summary: 'make a bundle from an image, an archive or options; what changed in it',
  description:
    'unpack: the source is an OCI image layout (a folder or a tar; oci:PATH:TAG, too), a\ndocker-archive, or a tar of a root file system; tars plain, with gzip or zstd. The bundle gets rootfs,\nconfig.json and rootfs.mtree. generate: what "sandbox" would run with these options, to keep; the source is\nwhat --rootfs takes. diff: what changed since it was unpacked, or from one tree to another, as a\nlayer. gc: removes what killed commands left in folders (default: here), and names it.\nIt needs Node.js: bin/ocirt finds it, the standalone executable says so.',
  options: [
    { name: 'tag', argument: 'TAG', description: 'unpack: which image of a layout' },
    { name: 'image', argument: 'NAME', description: 'unpack: which image of a docker-archive' },
    {
      name: 'max-size',
      argument: 'SIZE',
      description: 'unpack: how many bytes the source may have when it is decompressed',
      default: '32G',
    },
    { name: 'quiet', short: 'q', description: 'unpack: no progress on a terminal' },
    {
      name: 'output',
      short: 'o',
      argument: 'FILE',
      description: 'diff: the layer goes into this file, not to standard output',
    },
    { name: 'dry-run', description: 'gc: remove nothing, only tell' },
    { name: 'filters', description: 'gc: the compiled seccomp filters that --root keeps, too' },
    ...CONFIG_OPTIONS.map((option) => ({
      ...option,
      description: `generate: ${option.description}`,
    })),
  ],
  minArguments: 1,
  maxArguments: Number.POSITIVE_INFINITY,
  choices: { at: 0, words: WORDS },
  failure: 'bundle',
  async run(context, options, [word = '', ...args]) {
    const action = Object.hasOwn(ACTIONS, word) ? ACTIONS[word] : undefined;
    if (action === undefined) {
      throw new OcirtError('usage', `"${word}" is not ${WORDS.join(' or ')}`);
    }
    refuseOthers(word, options);
    await action.run(context, options, args);
    return 0;
  },
};
