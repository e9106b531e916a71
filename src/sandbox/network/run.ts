/** Runs a program to its end. */
import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process';

export interface Outcome {
  /** The exit code; null if a signal or the time ended it. */
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
  readonly timedOut: boolean;
}

export interface RunOptions {
  readonly input?: string;
  readonly env?: NodeJS.ProcessEnv;
  readonly timeoutMs?: number;
  /** Descriptors that it gets as its own from 3 on, and what it starts with it. */
  readonly inherited?: readonly number[];
  /** In a session of its own: what a terminal sends to interrupt the caller does not end it half-way. */
  readonly apart?: boolean;
}

/** Nothing that is run here has reason to take longer. */
export const RUN_TIMEOUT_MS = 60_000;
/** Between what asks a program to end and what ends it. */
export const GRACE_MS = 1000;
/** Of each stream; what is beyond is dropped. */
const MAX_OUTPUT = 1 << 20;

/** Rejects only where it cannot be started. */
export function run(
  file: string,
  args: readonly string[],
  {
    input = '',
    env = process.env,
    timeoutMs = RUN_TIMEOUT_MS,
    inherited = [],
    apart = false,
  }: RunOptions = {},
): Promise<Outcome> {
  return new Promise((resolve, reject) => {
    const child = spawn(file, args, {
      env,
      stdio: ['pipe', 'pipe', 'pipe', ...inherited],
      detached: apart,
    }) as ChildProcessWithoutNullStreams;
    const texts = { stdout: '', stderr: '' };
    for (const stream of ['stdout', 'stderr'] as const) {
      child[stream].setEncoding('utf8').on('data', (text: string) => {
        if (texts[stream].length < MAX_OUTPUT) texts[stream] += text;
      });
    }
    let timedOut = false;
    let timer = setTimeout(() => {
      timedOut = true;
      signal(child, apart, 'SIGTERM');
      timer = setTimeout(() => {
        signal(child, apart, 'SIGKILL');
        // Those that it has started may hold the pipes.
        child.stdout.destroy();
        child.stderr.destroy();
      }, GRACE_MS);
    }, timeoutMs);
    child.on('error', (error) => {
      clearTimeout(timer);
      reject(error);
    });
    child.on('close', (code) => {
      clearTimeout(timer);
      resolve({ code, ...texts, timedOut });
    });
    // It may end without reading.
    child.stdin.on('error', () => {});
    child.stdin.end(input);
  });
}

/** Where it is apart, what it has started gets it, too, but for what has gone into another session. */
function signal(
  child: ChildProcessWithoutNullStreams,
  apart: boolean,
  name: 'SIGTERM' | 'SIGKILL',
): void {
  if (!apart || child.pid === undefined) {
    child.kill(name);
    return;
  }
  try {
    process.kill(-child.pid, name);
  } catch {
    // All of it has ended just now.
  }
}
