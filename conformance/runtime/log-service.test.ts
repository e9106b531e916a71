/** `--log journald:` and `--log syslog:`: what the services are sent, and that none of them holds us up. */

import assert from 'node:assert/strict';
import { mkdirSync } from 'node:fs';
import { callInMounts } from '../lib/attack.js';
import { notRoot } from '../lib/groups.js';
import { Listener } from '../lib/listener.js';
import { notOwn, type Result } from '../lib/runtime.js';
import { type Sandbox, scenario } from '../lib/sandbox.js';

const skip = notOwn || notRoot;

/** Puts the folder $1 in the place of what the service has, in a mount namespace of the caller's. */
const PLACES = {
  journald: [
    'mount -t tmpfs tmpfs /run',
    'mkdir /run/systemd',
    'ln -s "$1" /run/systemd/journal',
  ].join(' && '),
  syslog: 'mount -t tmpfs tmpfs /dev && mknod /dev/null c 1 3 && ln -s "$1/socket" /dev/log',
};
type Service = keyof typeof PLACES;

/** A service of the test's own; `full`: one that hangs. */
async function listen(s: Sandbox, full = false): Promise<Listener> {
  mkdirSync(s.path('service'));
  const heard = new Listener(
    s.helper(['datagrams', s.path('service', 'socket'), ...(full ? ['full'] : [])]),
  );
  await heard.until(/"listening"\n/);
  return heard;
}

function call(s: Sandbox, service: Service, ...args: string[]): Result {
  const options = ['--log', `${service}:box`, '--log-format', 'json', ...args];
  return callInMounts(s.container(), PLACES[service], [s.path('service')], ...options);
}

/** The fields of a message of the journal, each byte of which is a character here: NAME=VALUE lines, or NAME, eight bytes of length, VALUE. */
function fieldsOf(message: string): Map<string, string> {
  const bytes = Buffer.from(message, 'latin1');
  const fields = new Map<string, string>();
  for (let at = 0; at < bytes.length; ) {
    const end = bytes.indexOf('\n', at);
    const line = bytes.subarray(at, end).toString();
    const equals = line.indexOf('=');
    at = end + 1;
    if (equals >= 0) {
      fields.set(line.slice(0, equals), line.slice(equals + 1));
      continue;
    }
    const length = Number(bytes.readBigUInt64LE(at));
    const from = at + 8;
    fields.set(line, bytes.subarray(from, from + length).toString());
    assert.equal(bytes[from + length], 10, 'a newline after the value');
    at = from + length + 1;
  }
  return fields;
}

scenario(
  'journald: an error with its fields, values of several lines whole',
  { skip },
  async (s) => {
    const heard = await listen(s);
    const bundle = 'no\nsuch é folder';
    const result = call(s, 'journald', 'run', '--bundle', bundle, 'x');
    assert.equal(result.status, 1);
    const [, text = ''] = await heard.until(/"listening"\n(".*")\n/);
    const fields = fieldsOf(JSON.parse(text) as string);
    assert.match(fields.get('MESSAGE') ?? '', /no\nsuch é folder/);
    assert.equal(fields.get('PRIORITY'), '3');
    assert.equal(fields.get('SYSLOG_IDENTIFIER'), 'box');
    assert.match(fields.get('OCIRT_CODE') ?? '', /^[a-z-]+$/);
    assert.match(fields.get('OCIRT_PATH') ?? '', /no\nsuch é folder/);
  },
);

scenario('syslog: one line, with facility, severity, name and pid', { skip }, async (s) => {
  const heard = await listen(s);
  assert.equal(call(s, 'syslog', 'state', 'none').status, 1);
  const [, text = ''] = await heard.until(/"listening"\n(".*")\n/);
  assert.match(JSON.parse(text) as string, /^<27>box\[\d+\]: [^\n]*does not exist[^\n]* code=/);
});

for (const service of ['journald', 'syslog'] as const) {
  scenario(`${service}: a queue that is full holds nobody up`, { skip }, async (s) => {
    await listen(s, true);
    const result = call(s, service, 'state', 'none');
    assert.deepEqual([result.signal, result.status], [null, 1]);
    // It is not lost: who called reads it.
    assert.match(result.stderr, /"level":"error".*does not exist.*"code":/);
  });
}
