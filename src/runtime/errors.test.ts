import assert from 'node:assert/strict';
import { test } from 'node:test';
import { OcirtError } from '../errors.js';
import type { HelperError } from '../plan/messages.js';
import type { Step } from '../plan/plan.js';
import { errnoName, errnoText } from './errno.js';
import { describeExit, helperError, hookFailure, memoryError, messageOf, wrap } from './errors.js';

const failure = (change: Partial<HelperError>): HelperError => ({
  type: 'error',
  step: 0,
  op: 'x',
  syscall: '',
  errno: 0,
  path: '',
  detail: '',
  ...change,
});

const native = (change: object): Error =>
  Object.assign(new Error('native'), {
    name: 'NativeError',
    syscall: 'openat2',
    errno: 2,
    code: 'ENOENT',
    path: '/x',
    ...change,
  });

const find = (name: string): Step[] => [{ op: 'find_executable', at: '/process/args/0', name }];

// Engines derive the exit codes 126 and 127 from these words (engines.md, "Error texts matter").
for (const [title, name, errno, words] of [
  ['a path that is not there', '/x', 2, 'exec: "/x": stat /x: no such file or directory'],
  ['a name that is not in PATH', 'x', 2, 'exec: "x": executable file not found in $PATH'],
  ['a path that may not be executed', '/x', 13, 'exec: "/x": permission denied'],
  ['a name that may not be executed', 'x', 13, 'exec: "x": permission denied'],
] as const) {
  test(`find_executable: ${title}`, () => {
    const error = helperError(failure({ op: 'find_executable', errno }), find(name));
    assert.equal(error.message, `unable to start container process: ${words}`);
    assert.equal(error.pointer, '/process/args/0');
  });
}

test("the helper's own words about an executable are kept", () => {
  const detail = 'exec: "/etc": is a directory';
  const error = helperError(failure({ op: 'find_executable', errno: 21, detail }), find('/etc'));
  assert.equal(error.message, `unable to start container process: ${detail}`);
});

test('a failed execve is said in one line of its own', () => {
  const steps: Step[] = [{ op: 'exec', at: '/process/args', args: ['/run.sh'], preserveFds: 0 }];
  const error = helperError(failure({ op: 'exec', syscall: 'execve', errno: 2 }), steps);
  assert.equal(error.message, 'exec /run.sh: no such file or directory');
  assert.equal(error.code, 'exec-failed');
});

test('a failed mount names source, target and reason', () => {
  const steps: Step[] = [
    {
      op: 'mount',
      at: '/mounts/3',
      target: '/proc',
      fsType: 'proc',
      source: 'proc',
      flags: 0,
      data: '',
      propagation: [],
      copyUp: false,
      keepMode: false,
      readonlyLate: false,
    },
  ];
  const error = helperError(
    failure({ op: 'mount', syscall: 'mount', errno: 1, path: '/proc' }),
    steps,
  );
  assert.equal(
    error.message,
    'unable to start container process: error during container init: error mounting "proc" to rootfs at "/proc": mount /proc: operation not permitted',
  );
  assert.deepEqual(
    [error.code, error.step, error.syscall, error.errno, error.path, error.pointer],
    ['step-mount', 'mount', 'mount', 'EPERM', '/proc', '/mounts/3'],
  );
});

test('a reason that is in the detail already is not said twice', () => {
  const error = helperError(
    failure({ op: 'hostname', errno: 1, detail: 'no: operation not permitted' }),
    [],
  );
  assert.equal(error.message.match(/operation not permitted/g)?.length, 1);
});

test('hooks: name, index from 0, status and output', () => {
  const steps: Step[] = [
    {
      op: 'hook',
      at: '/hooks/startContainer/1',
      name: 'startContainer',
      index: 1,
      path: '/h',
      args: ['/h'],
      timeout: 0,
      stdin: ['', ''],
    },
  ];
  const failed = helperError(failure({ op: 'hook', exitCode: 3, stderr: 'no\n' }), steps);
  assert.match(failed.message, /error running startContainer hook #1: exit status 3, stderr: no$/);
  assert.equal(failed.code, 'hook-failed');
  const killed = helperError(failure({ op: 'hook', exitCode: -1, signal: 31 }), steps);
  assert.match(killed.message, /hook #1: signal: bad system call$/);
  const late = helperError(failure({ op: 'hook', exitCode: -1, signal: 9, timedOut: true }), steps);
  assert.match(late.message, /hook #1: timed out$/);
  assert.match(
    hookFailure('createRuntime', 0, 'exit status 1', '').message,
    /hook #0: exit status 1$/,
  );
});

test('describeExit', () => {
  assert.equal(describeExit({ exitCode: 0, signal: 0 }), 'exit status 0');
  assert.equal(describeExit({ exitCode: -1, signal: 9 }), 'signal: killed');
  assert.equal(describeExit({ exitCode: -1, signal: 40 }), 'signal: 40');
});

test('failures of the core get their context once', () => {
  const cause = native({});
  const error = wrap(cause, 'code', 'context', { pointer: '/p' });
  assert.equal(error.message, 'context: openat2 /x: no such file or directory');
  assert.equal(error.cause, cause);
  assert.deepEqual([error.errno, error.pointer], ['ENOENT', '/p']);
  assert.equal(wrap(error, 'other', 'more'), error);
  assert.equal(wrap(new TypeError('oops'), 'code', 'context').message, 'context: oops');
});

test('messageOf says what a library function said, where errno says nothing', () => {
  assert.equal(messageOf(native({ errno: 0, code: '', message: 'unknown name' })), 'unknown name');
  assert.equal(messageOf('text'), 'text');
  assert.ok(wrap('x', 'c', 'm') instanceof OcirtError);
});

test('errno numbers have names and words', () => {
  assert.deepEqual([errnoName(17), errnoText(17)], ['EEXIST', 'file exists']);
  assert.deepEqual([errnoName(0), errnoName(4000), errnoText(4000)], ['', '', 'errno 4000']);
});

/** As QuickJS throws it; null where it has no memory for an error. */
const outOfMemory = [null, Object.assign(new Error('out of memory'), { name: 'InternalError' })];

test('memory that is out has a code and a hint of its own, wrapped or not', () => {
  for (const thrown of outOfMemory) {
    assert.equal(messageOf(thrown), 'out of memory');
    assert.equal(memoryError(thrown)?.code, 'out-of-memory');
    const wrapped = wrap(thrown, 'create-failed', 'unable to create the container');
    assert.equal(wrapped.code, 'out-of-memory');
    assert.equal(wrapped.message, 'unable to create the container: out of memory');
    assert.match(wrapped.hint ?? '', /ulimit/);
  }
  assert.equal(memoryError(new Error('out of memory')), undefined);
});
