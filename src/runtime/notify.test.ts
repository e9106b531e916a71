import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Config } from '../spec/config.gen.js';
import { notifySocket, readyLine, withNotify } from './notify.js';

test('NOTIFY_SOCKET is a path or an abstract name', () => {
  assert.equal(notifySocket({ NOTIFY_SOCKET: '/run/x' }), '/run/x');
  assert.equal(notifySocket({ NOTIFY_SOCKET: '@x' }), '@x');
  for (const value of ['', '/', 'x', 'vsock:2:1']) {
    assert.equal(notifySocket({ NOTIFY_SOCKET: value }), undefined, value);
  }
  assert.equal(notifySocket({}), undefined);
});

test('of a message only the line READY= counts', () => {
  assert.equal(readyLine('STATUS=x\nREADY=1\nMAINPID=1'), 'READY=1');
  assert.equal(readyLine('STATUS=READY=1'), undefined);
});

test('the container gets the folder, read-only, and the name of the socket', () => {
  const config = { process: { args: ['a'], cwd: '/', env: ['A=b'] } } as unknown as Config;
  const { mounts, process } = withNotify(config, '/root/id/notify');
  assert.deepEqual(mounts, [
    {
      destination: '/run/notify',
      type: 'bind',
      source: '/root/id/notify',
      options: ['bind', 'nosuid', 'noexec', 'nodev', 'ro'],
    },
  ]);
  assert.deepEqual(process?.env, ['A=b', 'NOTIFY_SOCKET=/run/notify/notify.sock']);
});
