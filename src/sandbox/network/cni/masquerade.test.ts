import assert from 'node:assert/strict';
import { test } from 'node:test';
import { chainOf, sourcesOf } from './masquerade.js';

test("a container's chain has the name that the plugins give it", () => {
  // As `iptables -S` showed it after the bridge plugin's ADD.
  const record = { network: 'ocirt', id: 'killed2-3c63c78b' };
  assert.equal(chainOf(record), 'CNI-f915046acecf1b956493904f');
});

test("a container's rules among those of others", () => {
  const text = `-P POSTROUTING ACCEPT
-N CNI-aaaa
-A POSTROUTING -m comment --comment "CNI portfwd requiring masquerade" -j CNI-HOSTPORT-MASQ
-A POSTROUTING -s 10.77.0.2/32 -m comment --comment "name: \\"ocirt\\" id: \\"box-1\\"" -j CNI-aaaa
-A POSTROUTING -s 10.77.0.3/32 -m comment --comment "name: \\"ocirt\\" id: \\"box-12\\"" -j CNI-aaaab
-A POSTROUTING -s 10.88.0.2/32 -m comment --comment "name: \\"podman\\" id: \\"box-1\\"" -j CNI-cccc
-A CNI-aaaa -d 10.77.0.0/24 -j ACCEPT
`;
  assert.deepEqual(sourcesOf(text, 'CNI-aaaa'), ['10.77.0.2/32']);
  assert.deepEqual(sourcesOf(text, 'CNI-dddd'), []);
});
