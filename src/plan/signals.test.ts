import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseSignal, SIGNALS, signalName } from './signals.js';

for (const [text, number] of [
  ['KILL', 9],
  ['SIGKILL', 9],
  ['sigterm', 15],
  ['9', 9],
  ['0', 0],
  ['64', 64],
  ['CHLD', 17],
  ['CLD', 17],
  ['WINCH', 28],
  ['RTMIN', 34],
  ['RTMIN+1', 35],
  ['SIGRTMAX', 64],
  ['SIGRTMAX-14', 50],
] as const) {
  test(`signal ${text} is ${number}`, () => assert.equal(parseSignal(text), number));
}

for (const text of ['', 'NOPE', '65', '-1', '9x', 'KILL+1', 'RTMIN-1', 'RTMIN+31', 'constructor']) {
  test(`"${text}" is no signal`, () => assert.equal(parseSignal(text), undefined));
}

test('every name is found again', () => {
  for (const [name, number] of Object.entries(SIGNALS)) {
    assert.equal(parseSignal(name), number);
    assert.equal(parseSignal(signalName(number)), number);
  }
});
