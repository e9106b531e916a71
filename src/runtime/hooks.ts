/**
 * Hooks that run in the runtime's namespaces: prestart, createRuntime, poststart, poststop
 * (config.md, "POSIX-platform Hooks"). The other two are steps of the plan.
 */
import type { OcirtError } from '../errors.js';
import type { Config, Hook } from '../spec/config.gen.js';
import type { ContainerRecord } from '../state/record.js';
import type { Status } from '../state/status.js';
import type { Runtime } from './context.js';
import { describeExit, hookFailure, messageOf } from './errors.js';
import { hookHint } from './step-fault.js';

export type HostHook = 'prestart' | 'createRuntime' | 'poststart' | 'poststop';

/** How much of a hook's output is kept for the error. */
const CAPTURE_LIMIT = 4096;

/** The state of a container as the specification has it (runtime.md, "State"). */
export function ociState(record: ContainerRecord, status: Status, pid: number) {
  const { ociVersion, id, bundle, annotations } = record;
  return { ociVersion, id, status, pid, bundle, annotations };
}

/** The state that hooks get on stdin. */
export function hookState(record: ContainerRecord, status: Status, pid: number): string {
  return JSON.stringify(ociState(record, status, pid));
}

/**
 * The same for hooks in the container, whose helper knows its pid there and puts it in between.
 */
export function splitHookState(
  record: Pick<ContainerRecord, 'ociVersion' | 'id' | 'bundle' | 'annotations'>,
  status: Status,
): readonly [string, string] {
  const head = JSON.stringify({ ociVersion: record.ociVersion, id: record.id, status });
  const tail = JSON.stringify({ bundle: record.bundle, annotations: record.annotations });
  return [`${head.slice(0, -1)},"pid":`, `,${tail.slice(1)}`];
}

/** Runs one hook. The failure is returned, not thrown: what it means depends on the hook. */
function runHook(
  runtime: Runtime,
  name: HostHook,
  index: number,
  hook: Hook,
  state: string,
  cwd: string,
): OcirtError | undefined {
  const environment = (): string[] =>
    Object.entries(runtime.native.environment([])).map(([key, value]) => `${key}=${value}`);
  try {
    const result = runtime.native.runProgram({
      path: hook.path,
      args: hook.args === undefined || hook.args.length === 0 ? [hook.path] : hook.args,
      env: hook.env ?? environment(),
      cwd,
      stdin: state,
      timeoutMs: (hook.timeout ?? 0) * 1000,
      captureLimit: CAPTURE_LIMIT,
      // Who wants `run` to end must not wait for a hook. What cleans up after it is left alone.
      passSignals: name !== 'poststop',
    });
    if (result.exitCode === 0 && !result.timedOut) return undefined;
    const output = runtime.native.decodeText(result.stderr);
    return hookFailure(name, index, describeExit(result), output, {
      path: hook.path,
      hint: hookHint(name, result),
    });
  } catch (error) {
    return hookFailure(name, index, messageOf(error), '', {
      path: hook.path,
      hint: hookHint(name, {}),
    });
  }
}

/** Runs the hooks of a kind in their order; throws at the first that fails. */
export function runHooks(
  runtime: Runtime,
  config: Config,
  name: HostHook,
  record: ContainerRecord,
  status: Status,
  pid: number,
): void {
  const hooks = config.hooks?.[name] ?? [];
  for (const [index, hook] of hooks.entries()) {
    runtime.log.debug(`running ${name} hook #${index}: ${hook.path}`);
    const failure = runHook(
      runtime,
      name,
      index,
      hook,
      hookState(record, status, pid),
      record.bundle,
    );
    if (failure !== undefined) throw failure;
  }
}

/** The hooks that `create` runs outside of the container. */
export function runCreateHooks(
  runtime: Runtime,
  config: Config,
  record: ContainerRecord,
  pid: number,
): void {
  // Deprecated: who still has these is from when they ran in `start`, on what had been created.
  runHooks(runtime, config, 'prestart', record, 'created', pid);
  runHooks(runtime, config, 'createRuntime', record, 'creating', pid);
}

/** poststop: a failing one is a warning, and the others run (runtime.md, lifecycle, step 13). */
export function runPoststop(runtime: Runtime, config: Config, record: ContainerRecord): void {
  const state = hookState(record, 'stopped', 0);
  for (const [index, hook] of (config.hooks?.poststop ?? []).entries()) {
    // The bundle may be gone when the container is deleted.
    const cwd = runtime.native.status(record.bundle, true) === null ? '/' : record.bundle;
    const failure = runHook(runtime, 'poststop', index, hook, state, cwd);
    if (failure !== undefined) runtime.log.warn(failure.message);
  }
}
