/** Tools of the tests about mounts. */

import assert from 'node:assert/strict';
import { mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import type { Change } from './config.js';
import type { MountFacts } from './reports.js';
import type { Sandbox } from './sandbox.js';

/** The mount that is seen at a target: the last one in the list. */
export function at(mounts: MountFacts[], target: string): MountFacts {
  const found = mounts.findLast((mount) => mount.target === target);
  assert.ok(found, `nothing is mounted at ${target}`);
  return found;
}

export function mountOf(s: Sandbox, target: string, change: Change): MountFacts {
  const [mounts] = s.report(change, 'mountinfo');
  return at(mounts, target);
}

export const writable: Change = (c) => {
  c.root.readonly = false;
};

/** A folder on the host with a file, to be bound. */
export function source(s: Sandbox): string {
  const dir = s.path('source');
  mkdirSync(path.join(dir, 'below'), { recursive: true });
  writeFileSync(path.join(dir, 'file'), 'from the host\n');
  return dir;
}
