import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { FileStatus } from '../native/binding.js';
import { createFake } from '../native/fake.js';
import { parseWords } from './args.js';
import { GLOBAL_OPTIONS } from './globals.js';
import { chooseLog } from './log-choice.js';
import { journalMessage, openService, syslogMessage } from './log-service.js';

const text = (bytes: Uint8Array): string => Buffer.from(bytes).toString();

test('a message for the journal', () => {
  assert.equal(
    text(journalMessage('id', 'error', 'it failed', { code: 'x', hint: 'do' })),
    'MESSAGE=it failed\nPRIORITY=3\nSYSLOG_IDENTIFIER=id\nSYSLOG_FACILITY=3\nOCIRT_CODE=x\nOCIRT_HINT=do\n',
  );
});

test('a value of several lines has its length before it', () => {
  const message = journalMessage('id', 'warning', 'é\nb', {});
  // Four bytes of UTF-8.
  assert.equal(text(message.subarray(0, 21)), 'MESSAGE\n\x04\0\0\0\0\0\0\0é\nb\n');
});

test('a message for syslog is one line', () => {
  assert.equal(
    syslogMessage('id', 7, 'warning', 'a\nb', { hint: 'two words' }),
    '<28>id[7]: a b hint="two words"',
  );
});

function host(type: FileStatus['type'] | null) {
  return createFake({
    status: () => (type === null ? null : ({ type } as FileStatus)),
    identity: () => ({ pid: 7 }) as never,
    clock: () => ({ realtimeNs: 0n, monotonicNs: 0n }),
    sendDatagram() {},
    write() {},
    writeFiles: () => [],
    open: () => 4,
    close() {},
    isTerminal: () => false,
  });
}

test('a service that is not there is refused by name', () => {
  assert.throws(() => openService(host(null).binding, 'journald', 'x'), {
    code: 'log-failed',
    path: '/run/systemd/journal/socket',
  });
  assert.throws(() => openService(host('file').binding, 'syslog', 'x'), { path: '/dev/log' });
});

const optionsOf = (...words: string[]) => parseWords(words, GLOBAL_OPTIONS, 1).values;

test('--log journald:ID sends there, and the last error to stderr as well', async () => {
  const fake = host('socket');
  const log = await chooseLog(fake.binding, optionsOf('--log', 'journald:box'));
  log.warn('one');
  log.fatal('two', { code: 'c' });
  const sent = fake.callsOf('sendDatagram').map(({ args }) => text(args[1] as Uint8Array));
  assert.equal(sent.length, 2);
  assert.match(sent[0] ?? '', /^MESSAGE=one\nPRIORITY=4\nSYSLOG_IDENTIFIER=box\n/);
  assert.deepEqual(
    fake.callsOf('write').map(({ args }) => args),
    [[2, 'two\n']],
  );
});

test('a service that no longer takes messages: they go to stderr', async () => {
  const fake = host('socket');
  const log = await chooseLog(fake.binding, optionsOf('--log', 'syslog:'));
  fake.failCall('sendDatagram', 1, { syscall: 'sendto', code: 'ECONNREFUSED', errno: 111 });
  log.warn('one');
  assert.match(String(fake.callsOf('write')[0]?.args[1]), /level=warning msg=one/);
});

for (const [words, shown] of [
  [[], ['warning', 'error']],
  [['--log-level', 'error'], ['error']],
  [['--log-level=debug'], ['debug', 'warning', 'error']],
  [
    ['--log-level=error', '--debug'],
    ['debug', 'warning', 'error'],
  ],
] as const) {
  test(`levels: ${words.join(' ')}`, async () => {
    const fake = host(null);
    const log = await chooseLog(fake.binding, optionsOf(...words));
    log.debug('d');
    log.warn('w');
    log.error('e');
    assert.deepEqual(
      fake.callsOf('write').map(({ args }) => /level=(\w+)/.exec(String(args[1]))?.[1]),
      shown,
    );
  });
}

test('a level that does not exist', async () => {
  await assert.rejects(chooseLog(host(null).binding, optionsOf('--log-level', 'loud')), {
    code: 'usage',
  });
});

for (const [given, file] of [
  ['file:/tmp/l', '/tmp/l'],
  ['/tmp/journald:x', '/tmp/journald:x'],
  ['relative', 'relative'],
] as const) {
  test(`--log ${given} is a file`, async () => {
    const fake = host(null);
    const log = await chooseLog(fake.binding, optionsOf('--log', given));
    log.warn('w');
    assert.equal(fake.callsOf('writeFiles')[0]?.args[0][0]?.path, file);
  });
}
