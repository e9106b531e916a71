/** The driver against a systemd of our own, which answers as the real one does. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { decodeMessage, encodeMessage, type Message } from '../../dbus/message.js';
import { type DBusValue, variant } from '../../dbus/values.js';
import type { Binding } from '../../native/binding.js';
import { createFake, nativeError } from '../../native/fake.js';
import { busAddresses, outerUid, socketPaths } from './addresses.js';
import { createSystemdDriver } from './driver.js';

const ENOENT = { syscall: 'connect', code: 'ENOENT', errno: 2 };
const USER_BUS = '/run/user/1000/bus';

/** What a method answers: values with their signature, or the name and the words of an error. */
type Answer = { signature: string; body: DBusValue[] } | { error: string; text: string };

class FakeSystemd {
  /** Calls of the manager and of the bus, as `Member(arguments)`. */
  readonly calls: string[] = [];
  readonly answers = new Map<string, Answer[]>();
  readonly connected: string[] = [];
  /** Addresses that somebody listens at. */
  listening: string[] = ['/run/dbus/system_bus_socket'];
  authentication = 'DATA\r\nOK 0123\r\n';
  /** How a job ends. */
  result = 'done';
  /** Pieces that come are no longer than this. */
  chunk = Number.POSITIVE_INFINITY;
  running = true;
  environment: Record<string, string> = {};
  #out: number[] = [];
  #in = new Uint8Array(0);
  #open = false;

  answer(member: string, ...answers: Answer[]): void {
    this.answers.set(member, answers);
  }

  binding(): Binding {
    return createFake({
      status: () => (this.running ? ({ type: 'directory' } as never) : null),
      identity: () => ({ euid: 0 }) as never,
      environment: () => this.environment,
      readFiles: (paths) => paths.map((path) => (path.endsWith('uid_map') ? '0 1000 1\n' : '')),
      clock: () => ({ monotonicNs: 0n, realtimeNs: 0n }),
      sleep: () => {},
      close: () => {},
      connectUnix: (path) => {
        if (!this.listening.includes(path)) throw nativeError({ ...ENOENT, path });
        this.connected.push(path);
        this.#open = false;
        return 7;
      },
      sendBytes: (_, data) => this.#hear(data),
      receiveBytes: (_, max) => {
        const piece = this.#out.splice(0, Math.min(max, this.chunk));
        return Uint8Array.from(piece);
      },
    }).binding;
  }

  #hear(data: string | Uint8Array): void {
    if (!this.#open) {
      const text = String(data);
      if (text === 'BEGIN\r\n') this.#open = true;
      else {
        assert.equal(text, '\0AUTH EXTERNAL\r\nDATA\r\n');
        this.#out.push(...Buffer.from(this.authentication));
      }
      return;
    }
    this.#in = Uint8Array.from([...this.#in, ...(data as Uint8Array)]);
    for (;;) {
      const decoded = decodeMessage(this.#in);
      if (decoded === undefined) return;
      this.#in = this.#in.slice(decoded.length);
      this.#reply(decoded.message);
    }
  }

  #send(message: Omit<Message, 'serial'>): void {
    this.#out.push(...encodeMessage({ ...message, serial: 99 }));
  }

  #reply(call: Message): void {
    const member = String(call.fields.member);
    const shown = call.body.map((value) => (Array.isArray(value) ? `[${value.length}]` : value));
    this.calls.push(`${member}(${shown.join()})`);
    const answer = this.answers.get(member)?.shift() ?? this.#usual(member, call);
    const fields = { replySerial: call.serial };
    if ('error' in answer) {
      const { error, text } = answer;
      this.#send({
        type: 'error',
        fields: { ...fields, errorName: error, signature: 's' },
        body: [text],
      });
      return;
    }
    const { signature, body } = answer;
    const isJob = body[0] === '/job/1';
    // The end of a quick job is told before the call returns.
    if (isJob) this.#jobRemoved('/job/0', 'failed');
    if (isJob) this.#jobRemoved('/job/1', this.result);
    this.#send({
      type: 'return',
      fields: signature === '' ? fields : { ...fields, signature },
      body,
    });
  }

  #usual(member: string, call: Message): Answer {
    if (member === 'Get') {
      const value = call.body[1] === 'Version' ? '257.13-1~deb13u1' : '/user.slice/me';
      return { signature: 'v', body: [variant('s', value)] };
    }
    if (/Unit$/.test(member) && /^(Start|Stop)/.test(member)) {
      return { signature: 'o', body: ['/job/1'] };
    }
    return { signature: '', body: [] };
  }

  #jobRemoved(job: string, result: string): void {
    this.#send({
      type: 'signal',
      fields: { path: '/s', interface: 'i.f', member: 'JobRemoved', signature: 'uoss' },
      body: [1, job, 'u.scope', result],
    });
  }
}

