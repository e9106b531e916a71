/**
 * The attacks of races.test.ts, not left to luck: `create` is stopped after each of its mounts in
 * turn, and what is at a path is exchanged there, and once more when it has ended.
 */

import assert from 'node:assert/strict';
import { lstatSync, readdirSync, readlinkSync, renameSync, symlinkSync } from 'node:fs';
import path from 'node:path';
import { notRoot } from '../lib/groups.js';
import { waitFor } from '../lib/host.js';
import { writable } from '../lib/mounts.js';
import type { Reports } from '../lib/reports.js';
import { KIND } from '../lib/runtime.js';
import { type Container, type Sandbox, scenario } from '../lib/sandbox.js';
import { createStopped, noStopping } from '../lib/stopping.js';

const MOUNTS = ['mount', 'move_mount'];

function exchange(one: string, other: string): void {
  const between = `${one}.between`;
  renameSync(one, between);
  renameSync(other, one);
  renameSync(between, other);
}

/** What the process of a created container reports, or '' where it did not come to that. */
async function reported(container: Container): Promise<string> {
  if (container.call('start').status !== 0) return '';
  await container.until('stopped');
  return container.output();
}

/** Exchanges `one` and `other` at each mount of a create. `check` is given what the process reports. */
async function atEachMount(
  s: Sandbox,
  container: Container,
  [one, other]: [string, string],
  check: (report: string) => void,
): Promise<void> {
  const seen = { started: 0, refused: 0 };
  for (const call of MOUNTS) {
    for (let nth = 1; ; nth++) {
      const result = await createStopped(container, { call, nth }, () => exchange(one, other));
      if (!result.met) {
        container.must('delete', ['--force']);
        break;
      }
      exchange(one, other);
      if (result.status === 0) {
        seen.started++;
        const report = await reported(container);
        if (report !== '') check(report);
        container.must('delete', ['--force']);
      } else {
        seen.refused++;
        assert.match(result.stderr, /\S/);
      }
      // The shell of the call may still be on its way out.
      await waitFor(`nothing to be left at ${call} ${nth}`, () => s.leftovers().length === 0);
    }
  }
  console.log(`# ${seen.started} started, ${seen.refused} refused`);
  assert.ok(seen.started > 0, `none of ${seen.refused} starts came through`);
}

for (const linkFirst of [false, true]) {
  scenario(
    `CVE-2019-19921: a /proc that is ${linkFirst ? 'a link, and then a folder' : 'a folder, and then a link'}, is procfs with its masks`,
    { skip: notRoot || noStopping },
    async (s) => {
      const container = s.container((c) => {
        writable(c);
        c.process.args = ['/payload', 'report', 'open', '/proc/sys/kernel/domainname', 'w'];
      });
      const root = path.join(container.bundle, 'rootfs');
      const [proc, link] = [path.join(root, 'proc'), path.join(root, 'link')];
      symlinkSync('/srv', link);
      if (linkFirst) exchange(proc, link);
      await atEachMount(s, container, [proc, link], (report) => {
        const [parameter] = JSON.parse(report) as [Reports['open']];
        assert.notEqual(parameter, 'ok');
      });
      assert.equal(lstatSync(proc).isSymbolicLink(), linkFirst);
    },
  );
}

/** What the first process of a container that can be started already has open, if it is that by now. */
function openInCreated(container: Container): string[] | undefined {
  const result = container.call('state');
  if (result.status !== 0) return undefined;
  const { status, pid } = JSON.parse(result.stdout) as { status: string; pid: number };
  if (status !== 'created') return undefined;
  const folder = `/proc/${pid}/fd`;
  return readdirSync(folder).map((fd) => readlinkSync(path.join(folder, fd)));
}

/** Others make none of these calls between the record and the wait for `start`: there is nothing to see of them. */
const notOurs: string | false = KIND !== 'ocirt' && 'it stops at a call that only ocirt makes';

// Whoever joins the container then could take them from there: the procfs among them has no masks.
scenario(
  'a container that can be started holds none of its mounts open, from the first moment',
  { skip: notRoot || noStopping || notOurs },
  async (s) => {
    const container = s.container();
    let seen = 0;
    for (let nth = 1; ; nth++) {
      const { met } = await createStopped(container, { call: 'prctl', nth }, () => {
        const open = openInCreated(container);
        if (open === undefined) return;
        seen++;
        const mounts = open.filter((file) => /^\/(proc|sys|dev)?$/.test(file));
        assert.deepEqual(mounts, []);
      });
      container.must('delete', ['--force']);
      await waitFor(`nothing to be left at ${nth}`, () => s.leftovers().length === 0);
      if (!met) break;
    }
    assert.ok(seen > 0, 'no call is made between the record and the start');
  },
);
