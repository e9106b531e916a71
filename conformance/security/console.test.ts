/** /dev/console: the terminal is mounted on a file of that name, and on nothing that it leads to. */

import assert from 'node:assert/strict';
import { mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { callOnTerminal, relink, Victim } from '../lib/attack.js';
import type { Change } from '../lib/config.js';
import { notRoot } from '../lib/groups.js';
import { writable } from '../lib/mounts.js';
import type { Reports } from '../lib/reports.js';
import { type Container, scenario } from '../lib/sandbox.js';

/** The image's own /dev, with devpts on it. */
const imageDev: Change = (c) => {
  writable(c);
  c.mounts = c.mounts.filter(({ destination }) => destination !== '/dev');
  c.process.terminal = true;
};

function prepare(container: Container): void {
  mkdirSync(path.join(container.bundle, 'rootfs/dev/pts'), { recursive: true });
  writeFileSync(path.join(container.bundle, 'rootfs/etc/other'), 'worth having\n');
}

const TARGETS: Record<string, string> = {
  'a file of the image': '/etc/other',
  'a parameter of the kernel': '/proc/sys/kernel/domainname',
  'what is masked': '/proc/timer_list',
  'a file that is not there': '/etc/made',
};

for (const [what, target] of Object.entries(TARGETS)) {
  scenario(
    `CVE-2025-52565: a /dev/console that is a link to ${what} does not carry the terminal there`,
    { skip: notRoot },
    async (s) => {
      const container = s.container((c) => {
        imageDev(c);
        c.process.args = ['/payload', 'report', 'mountinfo', ',', 'stat', target];
      });
      prepare(container);
      relink(container, 'dev/console', target);
      const out = await callOnTerminal(s, 'run', '--bundle', container.bundle, container.id);
      const found = /\[\[\{.*\]/.exec(out);
      if (found === null) return assert.match(out, /\S/);
      const [mounts, facts] = JSON.parse(found[0]) as [Reports['mountinfo'], Reports['stat']];
      const there = mounts.filter((mount) => mount.target === target);
      assert.deepEqual(
        there.filter(({ type }) => type === 'devpts'),
        [],
      );
      assert.notEqual(facts.major, 136, 'it is a terminal');
    },
  );
}

for (const how of ['an absolute link', 'a link upwards'] as const) {
  scenario(
    `CVE-2025-52565: a /dev/console that is ${how} to the host: nothing is made there`,
    { skip: notRoot },
    async (s) => {
      const victim = new Victim(s);
      const container = s.container((c) => {
        imageDev(c);
        c.process.args = ['/payload', 'report', 'mountinfo'];
      });
      prepare(container);
      const target = path.join(victim.dir, 'made');
      relink(
        container,
        'dev/console',
        how === 'a link upwards' ? `${'../'.repeat(20)}${target.slice(1)}` : target,
      );
      await callOnTerminal(s, 'run', '--bundle', container.bundle, container.id);
      victim.assertUntouched();
    },
  );
}

scenario(
  'a /dev/pts that is a link to the host: no terminal is taken from there',
  { skip: notRoot },
  async (s) => {
    const container = s.container((c) => {
      imageDev(c);
      c.mounts = c.mounts.filter(({ destination }) => destination !== '/dev/pts');
      c.process.args = ['/payload', 'report', 'tty'];
    });
    prepare(container);
    relink(container, 'dev/pts', '/proc/1/root/dev/pts');
    const out = await callOnTerminal(s, 'run', '--bundle', container.bundle, container.id);
    assert.match(out, /\S/);
    assert.doesNotMatch(out, /"tty": ?true/);
  },
);
