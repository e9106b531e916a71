// docs/cli.md: how the help of others is read, and that they have nothing that ocirt has not, but
// what has a reason.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { test } from 'node:test';
import { comparison, gaps, missing, page, parseFlags, parseVerbs } from './cli-table.mjs';

const kept = JSON.parse(readFileSync(new URL('cli-flags.json', import.meta.url), 'utf8'));
const written = readFileSync(new URL('../docs/cli.md', import.meta.url), 'utf8');

test('the help of runc: verbs and flags', () => {
  const help = `NAME:
   runc - runtime

    # runc run [ -b bundle ] <container-id>

COMMANDS:
   checkpoint  checkpoint a running container
   help, h     Shows a list of commands

GLOBAL OPTIONS:
   --debug           enable --not-this
   --root value      root directory
   --help, -h        show help
`;
  assert.deepEqual(parseVerbs(help), ['checkpoint']);
  assert.deepEqual(parseFlags(help), ['--debug', '--root', '--help -h']);
  const verb = 'OPTIONS:\n   --bundle value, -b value     path\n   --env value, -e value\n';
  assert.deepEqual(parseFlags(verb), ['--bundle -b', '--env -e']);
});

test('the help of crun: verbs and flags', () => {
  const help = `Usage: crun [OPTION...] COMMAND [OPTION...]

COMMANDS:
\tcreate      - create a container
\tps          - show the processes

      --debug                produce verbose output, similar to
                             --log-level=debug
  -f, --config=FILE          override the config file name
  -t, --tty[=TTY]            allocate
  -?, --help                 Give this help list
  -v, -V, --version
`;
  assert.deepEqual(parseVerbs(help), ['create', 'ps']);
  assert.deepEqual(parseFlags(help), [
    '--debug',
    '--config -f',
    '--tty -t',
    '--help -?',
    '--version -v -V',
  ]);
});

test('a verb, a flag and a name of a flag that only others have are missing', async () => {
  const tables = await comparison({
    'other 1': { '': ['--root -R', '--magic'], create: ['--bundle -b'], conjure: ['--what'] },
  });
  assert.deepEqual(missing(tables).sort(), ['--magic', '-R', 'conjure']);
  assert.deepEqual(gaps(tables).sort(), ['--magic', '-R', 'conjure']);
});

test('nothing of theirs is missing without a reason', async () => {
  assert.ok(Object.keys(kept).length >= 4);
  for (const flags of Object.values(kept)) assert.ok(Object.keys(flags).length > 10);
  assert.deepEqual(gaps(await comparison(kept)), []);
});

for (const binary of ['/usr/sbin/runc', '/usr/bin/crun']) {
  test(`the ${binary} that is installed has nothing more`, {
    skip: !existsSync(binary) && 'it is not installed',
  }, async () => {
    const help = (...args) => spawnSync(binary, args, { encoding: 'utf8' }).stdout;
    const verbs = parseVerbs(help('--help'));
    assert.ok(verbs.length > 10);
    const flags = verbs.map((verb) => [verb, parseFlags(help(verb, '--help'))]);
    const found = { '': parseFlags(help('--help')), ...Object.fromEntries(flags) };
    assert.deepEqual(gaps(await comparison({ installed: found })), []);
  });
}

test('docs/cli.md is that of the tables (node scripts/cli-table.mjs makes it anew)', async () => {
  assert.equal(written, await page(kept));
});
