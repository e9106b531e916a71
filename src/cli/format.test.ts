import assert from 'node:assert/strict';
import { test } from 'node:test';
import { OcirtError } from '../errors.js';
import type { StateDocument } from '../runtime/state.js';
import { GLOBAL_OPTIONS } from './globals.js';
import { mainHelp, verbHelp } from './help.js';
import { errorFields, formatLine } from './log.js';
import { toJson } from './plan-text.js';
import { formatTable } from './table.js';
import { containerTable } from './verbs/list.js';
import { VERBS } from './verbs.js';

const TIME = '2026-08-19T02:35:07Z';

test("a text line is logrus's: quoted where it must be", () => {
  assert.equal(
    formatLine('text', TIME, 'error', 'container does not exist'),
    `time="${TIME}" level=error msg="container does not exist"\n`,
  );
  assert.equal(formatLine('text', TIME, 'error', 'x'), `time="${TIME}" level=error msg=x\n`);
  assert.equal(
    formatLine('text', TIME, 'error', 'a "b"\nc', { pointer: '/mounts/2', hint: 'two words' }),
    `time="${TIME}" level=error msg="a \\"b\\"\\nc" pointer=/mounts/2 hint="two words"\n`,
  );
});

test('a JSON line has level, msg and time, and is one line', () => {
  const line = formatLine('json', TIME, 'error', 'a\nb', { code: 'x' });
  assert.deepEqual(JSON.parse(line), { level: 'error', msg: 'a\nb', time: TIME, code: 'x' });
  assert.equal(line.indexOf('\n'), line.length - 1);
});

test('an error gives its parts as fields, and no empty ones', () => {
  const error = new OcirtError('code', 'message', {
    pointer: '/p',
    syscall: '',
    cleanup: ['left'],
  });
  assert.deepEqual(errorFields(error), { code: 'code', pointer: '/p', cleanup: 'left' });
});

test('columns are 12 wide at least, with 3 blanks behind the widest cell', () => {
  assert.equal(
    formatTable([
      ['ID', 'PID'],
      ['a', '1'],
    ]),
    'ID          PID\na           1\n',
  );
  assert.equal(
    formatTable([
      ['ID', 'PID'],
      ['a-long-name', '1'],
    ]),
    'ID            PID\na-long-name   1\n',
  );
});

test('list: the header alone, and a row', () => {
  assert.equal(
    containerTable([]),
    'ID          PID         STATUS      BUNDLE      CREATED     OWNER\n',
  );
  const document: StateDocument = {
    ociVersion: '1.3.0',
    id: 'test_box1',
    pid: 4242,
    status: 'running',
    bundle: '/b',
    rootfs: '/b/rootfs',
    created: '2026-08-19T02:35:07.5Z',
    owner: 'root',
  };
  assert.match(
    containerTable([document]).split('\n')[1] ?? '',
    /^test_box1 +4242 +running +\/b +2026-08-19T02:35:07\.5Z +root$/,
  );
});

test('plans as JSON keep all digits', () => {
  const value = { hard: 18446744073709551615n, bytes: new Uint8Array([0, 255]), text: '5' };
  const text = toJson(value);
  assert.match(text, /"hard": 18446744073709551615,/);
  assert.match(text, /"bytes": "00ff"/);
  assert.match(text, /"text": "5"/);
});

test('help: the lines that scripts look at', () => {
  const lines = mainHelp(VERBS, GLOBAL_OPTIONS).split('\n');
  assert.equal(lines[0], 'NAME:');
  assert.match(lines[1] ?? '', /ocirt - Open Container Initiative runtime/);
  assert.ok(!lines.some((line) => line.includes('host-nofile-soft')));
});

test('every verb of the table loads, is what the table says, and has its help', async () => {
  for (const entry of VERBS) {
    const verb = await entry.load();
    assert.equal(verb.name, entry.name);
    assert.equal(verb.summary, entry.summary);
    const lines = verbHelp(verb).split('\n');
    assert.equal(lines[0], 'NAME:');
    assert.match(lines[1] ?? '', new RegExp(`ocirt ${verb.name} `));
    for (const option of verb.options) {
      assert.ok(verbHelp(verb).includes(`--${option.name}`), `${verb.name} --${option.name}`);
    }
    const names = verb.options.flatMap(({ name, short }) => (short ? [name, short] : [name]));
    assert.equal(new Set(names).size, names.length, `${verb.name}: a name twice`);
  }
});
