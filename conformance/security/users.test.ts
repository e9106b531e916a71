/**
 * `exec --user`: what is no number in full is refused. Read as far as it goes, or as nothing at all, it
 * would be root.
 */

import assert from 'node:assert/strict';
import { ROOTLESS } from '../lib/groups.js';
import { type Container, scenario } from '../lib/sandbox.js';

interface Ids {
  uid: number;
  gid: number;
}

/** The ids that the process has, or null where it was refused. */
function idsOf(container: Container, user: string): Ids | null {
  const result = container.call('exec', ['--user', user], ['/payload', 'id']);
  assert.equal(result.signal, null);
  if (result.status !== 0) {
    assert.match(result.stderr, /\S/);
    return null;
  }
  const { uid, gid, euid, egid } = JSON.parse(result.stdout) as Ids & {
    euid: number;
    egid: number;
  };
  assert.deepEqual([euid, egid], [uid, gid]);
  return { uid, gid };
}

const TAKEN: Record<string, Ids> = {
  '1000': { uid: 1000, gid: 0 },
  '1000:1000': { uid: 1000, gid: 1000 },
  '0:7': { uid: 0, gid: 7 },
  '7:0': { uid: 7, gid: 0 },
  '4294967294:4294967294': { uid: 4294967294, gid: 4294967294 },
};

for (const [user, ids] of Object.entries(TAKEN)) {
  const skip = ROOTLESS && ids.uid > 65535 && 'the user namespace has no such id';
  scenario(`exec --user ${user} is that user`, { skip }, async (s) => {
    assert.deepEqual(idsOf(await s.running(), user), ids);
  });
}

/** None of them may be root, or any other user than the one that is written there. */
const REFUSED = [
  'x',
  'root',
  'grace',
  '1000x',
  'x1000',
  '-1',
  '-1000',
  '+1000',
  ' 1000',
  '1000 ',
  '1 000',
  '1_000',
  '1,000',
  '1000.0',
  '1e3',
  '0x3e8',
  '0o1750',
  '0b1',
  '4294967295',
  '4294967296',
  '4294968296',
  '18446744073709551616',
  '99999999999999999999999999',
  'NaN',
  'Infinity',
  '١٠٠٠',
  '１０００',
  ':',
  '1000:',
  ':1000',
  '::',
  '1000:1000:0',
  '1000:x',
  '1000:-1',
  '1000:4294967295',
  '1000:4294967296',
  '1000/1000',
  '1000;0',
  '1000\n0',
  '\t1000',
];

scenario('exec --user: a name or a number that is none in full is refused', {}, async (s) => {
  const container = await s.running();
  const taken = REFUSED.flatMap((user) => {
    const ids = idsOf(container, user);
    return ids === null ? [] : [`${JSON.stringify(user)} as ${ids.uid}:${ids.gid}`];
  });
  assert.deepEqual(taken, []);
});

scenario('exec --additional-gids: the same', {}, async (s) => {
  const container = await s.running();
  for (const gid of ['x', '-1', '4294967295', '4294967296', '1000x', '0x10', '', ' 5']) {
    const result = container.call('exec', ['--additional-gids', gid], ['/payload', 'id']);
    assert.notEqual(result.status, 0, `${JSON.stringify(gid)} was taken`);
  }
});

scenario('a uid or gid of config.json that is no id is refused', {}, (s) => {
  for (const wrong of [-1, 4294967295, 4294967296, 1.5, '0', '1000', null, [0], true]) {
    for (const property of ['uid', 'gid'] as const) {
      const result = s.run((c) => {
        Object.assign(c.process.user, { [property]: wrong });
        c.process.args = ['/payload', 'print', 'inside'];
      });
      assert.notEqual(result.status, 0, `${property} ${JSON.stringify(wrong)} was taken`);
      assert.equal(result.stdout, '');
    }
  }
});
