/** `ocirt sandbox`: from one line to a container that runs, and away again. */
import { randomBytes } from 'node:crypto';
import { chmodSync, mkdirSync } from 'node:fs';
import path from 'node:path';
import { OcirtError } from '../errors.js';
import { absolutePath } from '../runtime/bundle.js';
import { type Runtime, systemdOf } from '../runtime/context.js';
import { type Created, create } from '../runtime/create.js';
import { wrap } from '../runtime/errors.js';
import { holdSignals, supervise } from '../runtime/foreground.js';
import { type CreateOptions, prepare } from '../runtime/prepare.js';
import { start } from '../runtime/start.js';
import { ACTS } from './acts.js';
import { dismiss, startKeeper } from './keeper.js';
import { attach } from './network/index.js';
import { type Checked, check, makeBundle } from './prepare.js';
import { claim, type Held } from './record.js';
import { reportText } from './report.js';
import type { SandboxRequest } from './request.js';
import { bundleOf, clean, sweep } from './sweep.js';
import { Teller } from './tell.js';
import { usageOf } from './usage.js';

const STDERR = 2;

/** Runs one. @returns the exit code: the command's, 0 detached */
export async function sandbox(
  runtime: Runtime,
  request: SandboxRequest,
  print: (text: string) => void,
): Promise<number> {
  const { native } = runtime;
  // Before anything is made: the caller loads the driver and starts over.
  if (request.systemd) systemdOf(runtime);
  await sweep(runtime);
  const name = request.name ?? `sandbox-${randomBytes(4).toString('hex')}`;
  const checked = check(runtime, request, name);
  for (const warning of checked.networkConfig.warnings) runtime.log.warn(warning);
  const say = (text: string): void => {
    try {
      native.write(STDERR, text);
    } catch {
      // Nobody reads it: that is no reason to end the command.
    }
  };
  const teller = request.explain ? new Teller(say) : undefined;
  // Before anything is made: whatever ends us, and when, somebody cleans up.
  teller?.tell(ACTS.keeper);
  const keeper = startKeeper(runtime, native.identity().pid);
  try {
    const held = claimed(runtime, name, checked);
    try {
      const run = new Run(runtime, request, checked, held, teller);
      return request.detach ? await run.detached(name, print) : await run.foreground(say);
    } catch (error) {
      await clean(runtime, held);
      throw withExitCode(error);
    }
  } finally {
    dismiss(runtime, keeper);
  }
}

/** A name, and a folder, which the record of it names before it is there: it is found whenever we are killed. */
function claimed(runtime: Runtime, name: string, { host }: Checked): Held {
  const base = path.resolve(process.env.TMPDIR || '/var/tmp');
  const work = path.join(base, `ocirt-sandbox-${randomBytes(6).toString('hex')}`);
  const ids = host.ids === undefined ? {} : { ids: host.ids };
  const held = claim(runtime, { format: 1, name, work, detached: false, ...ids });
  try {
    mkdirSync(work, { mode: 0o700 });
    // The root of a user namespace is somebody else, and must get through.
    if (host.root && host.ids !== undefined) chmodSync(work, 0o711);
    return held;
  } catch (cause) {
    held.remove();
    throw wrap(cause, 'sandbox-failed', `no folder for the sandbox in ${base}`, {
      hint: 'TMPDIR can name another place',
    });
  }
}

/** As shells have it: the program is not there, or cannot be executed. */
function withExitCode(error: unknown): unknown {
  if (!(error instanceof OcirtError) || error.exitCode !== undefined) return error;
  const exitCode = { 'command-not-found': 127, 'not-executable': 126 }[error.code];
  if (exitCode === undefined) return error;
  const { code, message, cleanup, ...details } = error;
  return new OcirtError(code, message, { ...details, cleanup, exitCode, cause: error.cause });
}

class Run {
  readonly #runtime: Runtime;
  readonly #request: SandboxRequest;
  readonly #checked: Checked;
  readonly #held: Held;
  readonly #teller: Teller | undefined;

  constructor(
    runtime: Runtime,
    request: SandboxRequest,
    checked: Checked,
    held: Held,
    teller: Teller | undefined,
  ) {
    this.#runtime = runtime;
    this.#request = request;
    this.#checked = checked;
    this.#held = held;
    this.#teller = teller;
  }

