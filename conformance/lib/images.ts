/** Archives and images that tests make of a few files. */

import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { copyFileSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { gzipSync } from 'node:zlib';
import { PAYLOAD } from './runtime.js';
import type { Sandbox } from './sandbox.js';

/** A root file system with the payload in it, as a tar; `more` is a second one on top. */
export function rootfsTar(s: Sandbox, name: string, files: Record<string, string> = {}): string {
  const dir = s.path(name);
  mkdirSync(path.join(dir, 'bin'), { recursive: true });
  copyFileSync(PAYLOAD, path.join(dir, 'bin/payload'));
  for (const [file, text] of Object.entries(files)) {
    mkdirSync(path.dirname(path.join(dir, file)), { recursive: true });
    writeFileSync(path.join(dir, file), text);
  }
  execFileSync('tar', ['-C', dir, '--format=pax', '-cf', `${dir}.tar`, '.']);
  return `${dir}.tar`;
}

/** A layout with these tars as layers. */
export function layout(s: Sandbox, layers: readonly string[], config: object): string {
  const dir = s.path('layout');
  mkdirSync(path.join(dir, 'blobs/sha256'), { recursive: true });
  const digest = (data: Uint8Array) => createHash('sha256').update(data).digest('hex');
  const blob = (mediaType: string, data: Uint8Array) => {
    writeFileSync(path.join(dir, 'blobs/sha256', digest(data)), data);
    return { mediaType, digest: `sha256:${digest(data)}`, size: data.length };
  };
  const json = (value: object) => new TextEncoder().encode(JSON.stringify(value));
  const type = 'application/vnd.oci.image';
  const tars = layers.map((file) => new Uint8Array(readFileSync(file)));
  const manifest = {
    schemaVersion: 2,
    config: blob(
      `${type}.config.v1+json`,
      json({
        os: 'linux',
        config,
        rootfs: { type: 'layers', diff_ids: tars.map((data) => `sha256:${digest(data)}`) },
      }),
    ),
    layers: tars.map((data) => blob(`${type}.layer.v1.tar+gzip`, new Uint8Array(gzipSync(data)))),
  };
  const index = { schemaVersion: 2, manifests: [blob(`${type}.manifest.v1+json`, json(manifest))] };
  writeFileSync(path.join(dir, 'index.json'), json(index));
  writeFileSync(path.join(dir, 'oci-layout'), '{"imageLayoutVersion":"1.0.0"}');
  return dir;
}
