/**
 * `--trace-timing`: where the time of a verb goes, in the Trace Event Format that Perfetto and
 * chrome://tracing open (docs/diagnose.md). Loaded only where it is asked for: the operations table
 * is then replaced by one that takes the time of each call, and nothing else knows of it.
 */
import { OcirtError } from '../errors.js';
import type { Binding, FileStatus } from '../native/binding.js';
import { OPERATION_NAMES } from '../native/names.js';
import type { Step } from '../plan/plan.js';
import { absolutePath } from '../runtime/bundle.js';
import type { Trace } from '../runtime/context.js';
import { messageOf, wrap } from '../runtime/errors.js';
import { formatTime } from '../runtime/time.js';
import { NAME, VERSION } from '../version.js';

/** One event; times in microseconds from the beginning of the trace. */
export interface TraceEvent {
  readonly name: string;
  /** X: a span. M: the name of a process or thread. */
  readonly ph: 'X' | 'M';
  readonly cat?: string;
  readonly ts?: number;
  readonly dur?: number;
  readonly pid: number;
  readonly tid: number;
  readonly args?: Readonly<Record<string, unknown>>;
}

export interface Tracing {
  /** The operations, each of which leaves a span. */
  readonly native: Binding;
  readonly trace: Trace;
  /** Ends all spans and writes the file. @throws OcirtError `trace-failed` */
  finish(): void;
}

const LONGEST_ARGUMENT = 200;

/** What an operation is about, in a few words: the first path, program or number among its arguments. */
export function mainArgument(args: readonly unknown[]): string {
  for (const arg of args) {
    const text = argumentText(arg);
    if (text !== '') return text.slice(0, LONGEST_ARGUMENT);
  }
  return '';
}

function argumentText(arg: unknown): string {
  if (typeof arg === 'string') return arg;
  if (typeof arg === 'number' || typeof arg === 'bigint') return String(arg);
  if (Array.isArray(arg)) {
    const first = argumentText(arg[0]);
    return arg.length > 1 && first !== '' ? `${first} (+${arg.length - 1})` : first;
  }
  if (typeof arg === 'object' && arg !== null && !(arg instanceof Uint8Array)) {
    const { path, type, pid, fd, args } = arg as Readonly<Record<string, unknown>>;
    return argumentText(path ?? type ?? pid ?? fd ?? args);
  }
  return '';
}

/** What a step of the helper is about. */
function stepArgument(step: Step | undefined): Readonly<Record<string, unknown>> {
  if (step === undefined) return {};
  const fields = step as unknown as Readonly<Record<string, unknown>>;
  const named = ['target', 'path', 'name', 'key', 'paths', 'args']
    .map((key) => argumentText(fields[key]))
    .find((text) => text !== '');
  return {
    ...(named === undefined ? {} : { argument: named.slice(0, LONGEST_ARGUMENT) }),
    ...(step.at === '' ? {} : { pointer: step.at }),
  };
}

/**
 * Begins a trace.
 *
 * @param destination the file, or a folder that each call puts a file of its own in: what engines
 *   are given, which call several times for a container
 * @param verb the verb, for the span of all and the file's name
 * @throws OcirtError `trace-failed` where the file cannot be written
 */
