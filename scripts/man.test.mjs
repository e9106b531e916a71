// The manual pages: every verb has one with all of its options, and what formats them has nothing to
// warn of.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, before, test } from 'node:test';
import { fileURLToPath } from 'node:url';

const project = path.join(path.dirname(fileURLToPath(import.meta.url)), '..');
const folder = mkdtempSync(path.join(tmpdir(), 'ocirt-man-'));
after(() => rmSync(folder, { recursive: true, force: true }));

before(() => {
  const { status, stderr } = spawnSync(process.execPath, ['scripts/man.mjs', folder], {
    cwd: project,
    encoding: 'utf8',
    env: { ...process.env, SOURCE_DATE_EPOCH: '1700000000' },
  });
  assert.equal(status, 0, stderr);
});

const { VERBS } = await import('../dist/cli/verbs.js');

test('there is a page of each verb and of the whole', () => {
  const names = VERBS.map(({ name }) => `ocirt-${name}.8`);
  assert.deepEqual(readdirSync(folder).sort(), ['ocirt.8', ...names].sort());
});

test('each page has all options, their values and the date that was asked for', async () => {
  for (const entry of VERBS) {
    const text = readFileSync(path.join(folder, `ocirt-${entry.name}.8`), 'utf8');
    const { options } = await entry.load();
    for (const { name, argument = '', hidden } of options) {
      if (hidden === true) continue;
      const flag = `\\fB\\-\\-${name.replaceAll('-', '\\-')}\\fR`;
      assert.ok(text.includes(flag), `${entry.name} ${name}`);
      assert.ok(text.includes(argument.replaceAll('-', '\\-')), argument);
    }
    assert.match(text, /^\.TH \S+ 8 2023-11-14 "ocirt /m);
  }
});

for (const [program, ...args] of [
  ['/usr/bin/man', '--warnings', '--local-file', '--pager=cat'],
  ['/usr/bin/groff', '-man', '-Tutf8', '-ww', '-rCHECKSTYLE=3'],
  ['/usr/bin/mandoc', '-Tlint', '-Wwarning'],
]) {
  const name = path.basename(program);
  test(`${name} warns of nothing`, {
    skip: !existsSync(program) && `${name} is not installed`,
  }, () => {
    for (const file of readdirSync(folder)) {
      const result = spawnSync(program, [...args, path.join(folder, file)], {
        encoding: 'utf8',
        env: { ...process.env, MANWIDTH: '80', LC_ALL: 'C.UTF-8', MANROFFOPT: '-ww' },
      });
      assert.deepEqual([file, result.status, result.stderr], [file, 0, '']);
      if (name === 'mandoc') assert.equal(result.stdout, '', file);
      else assert.match(result.stdout, /show help/, file);
    }
  });
}