  /** Stays with it to its end. */
  async foreground(say: (text: string) => void): Promise<number> {
    const { native } = this.#runtime;
    const terminal = native.isTerminal(0) && native.isTerminal(1);
    const [runtime, created] = await this.#create(terminal, {
      // A terminal comes back to us.
      foreground: true,
    });
    try {
      const began = native.clock().monotonicNs;
      holdSignals(runtime);
      const notify = start(runtime, created.record.id, { foreground: true });
      this.#teller?.title('the command runs');
      const exitCode = supervise(runtime, created.pid, created.master, notify);
      const elapsed = native.clock().monotonicNs - began;
      if (!this.#request.quiet) {
        const { memory, cpus, pids } = this.#request;
        say(
          reportText({
            name: created.record.id,
            exitCode,
            elapsed,
            limits: { memory, cpus, pids },
            ...usageOf(runtime, created.record),
          }),
        );
      }
      this.#teller?.title('and away again');
      this.#teller?.tell(ACTS.clean);
      await clean(runtime, this.#held);
      return exitCode;
    } catch (error) {
      this.#end(created);
      throw error;
    } finally {
      native.close([created.pidfd, created.master].filter((fd) => fd >= 0));
    }
  }

  /** Leaves it running. */
  async detached(name: string, print: (text: string) => void): Promise<number> {
    const { native } = this.#runtime;
    const nothing = native.open('/dev/null', ['readwrite']);
    const output = this.#openOutput() ?? nothing;
    try {
      const [runtime, created] = await this.#create(false, {
        monitor: true,
        stdio: [nothing, output, output],
      });
      try {
        // Before it runs: it may end at once.
        const keeper = startKeeper(runtime, created.pid);
        try {
          start(runtime, created.record.id);
        } catch (error) {
          dismiss(runtime, keeper);
          throw error;
        }
        this.#held.update({ detached: true });
        this.#held.release();
      } catch (error) {
        this.#end(created);
        throw error;
      } finally {
        if (created.pidfd >= 0) native.close([created.pidfd]);
      }
    } finally {
      native.close([...new Set([nothing, output])]);
    }
    print(`${name}\n`);
    return 0;
  }

  #openOutput(): number | undefined {
    const { native } = this.#runtime;
    const { output } = this.#request;
    if (output === undefined) return undefined;
    const file = absolutePath(native, output);
    try {
      return native.open(file, ['write', 'create', 'append'], 0o644);
    } catch (error) {
      throw wrap(error, 'sandbox-failed', `--output ${output}`);
    }
  }

  /** Makes bundle and container, and connects it. */
  async #create(terminal: boolean, how: Partial<CreateOptions>): Promise<[Runtime, Created]> {
    const { record } = this.#held;
    const { systemd, cgroupDisabled } = this.#request;
    const teller = this.#teller;
    teller?.title('the bundle: a folder with a root file system and a config.json');
    await makeBundle(this.#runtime, this.#request, this.#checked, {
      bundle: bundleOf(record),
      files: record.work,
      overlay: record.work,
      terminal,
      onFuse: (fuse) => this.#held.update({ fuse }),
    });
    const options = { id: record.name, bundle: bundleOf(record), systemd, cgroupDisabled, ...how };
    const runtime = this.#explained(options);
    const created = create(runtime, options);
    const { network } = this.#checked;
    teller?.title('the network');
    teller?.tell(
      ACTS[
        network.network.kind === 'host'
          ? 'hostNetwork'
          : network.network.kind === 'none'
            ? 'noNetwork'
            : 'network'
      ],
    );
    try {
      this.#held.update({
        network: await attach(network, {
          name: record.name,
          pid: created.pid,
          folder: record.work,
          // Before its plugins run: they go on if we are killed.
          onRecord: (network) => this.#held.update({ network }),
        }),
      });
    } catch (error) {
      this.#end(created);
      throw error;
    }
    teller?.title('start');
    return [runtime, created];
  }

  /** The runtime, which tells what it does if that was asked for. */
  #explained(options: CreateOptions): Runtime {
    const teller = this.#teller;
    if (teller === undefined) return this.#runtime;
    const { plan, cgroup } = prepare(this.#runtime, { ...options, dry: true });
    teller.tell(ACTS.config);
    teller.title('the container: what the host does');
    return { ...this.#runtime, trace: teller.trace(plan, cgroup) };
  }

  /** It is our child: ended or not, nobody else would reap it. */
  #end({ pid }: Created): void {
    const { native } = this.#runtime;
    native.kill(pid, 9);
    native.waitChild(pid, true);
  }
}
