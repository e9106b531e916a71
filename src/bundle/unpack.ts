/** `ocirt bundle unpack`: from an image or an archive to a bundle. In Node.js only. */
import { chmodSync, mkdirSync, renameSync, rmdirSync, statSync } from 'node:fs';
import path from 'node:path';
import { OcirtError } from '../errors.js';
import { absolutePath } from '../runtime/bundle.js';
import type { Runtime } from '../runtime/context.js';
import { specConfig } from '../runtime/spec.js';
import type { Config } from '../spec/config.gen.js';
import { openLayer } from './blob.js';
import { convert } from './convert.js';
import { recordTree } from './diff/diff.js';
import { Digests, RECORD } from './diff/record.js';
import { dockerImage, type Image, type ImageLayer, ociImage } from './image.js';
import { Layer, type LayerOptions } from './layer.js';
import { type WorkFolder, workFolder } from './leftovers.js';
import { Budget } from './limits.js';
import { NO_PROGRESS, type Progress, progressLine } from './progress.js';
import { openSource, type Source } from './source.js';
import { Tree } from './tree.js';
import { resolveUser } from './users.js';

export interface UnpackOptions {
  /** A tar, a docker-archive, an image layout, or `oci:PATH[:TAG]`. */
  readonly source: string;
  /** The folder to make; an empty one that is there is taken. */
  readonly bundle: string;
  /** Of a layout: which image. */
  readonly tag?: string | undefined;
  /** Of a docker-archive: which image. */
  readonly image?: string | undefined;
  /** Bytes that may be unpacked; {@link DEFAULT_MAX_SIZE} if absent. */
  readonly maxSize?: number | undefined;
  /** Whether the terminal is shown how far it is; without one nothing is. */
  readonly progress?: boolean | undefined;
}

/**
 * Unpacks into a folder beside the bundle, which then gets its name: what fails leaves nothing.
 *
 * @throws OcirtError `bundle-exists`, `image-invalid`, `image-unsupported`, `archive-refused`,
 *   `archive-too-large`, `digest-mismatch`
 */
export async function unpack(runtime: Runtime, options: UnpackOptions): Promise<void> {
  const { native } = runtime;
  const bundle = path.resolve(absolutePath(native, options.bundle));
  refuseFull(runtime, bundle);
  const { place, tag } = parseSource(options, absolutePath(native, '.'));
  const { work, release } = removedAtSignals(() => workFolder(native, bundle));
  try {
    const budget = new Budget(options.maxSize);
    const source = await openSource(place, `${work.path}/archive`, budget);
    const image = await imageOf(source, { ...options, tag });
    const made = `${work.path}/bundle`;
    mkdirSync(`${made}/rootfs`, { recursive: true });
    // Only the folder around it is shut while it grows.
    chmodSync(`${made}/rootfs`, 0o755);
    chmodSync(made, 0o755);
    const total = sizeOf(source, image);
    const wanted = options.progress === true && native.isTerminal(2);
    const progress = wanted
      ? progressLine(native, total, process.stderr.columns || 80)
      : NO_PROGRESS;
    const config = await fill(runtime, { source, image, made, budget, progress });
    native.replaceFile(`${made}/config.json`, `${JSON.stringify(config, null, '\t')}\n`, 0o644);
    if (statSync(bundle, { throwIfNoEntry: false }) !== undefined) rmdirSync(bundle);
    renameSync(made, bundle);
  } finally {
    work.remove();
    release();
  }
}

/** Bytes that are read of it. */
const sizeOf = (source: Source, image: Image | undefined): number =>
  image === undefined
    ? (source.archive?.size ?? 0)
    : image.layers.reduce((sum, { extent }) => sum + extent.size, 0);

/**
 * A signal that ends us takes the folder along: from before it is made, as a handler runs between
 * two turns of the event loop, and finds it whole.
 *
 * @returns the folder, and what undoes the handlers
 */
function removedAtSignals(make: () => WorkFolder): { work: WorkFolder; release: () => void } {
  const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;
  let work: WorkFolder | undefined;
  const release = () => {
    for (const signal of signals) process.off(signal, end);
  };
  const end = (signal: NodeJS.Signals) => {
    work?.remove();
    release();
    process.kill(process.pid, signal);
  };
  for (const signal of signals) process.on(signal, end);
  try {
    work = make();
  } catch (error) {
    release();
    throw error;
  }
  return { work, release };
}

