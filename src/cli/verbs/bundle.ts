import { OcirtError } from '../../errors.js';
import { textOf } from '../options.js';
import type { Verb } from '../verb.js';

const UNITS = ['', 'K', 'M', 'G', 'T'];

/** Bytes, with K, M, G or T behind them. */
function sizeOf(text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  const [, digits, unit = ''] = /^(\d{1,12})([KMGT]?)(?:i?B)?$/i.exec(text) ?? [];
  const size = Number(digits) * 1024 ** UNITS.indexOf(unit.toUpperCase());
  if (digits !== undefined && Number.isSafeInteger(size)) return size;
  throw new OcirtError('usage', `"${text}" is not a size: give bytes, or such as 512M and 4G`);
}

export const bundle: Verb = {
  name: 'bundle',
  usage: 'unpack <source> <bundle>',
  summary: 'make a bundle from an image or an archive',
  description:
    'The source is an OCI image layout (a folder or a tar; oci:PATH:TAG, too), a docker-archive, or\na tar of a root file system; tars plain or with gzip. The bundle gets rootfs and config.json.\nIt needs Node.js: bin/ocirt finds it, the standalone executable alone says so.',
  options: [
    { name: 'tag', argument: 'TAG', description: 'which image of a layout' },
    { name: 'image', argument: 'NAME', description: 'which image of a docker-archive' },
    {
      name: 'max-size',
      argument: 'SIZE',
      description: 'how many bytes the source may have when it is decompressed',
      default: '32G',
    },
  ],
  minArguments: 3,
  maxArguments: 3,
  choices: { at: 0, words: ['unpack'] },
  failure: 'bundle',
  async run(context, options, [action = '', source = '', target = '']) {
    if (action !== 'unpack') throw new OcirtError('usage', `"${action}" is not unpack`);
    const maxSize = sizeOf(textOf(options, 'max-size'));
    if (source === '' || target === '') throw new OcirtError('usage', 'an empty path');
    if (context.library === undefined) {
      throw new OcirtError(
        'needs-node',
        'bundle needs Node.js, and this is the standalone executable',
        {
          hint: 'call bin/ocirt, which finds Node.js, or bin/ocirt-node',
        },
      );
    }
    const { unpack } = await context.library();
    await unpack(context.runtime, {
      source,
      bundle: target,
      tag: textOf(options, 'tag'),
      image: textOf(options, 'image'),
      maxSize,
    });
    return 0;
  },
};
