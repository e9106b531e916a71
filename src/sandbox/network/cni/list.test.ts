/** The client of the CNI, with plugins of the tests' own: scripts that write down how they were called. */
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, mkdtempSync, openSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, beforeEach, test } from 'node:test';
import { OcirtError } from '../../../errors.js';
import { native } from '../../../native/testing/helper.js';
import type { ConfigList } from '../types.js';
import { readList } from './config.js';
import { addList, checkList, delList } from './list.js';
import { NetworkStore } from './store.js';

const root = mkdtempSync(join(tmpdir(), 'ocirt-cni-'));
const log = join(root, 'log');
after(() => rmSync(root, { recursive: true }));
beforeEach(() => writeFileSync(log, ''));

/** Its configuration is written down on one line, behind how it was called; then its script runs. */
function plugin(type: string, script: string): void {
  const text = `#!/bin/sh
config=$(cat)
echo "${type} $CNI_COMMAND $CNI_CONTAINERID $CNI_IFNAME $CNI_NETNS $config" >> ${log}
${script}
`;
  writeFileSync(join(root, type), text, { mode: 0o755 });
}

const answer = (text: string) => `[ $CNI_COMMAND = DEL ] || echo '${text}'`;
const IPS = [{ address: '10.0.0.2/24' }];
const resultBy = (by: number) => JSON.stringify({ cniVersion: '1.0.0', ips: IPS, by });
plugin('first', answer(resultBy(1)));
plugin('second', answer(resultBy(2)));
plugin('angry', `printf '%s' '{"code": 9, "msg": "no luck", "details": "a\\nb"}'; exit 1`);
plugin('shy', 'echo "panic: deep down" >&2; exit 2');
plugin('stuck', '[ $CNI_COMMAND = ADD ] && exit 1; echo "{}"');
plugin('garbled', 'echo "hello"');

const list = (...types: string[]): ConfigList => ({
  cniVersion: '1.0.0',
  name: 'net',
  plugins: types.map((type) => ({ type, capabilities: { portMappings: type === 'second' } })),
});
const attachment = { containerId: 'box-1', namespace: '/ns', device: 'eth0', path: root };
const args = {
  ports: [{ hostPort: 8080, containerPort: 80, protocol: 'tcp' as const }],
};

interface Call {
  readonly words: string;
  readonly config: { [key: string]: unknown };
}

function calls(): Call[] {
  return readFileSync(log, 'utf8')
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => {
      const at = line.indexOf('{');
      return { words: line.slice(0, at).trim(), config: JSON.parse(line.slice(at)) };
    });
}

const words = () => calls().map((call) => call.words);

test('ADD: each gets what the one before it said, its name, and what it is capable of', async () => {
  const result = await addList(list('first', 'second'), attachment, args);
  assert.equal(result.by, 2);
  assert.deepEqual(words(), ['first ADD box-1 eth0 /ns', 'second ADD box-1 eth0 /ns']);
  const [first, second] = calls().map((call) => call.config);
  assert.deepEqual(first, { type: 'first', cniVersion: '1.0.0', name: 'net' });
  assert.deepEqual(second?.prevResult, { cniVersion: '1.0.0', ips: IPS, by: 1 });
  assert.deepEqual(second?.runtimeConfig, { portMappings: args.ports });
  assert.equal(second?.capabilities, undefined);
});

test('DEL: backwards, with the result, and without a namespace if that is gone', async () => {
  const gone = { ...attachment, namespace: '' };
  assert.deepEqual(await delList(list('first', 'second'), gone, args, { by: 2 }), []);
  assert.deepEqual(words(), ['second DEL box-1 eth0', 'first DEL box-1 eth0']);
  assert.ok(calls().every(({ config }) => (config.prevResult as { by: number }).by === 2));
});

test('CHECK: forwards, and stops at who is not content', async () => {
  await checkList(list('first', 'second'), attachment, args, { by: 2 });
  assert.deepEqual(words(), ['first CHECK box-1 eth0 /ns', 'second CHECK box-1 eth0 /ns']);
  await assert.rejects(checkList(list('angry', 'second'), attachment, args, {}), /no luck/);
  assert.equal(calls().length, 3);
});

test('one that fails has its words told, and those before it are undone, it first', async () => {
  await assert.rejects(addList(list('first', 'angry', 'second'), attachment, args), (error) => {
    assert.ok(error instanceof OcirtError);
    assert.equal(error.code, 'network-failed');
    assert.equal(error.message, 'CNI plugin "angry", ADD: no luck: a; b');
    // Its DEL fails as well.
    assert.equal(error.cleanup.length, 1);
    return true;
  });
  assert.deepEqual(
    words().map((line) => line.split(' ').slice(0, 2).join(' ')),
    ['first ADD', 'angry ADD', 'angry DEL', 'first DEL'],
  );
  assert.deepEqual(calls().at(-1)?.config.prevResult, { cniVersion: '1.0.0', ips: IPS, by: 1 });
});

