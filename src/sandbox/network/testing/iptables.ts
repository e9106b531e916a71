/** An iptables that counts its calls and stops at one of them, for what happens meanwhile. */
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

const TIMEOUT_MS = 60_000;

export class CountingIptables {
  readonly #folder: string;
  /** Where it is found. */
  readonly env: NodeJS.ProcessEnv;

  /** @param at the number of the call that it stops before, from 1; 0: it never does */
  constructor(folder: string, at: number) {
    this.#folder = join(folder, 'iptables');
    mkdirSync(this.#folder, { recursive: true });
    this.env = { PATH: `${this.#folder}:${process.env.PATH}` };
    for (const name of ['reached', 'go', 'calls']) {
      rmSync(join(this.#folder, name), { force: true });
    }
    const script = `#!/bin/sh
cd ${this.#folder}
echo "$CNI_COMMAND $*" >> calls
if [ "$(wc -l < calls)" = ${at} ]; then
  echo > reached
  while [ ! -e go ]; do sleep 0.02; done
fi
exec $(PATH=/usr/sbin:/sbin command -v iptables) "$@"
`;
    writeFileSync(join(this.#folder, 'iptables'), script, { mode: 0o755 });
  }

  /** Waits until it has come to where it stops. */
  async reached(): Promise<void> {
    const deadline = Date.now() + TIMEOUT_MS;
    while (!existsSync(join(this.#folder, 'reached'))) {
      if (Date.now() > deadline) throw new Error('it does not come to where it is to stop');
      await sleep(10);
    }
  }

  /** Lets it go on. */
  go(): void {
    writeFileSync(join(this.#folder, 'go'), '');
  }

  /** How many calls there were for ADD of a plugin. */
  adds(): number {
    const calls = readFileSync(join(this.#folder, 'calls'), 'utf8');
    return calls.split('\n').filter((line) => line.startsWith('ADD ')).length;
  }
}
