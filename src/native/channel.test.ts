import assert from 'node:assert/strict';
import { join } from 'node:path';
import { test } from 'node:test';
import type { Value } from './binding.js';
import { native, openDescriptors, temporary } from './testing/helper.js';

function roundTrip(value: Value): Value {
  const [a, b] = native.socketPair();
  try {
    native.channelSend(a, value);
    return native.channelReceive(b, 5_000);
  } finally {
    native.close([a, b]);
  }
}

test('every kind of plain data comes through as it was', () => {
  const bytes = new Uint8Array([0, 1, 128, 255]);
  const value = {
    null: null,
    yes: true,
    no: false,
    zero: 0,
    negative: -1,
    fraction: 0.5,
    text: 'é\u0000"\n😀',
    bytes,
    list: [[], [1, [2]], {}],
    empty: '',
  };
  assert.deepEqual(roundTrip(value), value);
  assert.deepEqual(roundTrip({ left: undefined, kept: 1 }), { kept: 1 });
  assert.deepEqual(roundTrip(bytes.subarray(1, 3)), new Uint8Array([1, 128]));
});

test('64-bit integers keep every bit', () => {
  // RLIM_INFINITY; the ends of int64; one more than a double holds.
  for (const big of [
    18446744073709551615n,
    9223372036854775808n,
    9223372036854775807n,
    -9223372036854775808n,
    9007199254740993n,
    -9007199254740993n,
  ]) {
    assert.equal(roundTrip(big), big);
  }
  // What a double holds comes as a number.
  assert.equal(roundTrip(2n ** 53n), 2 ** 53);
  assert.equal(roundTrip(-(2 ** 53)), -(2 ** 53));
  assert.equal(roundTrip(2 ** 60), 2 ** 60);
});

test('the end of the stream is null, silence is ETIMEDOUT, a gone peer EPIPE', (t) => {
  const [a, b] = native.socketPair();
  t.after(() => native.close([b]));
  assert.throws(() => native.channelReceive(b, 20), { code: 'ETIMEDOUT' });
  native.channelSend(a, 'last');
  native.close([a]);
  assert.equal(native.channelReceive(b, 1_000), 'last');
  assert.equal(native.channelReceive(b, 1_000), null);
  assert.throws(() => native.channelSend(b, 1), { code: 'EPIPE' });
});

test('listen and connect, whatever the length of the path', (t) => {
  const dir = join(temporary(t), 'x'.repeat(120));
  native.makeDirectory(dir, 0o700, false);
  const before = openDescriptors();
  for (const name of ['s', 'y'.repeat(60)]) {
    const path = join(dir, name);
    const listener = native.listenUnix(path, 1);
    assert.equal(native.status(path, false)?.type, 'socket');
    assert.equal(native.status(path, false)?.mode, 0o600);
    assert.throws(() => native.listenUnix(path, 1), { code: 'EADDRINUSE', path });
    const client = native.connectUnix(path);
    native.close([listener, client]);
    assert.throws(() => native.connectUnix(path), { code: 'ECONNREFUSED', path });
  }
  assert.equal(openDescriptors(), before);
  assert.throws(() => native.connectUnix(join(dir, 'none')), { code: 'ENOENT' });
  assert.throws(() => native.listenUnix(join(dir, 'z'.repeat(110)), 1), { code: 'ENAMETOOLONG' });
});

test('a descriptor goes over a socket with its data', (t) => {
  const [a, b] = native.socketPair();
  t.after(() => native.close([a, b]));
  const fd = native.open('/proc/self/comm', ['read']);
  native.sendFd(a, fd, 'console');
  native.close([fd]);
  const got = native.receiveFd(b, 1_000);
  assert.equal(got.data, 'console');
  assert.match(native.readLink(`/proc/self/fd/${got.fd}`), /^\/proc\/.*\/comm$/);
  native.close([got.fd]);
  assert.throws(() => native.receiveFd(b, 20), { code: 'ETIMEDOUT' });
  native.write(a, 'no descriptor');
  assert.throws(() => native.receiveFd(b, 1_000), { code: 'EBADMSG' });
});

test('packets keep their bounds, and one may bring a descriptor', () => {
  const [a, b] = native.packetPair();
  const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);
  try {
    native.sendBytes(a, 'one');
    native.sendBytes(a, 'two');
    assert.deepEqual(native.receivePacket(b, 100, 5_000), { data: bytes('one'), fd: -1 });
    assert.deepEqual(native.receivePacket(b, 100, 5_000), { data: bytes('two'), fd: -1 });
    native.sendFd(a, b, 'with');
    const { data, fd } = native.receivePacket(b, 100, 5_000);
    assert.deepEqual(data, bytes('with'));
    assert.ok(fd > b);
    native.close([fd]);
    native.sendBytes(a, 'too long');
    assert.throws(() => native.receivePacket(b, 3, 5_000), { code: 'EMSGSIZE' });
    assert.throws(() => native.receivePacket(b, 3, 10), { code: 'ETIMEDOUT' });
  } finally {
    native.close([a]);
  }
  assert.equal(native.receivePacket(b, 3, 5_000).data.length, 0);
  native.close([b]);
});
