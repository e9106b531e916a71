// No package of package-lock.json has a fault that npm's advisories know.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import path from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';

const root = path.join(path.dirname(fileURLToPath(import.meta.url)), '..');

test('npm audit finds nothing', (t) => {
  const { stdout, error } = spawnSync('npm', ['audit', '--json'], {
    cwd: root,
    encoding: 'utf8',
    timeout: 120_000,
    maxBuffer: 1 << 28,
  });
  if (error !== undefined) return t.skip(`npm audit cannot be run: ${error.message}`);
  const report = JSON.parse(stdout === '' ? '{}' : stdout);
  if (report.metadata === undefined) {
    const why = String(report.message ?? report.error?.summary ?? 'no answer');
    return t.skip(`the registry gives no advisories: ${why.replace(/ - .*/, '')}`);
  }
  assert.deepEqual(report.vulnerabilities, {});
});
