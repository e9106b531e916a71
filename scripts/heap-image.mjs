// Makes the heap image of the standalone executable (native/host/heap_image.h).
//
//   node scripts/heap-image.mjs FIRST SECOND OUT
//
// FIRST and SECOND are the same heap, saved by two runs of the executable. The kernel loads it at
// another address each time, so the words in which the two differ by just that distance are the
// pointers into the executable: a start adds the distance to them. Whatever else differs is known
// here, or an error.
import { readFileSync, writeFileSync } from 'node:fs';

const MAGIC = 0x31706165686f636fn;
/** Words of the header: `struct ImageHeader`. */
const [SIZE, EXECUTABLE, STACK, RELOCATIONS] = [1, 2, 3, 4];
const HEADER = RELOCATIONS + 1;
/** What lies within this distance of an address of the stack is one. */
const STACK_SIZE = 16n << 20n;
/** Beside them only the state of Math.random may differ, which the runtime does not use. */
const MAY_DIFFER = 1;

const [first, second, out] = process.argv.slice(2);
const words = (file) => {
  const bytes = readFileSync(file);
  return new BigUint64Array(bytes.buffer, bytes.byteOffset, bytes.length / 8);
};
const a = words(first);
const b = words(second);
const fail = (message) => {
  console.error(`heap-image: ${message}`);
  process.exit(1);
};
if (a[0] !== MAGIC || b[0] !== MAGIC) fail('not a saved heap');
if (a.length !== b.length) fail(`the two heaps differ in size: ${a.length} and ${b.length} words`);
if (a[SIZE] !== BigInt(a.byteLength)) fail("the size in the header is not the file's");

const base = a[EXECUTABLE];
const moved = b[EXECUTABLE] - base;
if (moved === 0n) {
  fail('both were saved at the same address: is address space randomization off?');
}
/** Whether a word is an address of the stack: where it begins a start sets anew, the others are dead. */
const isStack = (word, stack) => word - stack < STACK_SIZE && stack - word < STACK_SIZE;

const offsets = [];
const others = [];
for (let i = HEADER; i < a.length; i++) {
  if (a[i] === b[i]) continue;
  if (b[i] - a[i] === moved) {
    offsets.push(i * 8);
    // From the start of the executable: the same heap gives the same image, wherever it was made.
    a[i] -= base;
    continue;
  }
  if (!isStack(a[i], a[STACK]) || !isStack(b[i], b[STACK])) {
    others.push(`${i * 8}: ${a[i].toString(16)} and ${b[i].toString(16)}`);
  }
  a[i] = 0n;
}
if (others.length > MAY_DIFFER) {
  fail(`the two heaps differ in more than addresses:\n${others.join('\n')}`);
}

a[EXECUTABLE] = 0n;
a[STACK] = 0n;
a[RELOCATIONS] = BigInt(offsets.length);
const bytes = (array) => Buffer.from(array.buffer, array.byteOffset, array.byteLength);
writeFileSync(out, Buffer.concat([bytes(a), bytes(Uint32Array.from(offsets))]));
