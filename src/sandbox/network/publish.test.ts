import assert from 'node:assert/strict';
import { test } from 'node:test';
import { OcirtError } from '../../errors.js';
import { parsePublished, portText } from './publish.js';

const tcp = (hostPort: number, containerPort: number) => ({
  hostPort,
  containerPort,
  protocol: 'tcp' as const,
});

test('a port, an address before it, a protocol behind it', () => {
  assert.deepEqual(parsePublished(['8080:80']), [tcp(8080, 80)]);
  assert.deepEqual(parsePublished(['127.0.0.1:53:5353/UDP']), [
    { hostIP: '127.0.0.1', hostPort: 53, containerPort: 5353, protocol: 'udp' },
  ]);
  assert.deepEqual(parsePublished(['0.0.0.0:1:65535/tcp']), [tcp(1, 65_535)]);
});

test('ranges', () => {
  assert.deepEqual(parsePublished(['8000-8002:90-92']), [
    tcp(8000, 90),
    tcp(8001, 91),
    tcp(8002, 92),
  ]);
  assert.equal(parsePublished(['1-65535:1-65535/udp']).length, 65_535);
});

test('the same port by another protocol or another address is another port', () => {
  assert.equal(parsePublished(['53:53', '53:53/udp']).length, 2);
  assert.equal(parsePublished(['127.0.0.1:80:80', '127.0.0.2:80:80']).length, 2);
});

for (const [words, why] of [
  [[''], /no port of the host/],
  [['80'], /no port of the host/],
  [['http:80'], /no port of the host/],
  [['80:'], /no port of the host/],
  [['0:80'], /from 1 to 65535/],
  [['80:65536'], /from 1 to 65535/],
  [['80-1000000000:80'], /from 1 to 65535/],
  [['80:80/sctp'], /not tcp or udp/],
  [['[::1]:80:80'], /no IPv4/],
  [['300.0.0.1:80:80'], /no IPv4/],
  [['90-80:90-80'], /backwards/],
  [['80-90:80'], /11 ports of the host, 1 of/],
  [['80:80', '127.0.0.1:80:81'], /twice/],
  [['80-90:80-90', '85:1'], /twice/],
] as const) {
  test(`${words.join(' ')} is refused`, () => {
    assert.throws(
      () => parsePublished(words),
      (error) =>
        error instanceof OcirtError && error.code === 'port-invalid' && why.test(error.message),
    );
  });
}

test('the text of a port is what makes it', () => {
  for (const text of ['127.0.0.1:53:5353/udp', '8080:80/tcp']) {
    assert.deepEqual(parsePublished([text]).map(portText), [text]);
  }
});
