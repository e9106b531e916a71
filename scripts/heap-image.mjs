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
const SIZE = 1;
const EXECUTABLE = 2;
const RELOCATIONS = 3;
/** Addresses of the stack: where it begins, which a start sets anew, and frames that have ended. */
const isStack = (word) => word >= 0x7ff000000000n && word < 0x800000000000n;
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

const moved = b[EXECUTABLE] - a[EXECUTABLE];
const offsets = [];
const others = [];
for (let i = RELOCATIONS + 1; i < a.length; i++) {
  if (a[i] === b[i]) continue;
  if (b[i] - a[i] === moved) offsets.push(i * 8);
  else if (!isStack(a[i]) || !isStack(b[i]))
    others.push(`${i * 8}: ${a[i].toString(16)} and ${b[i].toString(16)}`);
}
if (others.length > MAY_DIFFER)
  fail(`the two heaps differ in more than addresses:\n${others.join('\n')}`);

a[RELOCATIONS] = BigInt(offsets.length);
if (a[SIZE] !== BigInt(a.byteLength)) fail("the size in the header is not the file's");
writeFileSync(
  out,
  Buffer.concat([
    Buffer.from(a.buffer, a.byteOffset, a.byteLength),
    Buffer.from(Uint32Array.from(offsets).buffer),
  ]),
);
