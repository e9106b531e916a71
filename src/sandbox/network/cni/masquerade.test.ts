import assert from 'node:assert/strict';
import { test } from 'node:test';
import { findRules } from './masquerade.js';

test("a container's rules among those of others", () => {
  const text = `-P POSTROUTING ACCEPT
-A POSTROUTING -m comment --comment "CNI portfwd requiring masquerade" -j CNI-HOSTPORT-MASQ
-A POSTROUTING -s 10.77.0.2/32 -m comment --comment "name: \\"ocirt\\" id: \\"box-1\\"" -j CNI-aaaa
-A POSTROUTING -s 10.77.0.3/32 -m comment --comment "name: \\"ocirt\\" id: \\"box-12\\"" -j CNI-bbbb
-A POSTROUTING -s 10.88.0.2/32 -m comment --comment "name: \\"podman\\" id: \\"box-1\\"" -j CNI-cccc
`;
  assert.deepEqual(findRules(text, { network: 'ocirt', id: 'box-1' }), [
    { source: '10.77.0.2/32', chain: 'CNI-aaaa' },
  ]);
});
