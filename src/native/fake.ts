/**
 * A recording fake of the native core, for tests without a kernel: it notes every call, gives canned
 * answers, and fails where it is told to.
 */
import type { Binding, NativeError, OperationName } from './binding.js';
import { OPERATION_NAMES } from './names.js';

/** One call of an operation. */
export interface Call<Name extends OperationName = OperationName> {
  readonly name: Name;
  readonly args: Readonly<Parameters<Binding[Name]>>;
}

/** What a fake answers: a function that takes the operation's place. */
export type Answers = { readonly [Name in OperationName]?: Binding[Name] };

/** What is thrown in place of an answer. */
export interface Failure {
  readonly syscall: string;
  readonly code: string;
  readonly errno: number;
  readonly path?: string;
}

export interface Fake {
  /** To be given to what is tested. */
  readonly binding: Binding;
  /** Every call so far, in order, the failed ones too. */
  readonly calls: readonly Call[];
  /** The calls of one operation. */
  callsOf<Name extends OperationName>(name: Name): readonly Call<Name>[];
  /** The `nth` call of an operation from now on (1: the next) throws; later ones answer again. */
  failCall(name: OperationName, nth: number, failure: Failure): void;
  /** The `nth` call of any operation from now on throws: for going around every step of a whole. */
  failNth(nth: number, failure: Failure): void;
}

/**
 * A fake whose operations answer through `answers`. One without an answer throws an Error that names
 * it: what a test does not expect must not pass as `undefined`.
 */
export function createFake(answers: Answers = {}): Fake {
  const calls: Call[] = [];
  const planned: { name: OperationName | null; left: number; failure: Failure }[] = [];

  const run = (name: OperationName, args: readonly unknown[]): unknown => {
    calls.push({ name, args: args as Call['args'] });
    const due = planned.filter((entry) => entry.name === null || entry.name === name);
    for (const entry of due) entry.left -= 1;
    const failing = due.find((entry) => entry.left === 0);
    if (failing !== undefined) throw nativeError(failing.failure);
    const answer = answers[name] as ((...args: readonly unknown[]) => unknown) | undefined;
    if (answer === undefined) throw new Error(`the fake has no answer for ${name}`);
    return answer(...args);
  };

  const operations = OPERATION_NAMES.map((name) => [
    name,
    (...args: readonly unknown[]) => run(name, args),
  ]);
  return {
    binding: Object.fromEntries(operations) as Binding,
    calls,
    callsOf: <Name extends OperationName>(name: Name) =>
      calls.filter((call): call is Call<Name> & Call => call.name === name),
    failCall: (name, nth, failure) => {
      planned.push({ name, left: nth, failure });
    },
    failNth: (nth, failure) => {
      planned.push({ name: null, left: nth, failure });
    },
  };
}

/** An Error as the native core throws it. */
export function nativeError(failure: Failure): NativeError {
  const { syscall, code, errno, path = '' } = failure;
  const message = `${path === '' ? syscall : `${syscall} ${path}`}: ${code}`;
  return Object.assign(new Error(message), {
    name: 'NativeError' as const,
    syscall,
    errno,
    code,
    path,
  });
}
