/** Finds an image in a source: its config and its layers. */

import { type Descriptor, type Extent, openExtent, parseDigest, readJson } from './blob.js';
import { type Compression, compressionOf } from './decompress.js';
import { badImage, unsupported } from './errors.js';
import type { Files, Source } from './source.js';

/** What is used of an image's config (image-spec, config.md). */
export interface ImageConfig {
  readonly os?: string;
  readonly architecture?: string;
  readonly author?: string;
  readonly created?: string;
  readonly config?: {
    readonly User?: string;
    readonly Env?: readonly string[] | null;
    readonly Entrypoint?: readonly string[] | null;
    readonly Cmd?: readonly string[] | null;
    readonly WorkingDir?: string;
    readonly StopSignal?: string;
    readonly Labels?: Readonly<Record<string, string>> | null;
    readonly ExposedPorts?: Readonly<Record<string, unknown>> | null;
  } | null;
  readonly rootfs?: { readonly type?: string; readonly diff_ids?: readonly string[] };
}

export interface ImageLayer {
  readonly extent: Extent;
  readonly compression: Compression;
  readonly digest?: string;
  /** Of what is in it when it is decompressed. */
  readonly diffId: string;
}

export interface Image {
  readonly config: ImageConfig;
  readonly layers: readonly ImageLayer[];
}

const OCI = 'application/vnd.oci.image';
const DOCKER = 'application/vnd.docker';
const INDEXES = [`${OCI}.index.v1+json`, `${DOCKER}.distribution.manifest.list.v2+json`];
const MANIFESTS = [`${OCI}.manifest.v1+json`, `${DOCKER}.distribution.manifest.v2+json`];
const CONFIGS = [`${OCI}.config.v1+json`, `${DOCKER}.container.image.v1+json`];
const LAYERS = new Map<string, Compression>([
  [`${OCI}.layer.v1.tar`, 'none'],
  [`${OCI}.layer.v1.tar+gzip`, 'gzip'],
  [`${OCI}.layer.v1.tar+zstd`, 'zstd'],
  [`${OCI}.layer.nondistributable.v1.tar`, 'none'],
  [`${OCI}.layer.nondistributable.v1.tar+gzip`, 'gzip'],
  [`${OCI}.layer.nondistributable.v1.tar+zstd`, 'zstd'],
  [`${DOCKER}.image.rootfs.diff.tar`, 'none'],
  [`${DOCKER}.image.rootfs.diff.tar.gzip`, 'gzip'],
  [`${DOCKER}.image.rootfs.diff.tar.zstd`, 'zstd'],
]);
/** An index may name an index; none goes around. */
const MAX_DEPTH = 8;
const MAX_LAYERS = 1024;
const REF = 'org.opencontainers.image.ref.name';

/** Node.js's names of processors, as Go says them. */
const ARCHITECTURES: Readonly<Record<string, string>> = {
  x64: 'amd64',
  ia32: '386',
  ppc64: 'ppc64le',
};

interface Named {
  readonly mediaType?: string;
  readonly schemaVersion?: number;
}

/** The image of an OCI layout. @param tag which one; needed where there are several */
export async function ociImage({ files }: Source, tag: string | undefined): Promise<Image> {
  const layout = await readJson<{ imageLayoutVersion?: string }>(
    fileOf(files, 'oci-layout'),
    'oci-layout',
  );
  if (layout.imageLayoutVersion !== '1.0.0') {
    throw unsupported(
      `the image layout has version ${JSON.stringify(layout.imageLayoutVersion)}, not 1.0.0`,
    );
  }
  const index = await readJson<Named & { manifests?: Descriptor[] }>(
    fileOf(files, 'index.json'),
    'index.json',
  );
  const all = array<Descriptor>(index.manifests, 'manifests of index.json');
  const tagged =
    tag === undefined ? all : all.filter(({ annotations }) => annotations?.[REF] === tag);
  if (tagged.length !== 1) {
    const tags = all
      .map(({ annotations }) => annotations?.[REF])
      .filter((one) => one !== undefined);
    const what =
      tag === undefined ? `${all.length} images` : `${tagged.length} images with the tag ${tag}`;
    throw badImage(
      `the layout has ${what}; name one with --tag (there are: ${tags.join(', ') || 'none'})`,
    );
  }
  return fromManifest(files, await manifestOf(files, tagged[0] as Descriptor));
}

interface Manifest extends Named {
  readonly config?: Descriptor;
  readonly layers?: Descriptor[];
  readonly manifests?: Descriptor[];
}

async function manifestOf(files: Files, first: Descriptor): Promise<Manifest> {
  let descriptor = first;
  for (let depth = 0; depth < MAX_DEPTH; depth++) {
    const manifest = await readJson<Manifest>(
      blobOf(files, descriptor),
      'a manifest',
      descriptor.digest,
    );
    // CVE-2021-41190: one document must not be taken for the other.
    if (manifest.mediaType !== undefined && manifest.mediaType !== descriptor.mediaType) {
      throw badImage(
        `a manifest says it is ${manifest.mediaType}, and is named as ${descriptor.mediaType}`,
      );
    }
    if (MANIFESTS.includes(descriptor.mediaType)) {
      if (manifest.manifests !== undefined) throw badImage('a manifest that is an index as well');
      return manifest;
    }
    if (!INDEXES.includes(descriptor.mediaType))
      throw wrongType(descriptor, 'a manifest or an index');
    if (manifest.layers !== undefined || manifest.config !== undefined) {
      throw badImage('an index that is a manifest as well');
    }
    descriptor = ofThisMachine(array(manifest.manifests, 'manifests of an index'));
  }
  throw badImage(`indexes in indexes, more than ${MAX_DEPTH} deep`);
}

