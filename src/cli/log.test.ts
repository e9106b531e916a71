import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createFake } from '../native/fake.js';
import { openLog } from './log.js';

function said(terminal: boolean): string {
  const fake = createFake({
    clock: () => ({ realtimeNs: 0n, monotonicNs: 0n }),
    isTerminal: () => terminal,
    write() {},
  });
  const log = openLog(fake.binding, { format: 'text', level: 'warning' });
  log.fatal('no such\tfile', { hint: 'it asks for /bin/\x1b]0;title\x07\r\x9bm' }, true);
  return fake
    .callsOf('write')
    .map(({ args }) => String(args[1]))
    .join('');
}

test("a terminal is not steered by a container's words", () => {
  assert.equal(said(true), 'no such\tfile\n  it asks for /bin/\\x1b]0;title\\x07\\x0d\\x9bm\n');
});

test('through a pipe the message is one line', () => {
  assert.equal(said(false), 'no such\tfile\n');
});