export function openTrace(native: Binding, destination: string, verb: string): Tracing {
  const { pid } = native.identity();
  const file = checkFile(native, absolutePath(native, destination), `${verb}-${pid}.json`);
  const started = native.clock().realtimeNs;
  const events: TraceEvent[] = [
    { name: 'process_name', ph: 'M', pid, tid: pid, args: { name: `${NAME} ${verb}` } },
    { name: 'thread_name', ph: 'M', pid, tid: pid, args: { name: 'runtime' } },
  ];
  const named = new Set<number>([pid]);
  // The clock may be set meanwhile: time must not run backwards in a trace.
  let latest = started;
  const now = (): bigint => {
    const { realtimeNs } = native.clock();
    if (realtimeNs > latest) latest = realtimeNs;
    return latest;
  };
  const span = (
    process: number,
    cat: string,
    name: string,
    begin: bigint,
    end: bigint,
    args?: Readonly<Record<string, unknown>>,
  ): void => {
    const ts = Number(begin - started) / 1000;
    const dur = Number(end > begin ? end - begin : 0n) / 1000;
    events.push({ name, ph: 'X', cat, ts, dur, pid: process, tid: process, ...(args && { args }) });
  };

  const nameHelper = (helper: number): void => {
    if (named.has(helper)) return;
    named.add(helper);
    const name = "helper (the container's process)";
    events.push(
      { name: 'process_name', ph: 'M', pid: helper, tid: helper, args: { name } },
      { name: 'thread_name', ph: 'M', pid: helper, tid: helper, args: { name: 'steps' } },
    );
  };
  let phase: { readonly name: string; readonly begin: bigint } | undefined;
  const endPhase = (at: bigint): void => {
    if (phase !== undefined) span(pid, 'phase', phase.name, phase.begin, at);
    phase = undefined;
  };
  let lastStep: { readonly pid: number; readonly end: bigint } | undefined;
  const trace: Trace = {
    phase(name) {
      const at = now();
      endPhase(at);
      phase = { name, begin: at };
    },
    steps(helper, steps, timings) {
      nameHelper(helper);
      for (let index = 0; index + 2 < timings.length; index += 3) {
        const number = Number(timings[index]);
        const step = steps[number];
        const end = BigInt(timings[index + 2] ?? 0);
        span(helper, 'step', step?.op ?? `step ${number}`, BigInt(timings[index + 1] ?? 0), end, {
          step: number,
          ...stepArgument(step),
        });
        lastStep = { pid: helper, end };
      }
    },
    executing(helper) {
      nameHelper(helper);
      lastStep = { pid: helper, end: now() };
    },
    executed(program) {
      if (lastStep === undefined) return;
      span(lastStep.pid, 'step', 'until execve', lastStep.end, now(), { argument: program });
      lastStep = undefined;
    },
  };

  const timed = OPERATION_NAMES.map((name) => {
    const operation = native[name] as (...args: readonly unknown[]) => unknown;
    const run = (...args: readonly unknown[]): unknown => {
      const begin = now();
      const argument = mainArgument(args);
      const about = argument === '' ? {} : { argument };
      try {
        const result = operation(...args);
        span(pid, 'operation', name, begin, now(), about);
        return result;
      } catch (error) {
        span(pid, 'operation', name, begin, now(), { ...about, error: messageOf(error) });
        throw error;
      }
    };
    return [name, run];
  });

  return {
    native: Object.fromEntries(timed) as Binding,
    trace,
    finish() {
      const end = now();
      endPhase(end);
      span(pid, 'verb', `${NAME} ${verb}`, started, end);
      const text = JSON.stringify({
        displayTimeUnit: 'ns',
        otherData: { program: NAME, version: VERSION, started: formatTime(started) },
        traceEvents: events,
      });
      try {
        native.replaceFile(file, `${text}\n`, 0o644);
      } catch (error) {
        throw wrap(error, 'trace-failed', 'unable to write the trace');
      }
    },
  };
}

/**
 * The file to write, which is seen to be writable before anything is done. It may stand in a folder that
 * others can write to: no link is followed, and nothing but a file is replaced.
 */
function checkFile(native: Binding, destination: string, name: string): string {
  const folder = native.status(destination, false)?.type === 'directory';
  const file = folder ? `${destination}/${name}` : destination;
  try {
    const status: FileStatus | null = native.status(file, false);
    if (status !== null && status.type !== 'file') throw noFile(file, status.type);
    native.close([native.open(file, ['write', 'create', 'nofollow', 'nonblock'], 0o644)]);
  } catch (error) {
    throw wrap(error, 'trace-failed', 'unable to write the trace');
  }
  return file;
}

const KINDS: Readonly<Record<Exclude<FileStatus['type'], 'file'>, string>> = {
  directory: 'a directory',
  symlink: 'a symbolic link',
  char: 'a device',
  block: 'a device',
  fifo: 'a fifo',
  socket: 'a socket',
};

function noFile(path: string, type: keyof typeof KINDS): OcirtError {
  return new OcirtError(
    'trace-failed',
    `unable to write the trace: ${path} is ${KINDS[type]}, and no regular file`,
    {
      path,
      hint: 'name a file, or a folder, and none that is behind a link',
    },
  );
}