function refuseFull({ native }: Runtime, bundle: string): void {
  const status = native.status(bundle, false);
  if (status === null) return;
  if (status.type === 'directory' && native.readDirectory(bundle)?.length === 0) return;
  throw new OcirtError('bundle-exists', `${bundle} exists, and is not an empty folder`, {
    path: bundle,
    hint: 'name a folder that does not exist',
  });
}

/** `oci:PATH:TAG` is what skopeo and buildah call it; a tag has no slash in it. */
function parseSource(
  options: UnpackOptions,
  here: string,
): { place: string; tag: string | undefined } {
  const [, text, tag] = /^oci(?:-archive)?:(.+?)(?::([^:/]+))?$/.exec(options.source) ?? [];
  if (text === undefined) return { place: path.resolve(here, options.source), tag: options.tag };
  if (tag !== undefined && options.tag !== undefined && tag !== options.tag) {
    throw new OcirtError('usage', `two tags: ${tag} and ${options.tag}`);
  }
  return { place: path.resolve(here, text), tag: tag ?? options.tag };
}

async function imageOf(source: Source, { tag, image }: UnpackOptions): Promise<Image | undefined> {
  if (tag !== undefined && source.kind !== 'oci-layout') {
    throw new OcirtError(
      'usage',
      `--tag is for an image layout, and the source is a ${source.kind}`,
    );
  }
  if (image !== undefined && source.kind !== 'docker-archive') {
    throw new OcirtError(
      'usage',
      `--image is for a docker-archive, and the source is a ${source.kind}`,
    );
  }
  if (source.kind === 'oci-layout') return ociImage(source, tag);
  return source.kind === 'docker-archive' ? dockerImage(source, image) : undefined;
}

interface Filling {
  readonly source: Source;
  /** undefined: a plain tar. */
  readonly image: Image | undefined;
  /** The bundle that is being made. */
  readonly made: string;
  readonly budget: Budget;
  readonly progress: Progress;
}

/** @returns the config that goes with what was unpacked */
async function fill(runtime: Runtime, filling: Filling): Promise<Config> {
  const { image, made, budget, progress } = filling;
  const { native } = runtime;
  const privileged = native.identity().euid === 0;
  const rootfs = `${made}/rootfs`;
  const digests = new Digests();
  const tree = new Tree(rootfs, privileged, digests);
  // Most layers say nothing of the root: the same every time, then, and not the time of unpacking.
  native.setAttributes(rootfs, -1, -1, -1, -1, 0n, []);
  const said = new Set<string>();
  const warn = (text: string) => {
    if (said.has(text)) return;
    said.add(text);
    progress.clear();
    runtime.log.warn(text);
  };
  const options = { native, tree, budget, privileged, whiteouts: image !== undefined, warn };
  try {
    await applyAll(filling, options);
  } finally {
    progress.clear();
  }
  native.replaceFile(`${made}/${RECORD}`, recordTree(native, rootfs, digests, warn), 0o644);
  const base = specConfig(runtime, !privileged);
  if (image === undefined) return base;
  return convert(base, image.config, resolveUser(tree, image.config.config?.User ?? ''));
}

async function applyAll(
  { source, image, budget, progress }: Filling,
  options: LayerOptions,
): Promise<void> {
  const read = (bytes: number) => progress.read(bytes);
  const layers: readonly Partial<ImageLayer>[] =
    image?.layers ?? (source.archive === undefined ? [] : [{ extent: source.archive }]);
  for (const [index, { extent, compression = 'none', digest, diffId }] of layers.entries()) {
    if (extent === undefined) continue;
    progress.part(index + 1, layers.length);
    // An archive that is not compressed is no larger than itself.
    const meter = image === undefined ? new Budget(Number.POSITIVE_INFINITY) : budget;
    const layer = openLayer(extent, compression, { blob: digest, content: diffId }, meter, read);
    try {
      await new Layer(options).apply(layer.stream);
      layer.verify();
    } finally {
      layer.close();
    }
  }
}
