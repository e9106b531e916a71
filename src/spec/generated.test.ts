import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { CAPABILITY, NAMESPACE_TYPE, RLIMIT_TYPE } from './names.gen.js';
import { validateFeatures } from './validators-state.gen.js';

test('what is generated matches the schemas', () => {
  const script = fileURLToPath(new URL('../../scripts/generate.mjs', import.meta.url));
  execFileSync(process.execPath, [script, '--check'], { stdio: 'pipe' });
});

test('the tables of names are whole', () => {
  // capabilities(7): CAP_CHOWN is 0, CAP_CHECKPOINT_RESTORE 40.
  assert.equal(CAPABILITY.length, 41);
  assert.equal(CAPABILITY.indexOf('CAP_SYS_ADMIN'), 21);
  assert.equal(CAPABILITY.indexOf('CAP_CHECKPOINT_RESTORE'), 40);
  // getrlimit(2): RLIM_NLIMITS.
  assert.equal(RLIMIT_TYPE.length, 16);
  assert.equal(NAMESPACE_TYPE.length, 8);
});

test('a features document is checked', () => {
  const features = {
    ociVersionMin: '1.0.0',
    ociVersionMax: '1.3.0',
    linux: { cgroup: { v1: true } },
  };
  assert.ok(validateFeatures(features));
  assert.ok(!validateFeatures({ ociVersionMin: '1.0.0' }));
  assert.ok(!validateFeatures({ ...features, linux: { cgroup: { v1: 'yes' } } }));
});
