/** Programs that are talked with: what they say, and the other end of a terminal. */

import type { ChildProcess } from 'node:child_process';
import { waitFor } from './host.js';
import type { Sandbox } from './sandbox.js';

/** Collects what a child says; `text` is all of it so far. */
export class Listener {
  text = '';
  ended = false;
  status: number | null = null;

  constructor(child: ChildProcess) {
    child.stdout?.on('data', (data) => {
      this.text += String(data);
    });
    child.stderr?.on('data', (data) => {
      this.text += String(data);
    });
    child.on('close', (status) => {
      this.status = status;
      this.ended = true;
    });
  }

  async until(pattern: RegExp): Promise<RegExpMatchArray> {
    return (await waitFor(
      `${pattern} in ${JSON.stringify(this.text)}`,
      () => this.text.match(pattern),
      30_000,
    )) as RegExpMatchArray;
  }

  async end(): Promise<number | null> {
    await waitFor('the end', () => this.ended, 30_000);
    return this.status;
  }
}

/** The other end of a console socket. */
export async function receiver(
  s: Sandbox,
  name = 'tty.sock',
): Promise<{ socket: string; child: ChildProcess; heard: Listener }> {
  const socket = s.path(name);
  const child = s.helper(['recvtty', socket]);
  const heard = new Listener(child);
  await heard.until(/listening\n/);
  return { socket, child, heard };
}
