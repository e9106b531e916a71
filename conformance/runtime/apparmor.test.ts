/** process.apparmorProfile, with a profile of the test's own. config.md, "Linux Process". */

import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { existsSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { type Change, withUserNamespace } from '../lib/config.js';
import { notRoot } from '../lib/groups.js';
import { refused, says } from '../lib/refusal.js';
import { KIND } from '../lib/runtime.js';
import { type Sandbox, scenario } from '../lib/sandbox.js';

const noParser = ['/sbin/apparmor_parser', '/usr/sbin/apparmor_parser'].every(
  (file) => !existsSync(file),
);
const skip =
  notRoot ||
  (!existsSync('/sys/kernel/security/apparmor/profiles') && 'the kernel has no AppArmor') ||
  (noParser && 'no apparmor_parser, which loads profiles');

function parser(option: string, text: string): void {
  const { status, stderr } = spawnSync('apparmor_parser', [option, '--skip-cache'], {
    input: text,
    encoding: 'utf8',
    env: { PATH: '/usr/sbin:/sbin:/usr/bin:/bin' },
  });
  assert.equal(status, 0, stderr);
}

/** Loads a profile that keeps one file from being read, until the sandbox ends. @returns its name */
function profile(s: Sandbox, secret: string): string {
  const name = `ocirt-test-${path.basename(s.dir)}-${path.basename(secret)}`;
  const rules = ['file', 'capability', 'network', 'unix', 'signal', 'ptrace', `deny ${secret} r`];
  const text = `profile ${name} flags=(attach_disconnected) {\n  ${rules.join(',\n  ')},\n}\n`;
  parser('--add', text);
  s.defer(() => parser('--remove', text));
  return name;
}

const ONE = '/srv/one';
const OTHER = '/srv/other';
const CURRENT = '/proc/self/attr/current';

/** With two files, and the profile where there is one. */
const confined =
  (s: Sandbox, name?: string): Change =>
  (c) => {
    for (const file of [ONE, OTHER]) writeFileSync(s.path(path.basename(file)), 'text');
    c.mounts.push({ destination: '/srv', type: 'bind', source: s.dir, options: ['bind'] });
    if (name !== undefined) c.process.apparmorProfile = name;
  };

const LOOK = [`cat ${CURRENT}`, `cat ${ONE}`, `cat ${OTHER}`] as const;
const NO = { errno: 'EACCES' };

/**
 * That the process is in the profile, and could look at that. crun lays it over Debian's profile for
 * crun itself, which confines nothing.
 */
function isIn(
  name: string,
  [profile, ...files]: readonly unknown[],
  seen: readonly unknown[],
): void {
  const due = [`${name} (enforce)\n`, ...(KIND === 'crun' ? [`crun//&${name} (mixed)\n`] : [])];
  assert.ok(due.includes(String(profile)), String(profile));
  assert.deepEqual(files, seen);
}

scenario('apparmorProfile confines the process', { skip }, (s) => {
  const name = profile(s, ONE);
  isIn(name, s.report(confined(s, name), ...LOOK), [NO, 'text']);
});

scenario('apparmorProfile and no new privileges', { skip }, (s) => {
  const name = profile(s, ONE);
  const looked = s.report(
    (c) => {
      confined(s, name)(c);
      c.process.noNewPrivileges = true;
    },
    ...LOOK,
  );
  isIn(name, looked, [NO, 'text']);
});

scenario('apparmorProfile in a user namespace', { skip }, (s) => {
  const name = profile(s, ONE);
  const looked = s.report(
    (c) => {
      withUserNamespace(c);
      confined(s, name)(c);
    },
    ...LOOK,
  );
  isIn(name, looked, [NO, 'text']);
});

scenario("exec has the container's apparmorProfile, or another one", { skip }, async (s) => {
  const [one, other] = [profile(s, ONE), profile(s, OTHER)];
  const container = await s.running(confined(s, one));
  isIn(one, container.report([], ...LOOK), [NO, 'text']);
  isIn(other, container.report(['--apparmor', other], ...LOOK), ['text', NO]);
});

scenario('without apparmorProfile the process is not confined', { skip }, (s) => {
  const [profile, ...looked] = s.report(confined(s), ...LOOK);
  // Debian has a profile for runc and one for crun, which the process keeps: they confine nothing.
  if (KIND === 'ocirt') assert.equal(profile, 'unconfined\n');
  else assert.match(String(profile), /^(unconfined|\S+ \(unconfined\))\n$/);
  assert.deepEqual(looked, ['text', 'text']);
});

scenario('an apparmorProfile that is not loaded is refused', { skip }, (s) => {
  const result = s.run(confined(s, 'ocirt-test-of-nobody'));
  refused(result);
  says(result.stderr, /apparmor/i);
  assert.equal(result.stdout, '');
});
