import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, test } from 'node:test';
import { type Config, toJson } from '../../conformance/lib/config.js';
import { PROJECT } from '../../conformance/lib/runtime.js';
import { floorList } from '../floor-list.js';
import { containerdConfig, plainConfig, podmanConfig } from './configs.js';

const bundle = mkdtempSync(path.join(tmpdir(), 'ocirt-bench-test-'));
after(() => rmSync(bundle, { recursive: true, force: true }));

const CONFIGS: [string, Config][] = [
  ['plain', plainConfig(['/payload'])],
  ['podman', podmanConfig(['/payload'], '/files', '/group/podman')],
  ['containerd', containerdConfig(['/payload'], '/group/containerd')],
];

for (const [name, config] of CONFIGS) {
  test(`the ${name} config is valid, without a warning`, () => {
    mkdirSync(path.join(bundle, 'rootfs'), { recursive: true });
    writeFileSync(path.join(bundle, 'config.json'), toJson(config));
    const result = spawnSync(path.join(PROJECT, 'bin/ocirt-node'), ['validate'], {
      cwd: bundle,
      encoding: 'utf8',
    });
    assert.equal(result.status, 0, result.stdout + result.stderr);
    assert.equal(result.stderr, '');
  });
}

test('the floor makes the namespaces, mounts, devices and masks of a config', () => {
  const lines = floorList(plainConfig(['/payload', 'exit']), '/group').split('\n');
  // CLONE_NEWPID, NEWNET, NEWIPC, NEWUTS, NEWNS
  assert.ok(
    lines.includes(`namespaces\t${0x20000000 + 0x40000000 + 0x8000000 + 0x4000000 + 0x20000}`),
  );
  // MS_NOSUID and MS_STRICTATIME are flags, the rest is for the file system.
  assert.ok(lines.includes('mount\ttmpfs\ttmpfs\t/dev\t16777218\tmode=755,size=65536k'));
  assert.ok(lines.includes('mount\tsysfs\tsysfs\t/sys\t15'));
  assert.ok(lines.includes('device\t/dev/null\t1\t3'));
  assert.ok(lines.includes('mask\t/proc/kcore'));
  assert.ok(lines.includes('readonly\t/proc/sys'));
  assert.deepEqual(
    lines.filter((line) => line.startsWith('arg')),
    ['arg\t/payload', 'arg\texit'],
  );
});

test("binds of Podman's config become binds", () => {
  const config = podmanConfig(['/payload'], '/files', '/group');
  const lines = floorList(config, '/group').split('\n');
  assert.ok(lines.includes('bind\t/files/shm\t/dev/shm\t14'));
  assert.ok(lines.includes('cgroups\t/sys/fs/cgroup\t2097167'));
});
