import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { test } from 'node:test';
import { native } from './testing/helper.js';

test('what is no terminal has no keys and no settings', () => {
  const [a, b] = native.socketPair();
  assert.throws(() => native.terminalKeys(a), { syscall: 'tcgetattr', code: 'ENOTTY' });
  assert.throws(() => native.restoreTerminal(a, new Uint8Array(3)), { code: 'EINVAL' });
  assert.throws(() => native.terminalKeys(-1), { code: 'EBADF' });
  native.close([a, b]);
});

// In a process of its own: what blockSignals catches, it catches for good.
test('caught signals come as bytes from a descriptor', () => {
  const script = `
    const native = require(${JSON.stringify(join(native.installDirectory(), 'ocirt.node'))});
    let early = '';
    try { native.signalDescriptor(); } catch (error) { early = error.code; }
    native.blockSignals([10, 28]);
    const fd = native.signalDescriptor();
    const awaited = [{ fd, until: 'readable' }];
    const before = native.awaitDescriptors(awaited, 0);
    native.kill(process.pid, 28);
    native.kill(process.pid, 10);
    const ready = native.awaitDescriptors(awaited, 20000);
    const bytes = [];
    while (bytes.length < 2) {
      native.awaitDescriptors(awaited, 20000);
      bytes.push(...native.read(fd, 1));
    }
    console.log(JSON.stringify([early, before, ready, bytes.sort()]));`;
  const { stdout, stderr } = spawnSync(process.execPath, ['-e', script], { encoding: 'utf8' });
  assert.deepEqual(JSON.parse(stdout || '[]'), ['EBADF', [], [0], [10, 28]], stderr);
});
