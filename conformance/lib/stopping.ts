/**
 * The runtime stopped at one system call of its choice, so that something is changed just there: what a
 * race hits by luck, this hits each time. strace(1) injects SIGSTOP, which stops the process when
 * the call has been made.
 */

import { existsSync, readFileSync, rmSync } from 'node:fs';
import path from 'node:path';
import { waitFor } from './host.js';
import { OPTIONS, RUNTIME } from './runtime.js';
import type { Container } from './sandbox.js';

const STRACE = '/usr/bin/strace';

/** Why nothing can be stopped here, or false. */
export const noStopping: string | false = !existsSync(STRACE) && 'strace is not installed';

/** A system call, the `nth` (from 1) of its name that one process makes. */
export interface Point {
  readonly call: string;
  readonly nth: number;
}

export interface Stopped {
  /** Whether a process came to that call. */
  readonly met: boolean;
  readonly status: number;
  readonly stderr: string;
}

/**
 * Runs `create`. The first process of it that makes the call stops there for as long as `act`
 * takes; what is created is traced no longer when this is over.
 */
export async function createStopped(
  container: Container,
  { call, nth }: Point,
  act: () => void,
): Promise<Stopped> {
  const { sandbox: s, bundle, id } = container;
  const [log, ended] = [s.path('stops'), s.path('ended')];
  for (const file of [log, ended]) rmSync(file, { force: true });
  // strace goes on for as long as the container does: the shell tells when the runtime has ended.
  const script = 'out=$1 err=$2 ended=$3; shift 3; "$@" >"$out" 2>"$err"; echo $? >"$ended"';
  const [out, err] = [path.join(bundle, 'stdout'), path.join(bundle, 'stderr')];
  const strace = s.spawn(STRACE, [
    ...['-f', '-qq', '-I', '2', '-o', log, '-e', `trace=${call}`],
    ...['-e', `inject=${call}:signal=STOP:when=${nth}`],
    ...['sh', '-c', script, 'sh', out, err, ended],
    ...[RUNTIME, '--root', s.stateRoot, ...OPTIONS, 'create', '--bundle', bundle, id],
  ]);
  const over = new Promise((resolve) => strace.once('exit', resolve));
  const text = (file: string): string => (existsSync(file) ? readFileSync(file, 'utf8') : '');

  const handled = new Set<string>();
  await waitFor('the runtime to end', () => {
    for (const [, pid = ''] of text(log).matchAll(/^(\d+) +--- stopped by SIGSTOP ---$/gm)) {
      if (handled.has(pid)) continue;
      if (handled.size === 0) act();
      handled.add(pid);
      process.kill(Number(pid), 'SIGCONT');
    }
    return text(ended).endsWith('\n');
  });
  strace.kill('SIGTERM');
  await over;
  return { met: handled.size > 0, status: Number(text(ended)), stderr: text(err) };
}
