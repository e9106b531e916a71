// Runs one command in a fresh virtual machine, on a copy of files of this one.
import { spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { image } from './image.mjs';
import { Machine } from './machine.mjs';

/** What is left of the output when the command has ended comes within this time. */
const LAST_OUTPUT_MS = 10_000;

/** Passes on what comes, and tells when so many bytes of it are there. */
function receive(socket, onOutput) {
  let length = 0;
  let arrived = () => {};
  socket.on('data', (data) => {
    length += data.length;
    onOutput(data);
    arrived();
  });
  return {
    async upTo(bytes) {
      const deadline = new Promise((resolve) =>
        setTimeout(resolve, LAST_OUTPUT_MS, 'over').unref(),
      );
      while (length < bytes) {
        const more = new Promise((resolve) => {
          arrived = resolve;
        });
        if ((await Promise.race([more, deadline])) === 'over') return;
      }
    },
  };
}

/**
 * Runs it.
 *
 * @param command a script for bash; its folder, /src, has the files
 * @param tree the folder that `paths` are in
 * @param paths files and folders to copy, with their parents
 * @param onOutput given each piece of what the command prints
 * @param seconds the limit of the run
 * @returns the command's exit status
 */
export async function runInGuest({ command, tree, paths, onOutput, seconds }) {
  const folder = await image();
  const scratch = mkdtempSync(join(tmpdir(), 'ocirt-vm-'));
  const machine = await Machine.start(folder, join(folder, 'state.zst'));
  let tar;
  const stop = () => {
    // It may wait for a guest that reads no more.
    tar?.kill('SIGKILL');
    machine.stop();
    rmSync(scratch, { recursive: true, force: true });
  };
  // Told to end, we take the machine with us.
  const signals = ['SIGINT', 'SIGTERM'].map((name) => {
    const act = () => {
      stop();
      process.exit(130);
    };
    process.once(name, act);
    return () => process.removeListener(name, act);
  });
  try {
    mkdirSync(join(scratch, '.vm'));
    writeFileSync(join(scratch, '.vm/command'), command);
    writeFileSync(join(scratch, '.vm/now'), String(Math.floor(Date.now() / 1000)));
    const output = receive(machine.sockets.output, onOutput);
    tar = spawn('tar', ['-c', '-C', scratch, '.vm', '-C', tree, ...paths], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    tar.stdout.pipe(machine.sockets.files, { end: false });
    const line = await machine.said(seconds);
    const [, status, length] = /^exit (\d+) (\d+)$/.exec(line) ?? [];
    if (status === undefined) throw new Error(`the guest said "${line}"`);
    await output.upTo(Number(length));
    return Number(status);
  } finally {
    for (const forget of signals) forget();
    stop();
  }
}
