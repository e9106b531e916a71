// The heap image of the standalone executable: how it is made, and that a start uses it.
import assert from 'node:assert/strict';
import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, describe, it } from 'node:test';
import { fileURLToPath } from 'node:url';

const top = fileURLToPath(new URL('..', import.meta.url));
const scratch = mkdtempSync(path.join(tmpdir(), 'ocirt-heap-'));
after(() => rmSync(scratch, { recursive: true, force: true }));

const MAGIC = 0x31706165686f636fn;
const WORDS = 512;
const [SIZE, EXECUTABLE, STACK, RELOCATIONS] = [1, 2, 3, 4];

/** Far from everything else, and moved by another distance. */
const stackOf = (address) => 0x600000000000n + (address >> 4n);

/** Saves a heap of one page whose executable was at `address`, with some words set. */
function saved(name, address, words) {
  const heap = new BigUint64Array(WORDS);
  heap[0] = MAGIC;
  heap[SIZE] = BigInt(WORDS * 8);
  heap[EXECUTABLE] = address;
  heap[STACK] = stackOf(address);
  for (const [index, word] of Object.entries(words)) heap[index] = word;
  const file = path.join(scratch, name);
  writeFileSync(file, Buffer.from(heap.buffer));
  return file;
}

function combine(first, second) {
  const out = path.join(scratch, 'out');
  const { status, stderr } = spawnSync(
    process.execPath,
    [path.join(top, 'scripts/heap-image.mjs'), first, second, out],
    { encoding: 'utf8' },
  );
  return { status, stderr, image: status === 0 ? readFileSync(out) : Buffer.alloc(0) };
}

describe('scripts/heap-image.mjs', () => {
  it('finds the words that moved as far as the executable did', () => {
    const first = saved('a', 0x7f1000000000n, { 100: 0x7f1000001234n, 200: 7n });
    const second = saved('b', 0x7f2000000000n, { 100: 0x7f2000001234n, 200: 7n });
    const { status, image } = combine(first, second);
    assert.equal(status, 0);
    assert.equal(image.readBigUInt64LE(RELOCATIONS * 8), 1n);
    assert.equal(image.length, WORDS * 8 + 4);
    assert.equal(image.readUInt32LE(WORDS * 8), 100 * 8);
    assert.equal(image.readBigUInt64LE(100 * 8), 0x1234n);
  });

  it('gives the same image wherever the heaps were made, stacks and all', () => {
    const at = (base) => ({ 100: base + 8n, 101: stackOf(base) + 64n, 102: base });
    const made = [0x7f1000000000n, 0x7f3000000000n].map((address) => {
      const other = address + 0x555000n;
      return combine(saved('a', address, at(address)), saved('b', other, at(other))).image;
    });
    assert.ok(made[0].length > 0);
    assert.deepEqual(made[0], made[1]);
  });

  it('refuses two heaps of one address: no pointer would be found', () => {
    const first = saved('a', 0x7f1000000000n, {});
    const { status, stderr } = combine(first, first);
    assert.equal(status, 1);
    assert.match(stderr, /randomization/);
  });

  it('refuses a heap with words that differ in another way', () => {
    const first = saved('a', 0x7f1000000000n, { 100: 1n, 101: 2n });
    const second = saved('b', 0x7f2000000000n, { 100: 2n, 101: 3n });
    const { status, stderr } = combine(first, second);
    assert.equal(status, 1);
    assert.match(stderr, /differ in more than addresses/);
  });

  it('refuses heaps of two sizes', () => {
    const first = saved('a', 0x7f1000000000n, {});
    const second = path.join(scratch, 'short');
    writeFileSync(second, readFileSync(first).subarray(0, 2048));
    assert.equal(combine(first, second).status, 1);
  });
});

describe('dist/ocirt', () => {
  const trace = (program) =>
    spawnSync('strace', ['-e', 'trace=mremap', program, '--version'], { encoding: 'utf8' });

  it('starts from its heap image', () => {
    const { stdout, stderr } = trace(path.join(top, 'dist/ocirt'));
    assert.match(stdout, /^ocirt version /);
    assert.match(stderr, /mremap\(.*MREMAP_FIXED.* = 0x1000000000/);
  });

  it('says the same as the executable without one', () => {
    const bare = path.join(top, 'build/standalone/ocirt-without-heap');
    assert.doesNotMatch(trace(bare).stderr, /MREMAP_FIXED/);
    for (const args of [['--help'], ['state', '--help'], ['features']]) {
      const say = (program) => execFileSync(program, args, { encoding: 'utf8' });
      assert.equal(
        say(path.join(top, 'dist/ocirt')),
        say(bare).replaceAll('ocirt-without-heap', 'ocirt'),
      );
    }
  });

  it('has no way to save another heap', () => {
    const file = path.join(scratch, 'never');
    const { status } = spawnSync(path.join(top, 'dist/ocirt'), ['--save-heap', file]);
    assert.notEqual(status, 0);
    assert.throws(() => readFileSync(file));
  });
});