const INPUT = { config: {}, id: 'c', v2: true, rootless: false };

function started(systemd: FakeSystemd, user = false): void {
  const driver = createSystemdDriver(systemd.binding());
  const { plan } = driver.compile({ ...INPUT, user });
  try {
    driver.start(plan, 42);
  } finally {
    driver.close();
  }
}

test('a unit is started over the bus, in as few calls as it takes', () => {
  const systemd = new FakeSystemd();
  started(systemd);
  assert.deepEqual(
    systemd.calls.map((call) => call.replace(/\(.*/, '')),
    ['Hello', 'AddMatch', 'Get', 'StartTransientUnit'],
  );
  assert.match(
    systemd.calls.at(-1) ?? '',
    /^StartTransientUnit\(ocirt-c\.scope,replace,\[\d+\],\[0\]\)$/,
  );
});

test('messages may come in pieces', () => {
  for (const chunk of [1, 7, 33]) {
    const systemd = new FakeSystemd();
    systemd.chunk = chunk;
    started(systemd);
    assert.equal(systemd.calls.length, 4);
  }
});

test('without a bus, systemd is asked at its own socket', () => {
  const systemd = new FakeSystemd();
  systemd.listening = ['/run/systemd/private'];
  started(systemd);
  assert.deepEqual(
    systemd.calls.map((call) => call.replace(/\(.*/, '')),
    ['Get', 'StartTransientUnit'],
  );
});

test("the user's systemd: where the environment says, or below /run/user", () => {
  const systemd = new FakeSystemd();
  systemd.listening = [USER_BUS];
  started(systemd, true);
  assert.deepEqual(systemd.connected, [USER_BUS]);
  const driver = createSystemdDriver(systemd.binding());
  const { path } = driver.compile({ ...INPUT, user: true, rootless: true });
  assert.equal(path, '/user.slice/me/user.slice/ocirt-c.scope');
  driver.close();
});

test('nobody there: every address that was tried, and what to do', () => {
  const systemd = new FakeSystemd();
  systemd.listening = [];
  assert.throws(() => started(systemd, true), {
    code: 'systemd-unreachable',
    message: /\/run\/user\/1000\/bus: ENOENT.*systemd\/private: ENOENT/,
    hint: /enable-linger/,
  });
  systemd.running = false;
  assert.throws(() => started(systemd), /systemd support for managing cgroups is not available/);
});

test('a bus that does not take us', () => {
  const systemd = new FakeSystemd();
  systemd.authentication = 'REJECTED EXTERNAL\r\n';
  assert.throws(() => started(systemd), /does not take us: REJECTED EXTERNAL/);
  systemd.authentication = '';
  assert.throws(() => started(systemd), /has closed the connection/);
});

test('what systemd refuses is told in its words', () => {
  const systemd = new FakeSystemd();
  const error = 'org.freedesktop.DBus.Error.PropertyReadOnly';
  systemd.answer('StartTransientUnit', { error, text: 'Cannot set property X' });
  assert.throws(() => started(systemd), {
    code: 'systemd-refused',
    message: `unable to start unit ocirt-c.scope: Cannot set property X (${error})`,
    pointer: '/linux/cgroupsPath',
  });
});

test('a job that fails is an error, and the unit is forgotten', () => {
  const systemd = new FakeSystemd();
  systemd.result = 'failed';
  assert.throws(() => started(systemd), /ended with "failed"/);
  assert.equal(systemd.calls.at(-1), 'ResetFailedUnit(ocirt-c.scope)');
});

const EXISTS = { error: 'org.freedesktop.systemd1.UnitExists', text: 'it exists' };

test('a failed unit of that name is forgotten, and made anew', () => {
  const systemd = new FakeSystemd();
  systemd.answer('StartTransientUnit', EXISTS, EXISTS);
  started(systemd);
  assert.equal(systemd.calls.filter((call) => call.startsWith('Start')).length, 3);
  assert.equal(systemd.calls.filter((call) => call.startsWith('ResetFailed')).length, 2);
  systemd.answer('StartTransientUnit', ...Array.from({ length: 9 }, () => EXISTS));
  assert.throws(() => started(systemd), /it exists/);
});

test('stop: the unit is stopped and forgotten; one that is gone is fine', () => {
  const systemd = new FakeSystemd();
  const driver = createSystemdDriver(systemd.binding());
  const unit = { unit: 'x.scope', user: false };
  driver.stop(unit);
  assert.deepEqual(systemd.calls.slice(2), [
    'StopUnit(x.scope,replace)',
    'ResetFailedUnit(x.scope)',
  ]);
  systemd.answer('StopUnit', { error: 'org.freedesktop.systemd1.NoSuchUnit', text: 'none' });
  driver.stop(unit);
  systemd.answer('StopUnit', { error: 'org.freedesktop.DBus.Error.AccessDenied', text: 'no' });
  assert.throws(() => driver.stop(unit), /unable to stop unit x\.scope: no/);
});

test('update sets what changes, attach moves a process', () => {
  const systemd = new FakeSystemd();
  const driver = createSystemdDriver(systemd.binding());
  const unit = { unit: 'x.scope', user: false };
  const change = { v2: true, devices: false, from: {}, to: { pids: { limit: 3 } } };
  driver.update(unit, change);
  assert.equal(systemd.calls.at(-1), 'SetUnitProperties(x.scope,true,[1])');
  driver.update(unit, { ...change, from: change.to });
  assert.equal(systemd.calls.filter((call) => call.startsWith('Set')).length, 1);
  driver.attach(unit, '/sub', 7);
  assert.equal(systemd.calls.at(-1), 'AttachProcessesToUnit(x.scope,/sub,[1])');
});

test('cgroup v1 is for root only', () => {
  const driver = createSystemdDriver(new FakeSystemd().binding());
  assert.throws(() => driver.compile({ ...INPUT, v2: false, user: true }), {
    code: 'systemd-unsupported',
  });
});

test('addresses of a bus', () => {
  assert.deepEqual(socketPaths('unix:abstract=/x,guid=1;unix:path=/a%20b,guid=2;tcp:host=h'), [
    '/a b',
  ]);
  assert.deepEqual(socketPaths('unix:guid=2,path=/c'), ['/c']);
  assert.deepEqual(socketPaths(undefined), []);
  assert.deepEqual(
    busAddresses({ XDG_RUNTIME_DIR: '/r', DBUS_SESSION_BUS_ADDRESS: 'unix:path=/s' }, 5).map(
      ({ path }) => path,
    ),
    ['/s', '/r/bus', '/r/systemd/private'],
  );
  assert.equal(busAddresses({}, 5)[0]?.path, '/run/user/5/bus');
});

test('who a user is outside of his namespace', () => {
  assert.equal(outerUid('         0       1000          1\n 1 100000 65536\n', 0), 1000);
  assert.equal(outerUid('0 1000 1\n1 100000 65536\n', 3), 100002);
  assert.equal(outerUid('0 0 4294967295\n', 12), 12);
});