test('one that fails without JSON has its last line told', async () => {
  await assert.rejects(addList(list('shy'), attachment, args), /"shy", ADD: panic: deep down/);
  await assert.rejects(addList(list('stuck'), attachment, args), (error) => {
    assert.match((error as Error).message, /it says nothing/);
    assert.deepEqual((error as OcirtError).cleanup, []);
    return true;
  });
});

test('one that takes too long is ended, with what it has started, and undone', async () => {
  const lock = openSync(join(root, 'lock'), 'a');
  native.lock(lock, true, false);
  // One child beside it, and one that has gone into a session of its own and keeps nothing but the lock.
  plugin(
    'endless',
    `[ $CNI_COMMAND = ADD ] || exit 0
trap 'echo asked >> ${join(root, 'asked')}; exit 0' TERM
sleep 1001 &
setsid sleep 1002 >/dev/null 2>&1 </dev/null &
echo "waiting for a server" >&2
wait; wait`,
  );
  const slow = { ...attachment, lock, timeoutMs: 300 };
  await assert.rejects(addList(list('first', 'endless'), slow, args), (error) => {
    const { code, message, hint, cleanup } = error as OcirtError;
    assert.equal(code, 'network-failed');
    assert.match(message, /"endless", ADD: no answer in 0.3 s, and so it was ended/);
    assert.equal(hint, 'waiting for a server');
    assert.deepEqual(cleanup, []);
    return true;
  });
  assert.equal(readFileSync(join(root, 'asked'), 'utf8'), 'asked\n');
  assert.deepEqual(
    words()
      .slice(-2)
      .map((line) => line.split(' ').slice(0, 2).join(' ')),
    ['endless DEL', 'first DEL'],
  );
  // Nobody but us has the lock: another descriptor gets it.
  closeSync(lock);
  const again = openSync(join(root, 'lock'), 'a');
  assert.equal(native.lock(again, true, false), true);
  closeSync(again);
});

test('one whose caller was killed is ended when nobody has patience any more', async () => {
  const store = new NetworkStore(native, join(root, 'store'), 200);
  await store.locked(async () => {});
  const lock = store.openLock('box');
  const working = openSync(join(root, 'store/lock'), 'a');
  native.lock(working, true, false);
  const start = (...command: [string, ...string[]]) =>
    spawn(command[0], command.slice(1), { stdio: ['ignore', 'ignore', 'ignore', lock, working] });
  // Its caller is there, and will end it itself.
  const caller = start('sleep', '1004');
  const child = start('sh', '-c', 'exec 4>&-; trap "" TERM; sleep 1003 & wait; wait');
  const ended = once(child, 'exit');
  closeSync(lock);
  closeSync(working);
  await store.pluginEnded('box');
  assert.equal(store.hasPlugin('box'), true);
  caller.kill('SIGKILL');
  await once(caller, 'exit');
  await store.pluginEnded('box');
  assert.equal(store.hasPlugin('box'), false);
  assert.deepEqual(await ended, [null, 'SIGKILL']);
});

test('an answer that is no object, and a plugin that is not there', async () => {
  await assert.rejects(addList(list('garbled'), attachment, args), /is no JSON object/);
  for (const type of ['none', '../cni/first']) {
    await assert.rejects(
      addList(list(type), attachment, args),
      (error) => error instanceof OcirtError && error.code === 'network-program-missing',
    );
  }
});

test('lists that are none', () => {
  const path = join(root, 'x.conflist');
  const read = (value: unknown) => {
    writeFileSync(path, typeof value === 'string' ? value : JSON.stringify(value));
    return readList(path);
  };
  const good = { cniVersion: '1.0.0', name: 'x', plugins: [{ type: 'first' }] };
  assert.deepEqual(read(good), good);
  assert.throws(() => readList(join(root, 'missing')), /cannot be read/);
  assert.throws(() => read('{'), /cannot be read/);
  assert.throws(() => read([]), /no valid name/);
  assert.throws(() => read({ ...good, name: '../x' }), /no valid name/);
  assert.throws(() => read({ ...good, cniVersion: '0.2.0' }), /CNI version "0.2.0"/);
  for (const plugins of [undefined, [], [{}], [null], 'first']) {
    assert.throws(() => read({ ...good, plugins }), /no list of plugins/);
  }
});
