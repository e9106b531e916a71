/**
 * The library (docs/library.md). Every function takes a `Runtime`, which `openRuntime` makes, works
 * synchronously, and throws an `OcirtError`. What waits for a container has a second form, named
 * `...Async`, that holds up nobody.
 */
import type { Binding } from './native/binding.js';
import { loadBinding } from './native/loader.js';
import { type Runtime, SILENT } from './runtime/context.js';
import { createSystemdDriver } from './runtime/systemd/driver.js';
import { openStore } from './state/store.js';

export type { Stats } from './cgroup/stats-types.js';
export { type ErrorDetails, OcirtError } from './errors.js';
export {
  type AsyncOptions,
  eventsAsync,
  execAsync,
  runAsync,
  waitAsync,
} from './library/async.js';
export { type Planned, plan } from './library/plan.js';
export type { Plan, Step } from './plan/plan.js';
export { parseSignal, signalName } from './plan/signals.js';
export { type Bundle, loadBundle } from './runtime/bundle.js';
export type { Log, Runtime } from './runtime/context.js';
export { type Created, create } from './runtime/create.js';
export { type DeleteOptions, remove } from './runtime/delete.js';
export { type ContainerEvent, type EventsOptions, events } from './runtime/events.js';
export { type ExecOptions, exec } from './runtime/exec.js';
export { features } from './runtime/features.js';
export { type KillOptions, kill } from './runtime/kill.js';
export { changeMounts, type MountsOptions } from './runtime/mounts.js';
export { pause, resume } from './runtime/pause.js';
export { type CreateOptions, type Prepared, prepare } from './runtime/prepare.js';
export { processes, processTable } from './runtime/ps.js';
export { type RunOptions, run } from './runtime/run.js';
export { type SpecOptions, writeSpec } from './runtime/spec.js';
export { start } from './runtime/start.js';
export { list, type StateDocument, state } from './runtime/state.js';
export { statistics } from './runtime/statistics.js';
export { readResources, update } from './runtime/update.js';
export { type Said, type ValidateOptions, type Verdict, validate } from './runtime/validate.js';
export { type ContainerEnd, wait } from './runtime/wait.js';
export type { Config, Process, Resources } from './spec/config.gen.js';
export { ConfigError, type Fault, loadConfig, loadProcess } from './spec/load.js';
export { NAME, SPEC_VERSION, VERSION } from './version.js';

export interface RuntimeOptions {
  /** Where containers' states are kept; absolute. */
  readonly root: string;
  /** Where diagnostics go; nowhere if absent. */
  readonly log?: Runtime['log'];
  /** Another core, such as the recording fake; the real one if absent. */
  readonly native?: Binding;
  readonly rootless?: Runtime['rootless'];
}

/** A runtime for the containers of one root. */
export function openRuntime(options: RuntimeOptions): Runtime {
  const native = options.native ?? loadBinding();
  return {
    native,
    store: openStore(native, options.root),
    log: options.log ?? SILENT,
    rootless: options.rootless ?? 'auto',
    systemd: createSystemdDriver(native),
  };
}
