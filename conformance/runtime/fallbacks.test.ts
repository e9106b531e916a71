/** What is done where the kernel does not let us do what config.json asks for: said by name. */

import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { type Change, without, withUserNamespace } from '../lib/config.js';
import { ROOTLESS } from '../lib/groups.js';
import { at } from '../lib/mounts.js';
import { says } from '../lib/refusal.js';
import type { Reports } from '../lib/reports.js';
import { scenario } from '../lib/sandbox.js';

/** In a user namespace, with the host's namespace of that type. */
const sharing =
  (type: string): Change =>
  (c) => {
    if (!ROOTLESS) withUserNamespace(c);
    c.linux.namespaces = without(c, type);
    c.process.args = ['/payload', 'report', 'mountinfo'];
  };

for (const [type, namespace, target] of [
  ['sysfs', 'network', '/sys'],
  ['mqueue', 'ipc', '/dev/mqueue'],
] as const) {
  scenario(
    `${type} with the host's ${namespace} namespace: the host's, with a warning`,
    {
      skip: !existsSync(target) && `the host has no ${target}`,
      not: { runc: 'an error', crun: 'no warning' },
    },
    (s) => {
      const result = s.run(sharing(namespace));
      assert.equal(result.status, 0, result.stderr);
      says(result.stderr, new RegExp(`level=warning.*${type} cannot be mounted on ${target}`));
      const [mounts] = JSON.parse(result.stdout) as [Reports['mountinfo']];
      assert.equal(at(mounts, target).type, type);
      if (type === 'sysfs') assert.ok(at(mounts, target).options.includes('ro'));
    },
  );
}
