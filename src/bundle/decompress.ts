/** What layers are compressed with, and who undoes it: beside the main thread, so that both cores have work. */
import { type ChildProcess, spawn } from 'node:child_process';
import { type Readable, Transform } from 'node:stream';
import * as zlib from 'node:zlib';
import type { OcirtError } from '../errors.js';
import { badImage, unsupported } from './errors.js';

export type Compression = 'none' | 'gzip' | 'zstd';

/** By the first bytes. A zstd file may begin with a frame to be skipped. */
export function compressionOf(head: Uint8Array): Compression {
  const [a, b, c, d] = head;
  if (a === 0x1f && b === 0x8b) return 'gzip';
  if (a === 0x28 && b === 0xb5 && c === 0x2f && d === 0xfd) return 'zstd';
  if (((a ?? 0) & 0xf0) === 0x50 && b === 0x2a && c === 0x4d && d === 0x18) return 'zstd';
  return 'none';
}

const OTHERS: readonly (readonly [RegExp, string, string])[] = [
  [/^fd377a585a00/, 'xz', 'xz -d'],
  [/^425a683[1-9]314159265359/, 'bzip2', 'bzip2 -d'],
  [/^4c5a4950/, 'lzip', 'lzip -d'],
  [/^04224d18/, 'lz4', 'lz4 -d'],
];

/** How many first bytes tell. */
export const HEAD = 10;

/** @throws OcirtError `image-unsupported` for what is compressed as no image is, by its first bytes */
export function refuseOthers(head: Uint8Array, path: string): void {
  const text = Buffer.from(head).toString('hex');
  const [, name, program] = OTHERS.find(([first]) => first.test(text)) ?? [];
  if (name === undefined) return;
  throw unsupported(
    `${path} is compressed with ${name}, and not with gzip or zstd`,
    `${program} makes the tar of it`,
  );
}

/** Each piece that comes out of zlib is a way to another thread and back: not for the default 16 KiB. */
const PIECE = 1 << 18;

/**
 * What is in compressed bytes.
 *
 * @throws OcirtError `image-unsupported` for zstd where neither Node.js nor the machine has it
 */
export function decompressed(compression: Compression, packed: Readable): Readable {
  if (compression === 'none') return packed;
  if (compression === 'gzip') return through(packed, zlib.createGunzip({ chunkSize: PIECE }));
  return throughProgram(packed);
}

function through(packed: Readable, unpack: Transform): Readable {
  packed.on('error', (error) => unpack.destroy(error));
  unpack.on('close', () => packed.destroy());
  return packed.pipe(unpack);
}

/**
 * Through zstd, the program: what is packed by chunks (zstd:chunked) has several frames and some to be
 * skipped, which zlib of Node.js, from 22.15 on, does not all read; and it works beside us.
 */
function throughProgram(packed: Readable): Readable {
  // The memory is for the window of `--long=27`, the largest that the format asks every reader for.
  const child = spawn('zstd', ['--decompress', '--stdout', '--quiet', '--memory=128MB'], {
    stdio: ['pipe', 'pipe', 'pipe'],
  });
  const { stdin, stdout, stderr } = child;
  let said = '';
  stderr.setEncoding('utf8').on('data', (text: string) => {
    said = (said + text).slice(0, 500);
  });
  const out = new Transform({
    readableHighWaterMark: 4 * PIECE,
    transform: (chunk, _encoding, done) => done(null, chunk),
    // The end of its output is no success yet.
    flush(done) {
      whenEnded(child, (status) => done(status === 0 ? null : failed(said)));
    },
    destroy(error, done) {
      child.kill('SIGKILL');
      packed.destroy();
      done(error);
    },
  });
  child.on('error', (error) => out.destroy(missing(error)));
  packed.on('error', (error) => out.destroy(error));
  // It may end before it has read all: its status tells why.
  stdin.on('error', () => {});
  packed.pipe(stdin);
  stdout.pipe(out);
  return out;
}

function whenEnded(child: ChildProcess, then: (status: number | null) => void): void {
  if (child.exitCode !== null || child.signalCode !== null) then(child.exitCode);
  else child.once('exit', then);
}

const failed = (said: string) =>
  badImage(`the archive can't be read: ${said.trim().replace(/^\S*: /, '') || 'zstd failed'}`);

function missing(error: Error): OcirtError | Error {
  if ((error as NodeJS.ErrnoException).code !== 'ENOENT') return error;
  return unsupported(
    'a layer is compressed with zstd, and the program zstd is not there',
    'install it (Debian: zstd), or copy the image with gzip layers',
  );
}
