import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { pastaYear, userModePrograms } from './user-mode-programs.js';

const folder = mkdtempSync(join(tmpdir(), 'ocirt-programs-'));
const { PATH } = process.env;
after(() => {
  rmSync(folder, { recursive: true });
  process.env.PATH = PATH;
});

/** Before all folders of the system: there may be real ones. */
function installed(name: string, says: string): void {
  writeFileSync(join(folder, name), `#!/bin/sh\necho '${says}'\n`, { mode: 0o755 });
}

test('versions', () => {
  assert.equal(pastaYear('pasta 0.0~git20250503.587980c-2\nCopyright Red Hat'), 2025);
  assert.equal(pastaYear('pasta 2024_12_11.09478d5'), 2024);
  assert.equal(pastaYear('pasta unknown version\nCopyright Red Hat'), undefined);
});

test('pasta comes first, but an old one', () => {
  process.env.PATH = `${folder}:${PATH}`;
  installed('slirp4netns', '');
  for (const [version, first] of [
    ['pasta 0.0~git20250503.587980c-2', 'pasta'],
    ['pasta 0.0~git20230309.7c7625d-1', 'slirp4netns'],
    ['pasta unknown version', 'slirp4netns'],
  ] as const) {
    installed('pasta', version);
    assert.deepEqual(
      userModePrograms().map(({ program }) => program),
      first === 'pasta' ? ['pasta', 'slirp4netns'] : ['slirp4netns', 'pasta'],
    );
    assert.equal(userModePrograms()[0]?.path, join(folder, first));
  }
});