function ofThisMachine(manifests: readonly Descriptor[]): Descriptor {
  const wanted = ARCHITECTURES[process.arch] ?? process.arch;
  const found = manifests.find(
    ({ platform }) => platform?.os === 'linux' && platform.architecture === wanted,
  );
  if (found === undefined) throw unsupported(`the index has no image for linux/${wanted}`);
  return found;
}

async function fromManifest(files: Files, manifest: Manifest): Promise<Image> {
  const described = manifest.config;
  if (described === undefined || !CONFIGS.includes(described.mediaType)) {
    throw wrongType(described, "an image's config");
  }
  const config = await readJson<ImageConfig>(
    blobOf(files, described),
    "the image's config",
    described.digest,
  );
  const descriptors = array<Descriptor>(manifest.layers, 'layers of the manifest');
  const diffIds = diffIdsOf(config, descriptors.length);
  const layers = descriptors.map((descriptor, index) => {
    const compression = LAYERS.get(descriptor.mediaType);
    if (compression === undefined) throw wrongType(descriptor, 'a layer');
    const { digest } = descriptor;
    return { extent: blobOf(files, descriptor), compression, digest, diffId: diffIds[index] ?? '' };
  });
  return { config, layers };
}

/** The image of a docker-archive (`docker save`). @param name one of its RepoTags; needed where there are several images */
export async function dockerImage({ files }: Source, name: string | undefined): Promise<Image> {
  interface Saved {
    readonly Config?: string;
    readonly RepoTags?: readonly string[] | null;
    readonly Layers?: readonly string[];
  }
  const images = array<Saved>(
    await readJson(fileOf(files, 'manifest.json'), 'manifest.json'),
    'manifest.json',
  );
  const full = name?.includes(':') === false ? `${name}:latest` : name;
  const named =
    full === undefined
      ? images
      : images.filter(({ RepoTags }) =>
          RepoTags?.some((tag) => tag === full || tag.endsWith(`/${full}`)),
        );
  if (named.length !== 1) {
    const tags = images.flatMap(({ RepoTags }) => RepoTags ?? []);
    throw badImage(
      `the archive has ${named.length} images${name === undefined ? '' : ` with the name ${name}`}; name one with --image (there are: ${tags.join(', ') || 'none'})`,
    );
  }
  const [{ Config = '', Layers } = {}] = named;
  const config = await readJson<ImageConfig>(fileOf(files, Config), "the image's config");
  const names = array<string>(Layers, 'Layers of manifest.json');
  const diffIds = diffIdsOf(config, names.length);
  const layers: ImageLayer[] = [];
  for (const [index, layer] of names.entries()) {
    const extent = fileOf(files, layer);
    const compression = compressionOf(await headOf(extent));
    layers.push({ extent, compression, diffId: diffIds[index] ?? '' });
  }
  return { config, layers };
}

async function headOf(extent: Extent): Promise<Uint8Array> {
  for await (const chunk of openExtent({ ...extent, size: Math.min(4, extent.size) })) return chunk;
  return new Uint8Array();
}

function diffIdsOf({ os, rootfs }: ImageConfig, count: number): readonly string[] {
  if (os !== undefined && os !== 'linux')
    throw unsupported(`the image is for ${os}, not for linux`);
  if (rootfs?.type !== 'layers')
    throw badImage(`the image's rootfs is of type ${JSON.stringify(rootfs?.type)}, not layers`);
  const ids = array<string>(rootfs.diff_ids, "diff_ids of the image's config");
  if (ids.length !== count || count > MAX_LAYERS) {
    throw badImage(
      `the image has ${count} layers and ${ids.length} diff_ids (at most ${MAX_LAYERS} are taken)`,
    );
  }
  for (const id of ids) parseDigest(id);
  return ids;
}

function fileOf(files: Files, name: string): Extent {
  const extent = typeof name === 'string' && name !== '' ? files.find(name) : undefined;
  if (extent === undefined) throw badImage(`the image has no file ${JSON.stringify(name)}`, name);
  return extent;
}

/** The place of a blob: its name comes from a digest that was looked at, and its size is right. */
function blobOf(files: Files, { digest, size }: Descriptor): Extent {
  const { algorithm, hex } = parseDigest(digest);
  const extent = fileOf(files, `blobs/${algorithm}/${hex}`);
  if (extent.size !== size) {
    throw badImage(
      `the blob ${digest} has ${extent.size} bytes, and should have ${size}`,
      extent.path,
    );
  }
  return extent;
}

function array<T>(value: unknown, what: string): T[] {
  if (!Array.isArray(value)) throw badImage(`${what}: not an array`);
  return value as T[];
}

function wrongType(descriptor: Descriptor | undefined, what: string) {
  return unsupported(`${JSON.stringify(descriptor?.mediaType)} is not the media type of ${what}`);
}
