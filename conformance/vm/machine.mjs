// One virtual machine, from its start to its end: QEMU, and the sockets that lead into the guest.
//
// The processor is emulated (TCG): so it runs everywhere, without rights, but slowly.
import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

export const QEMU = 'qemu-system-x86_64';

/** Ports of the guest, as conformance/vm/guest/serve knows them. */
const PORTS = ['files', 'output', 'status'];

/** How the machine looks to the guest. A saved state can only be restored to the same machine. */
const HARDWARE = [
  ...['-nodefaults', '-no-user-config', '-no-reboot', '-display', 'none'],
  ...['-machine', 'q35', '-accel', 'tcg,thread=multi', '-smp', '2', '-m', '3072'],
  // QEMU 7.2 gets the flags of cmpxchg16b wrong, and the kernel, which goes by them, crashes; page
  // tables of four levels are walked faster than those of five.
  ...['-cpu', 'max,la57=off,cx16=off'],
  ...['-object', 'rng-random,id=random,filename=/dev/urandom'],
  ...['-device', 'virtio-rng-pci,rng=random', '-device', 'virtio-serial-pci'],
];

const KERNEL_ARGUMENTS =
  'console=ttyS0 quiet panic=-1 mitigations=off nokaslr audit=0 nowatchdog systemd.show_status=no';

/** Listens for one connection; resolves, when it listens, to a function that waits for that. */
function listen(path) {
  return new Promise((resolve, reject) => {
    let connected;
    const connection = new Promise((done) => {
      connected = done;
    });
    const server = createServer((socket) => {
      socket.on('error', () => {});
      connected(socket);
      server.close();
    });
    server.once('error', reject);
    server.listen(path, () => resolve(() => connection));
  });
}

/** A machine that runs. */
export class Machine {
  /** The connections to the guest's ports, and to QEMU's monitor, by name. */
  sockets = {};
  #process;
  #scratch;
  #ended;
  #console = '';
  /** Lines that the guest has written to its status port and nobody has asked for. */
  #status = [];
  #waiting;

  /**
   * Starts one.
   *
   * @param image the folder with kernel, initrd and root.qcow2
   * @param state 'boot', where the disk is written to, or the file of a saved state: then the disk
   *   is not changed
   */
  static async start(image, state) {
    const machine = new Machine();
    await machine.#start(image, state);
    return machine;
  }

  async #start(image, state) {
    this.#scratch = mkdtempSync(join(tmpdir(), 'ocirt-vm-'));
    const path = (name) => join(this.#scratch, name);
    const names = [...PORTS, 'monitor'];
    const connected = await Promise.all(names.map((name) => listen(path(name))));
    const boot = state === 'boot';
    const drive = `if=virtio,file=${image}/root.qcow2,cache=unsafe,snapshot=${boot ? 'off' : 'on'}`;
    const args = [
      ...HARDWARE,
      ...['-kernel', `${image}/kernel`, '-initrd', `${image}/initrd`],
      ...['-append', KERNEL_ARGUMENTS, '-drive', drive, '-serial', 'stdio'],
      ...names.flatMap((name) => ['-chardev', `socket,id=${name},path=${path(name)}`]),
      ...['-mon', 'chardev=monitor,mode=control'],
      ...PORTS.flatMap((name) => ['-device', `virtserialport,chardev=${name},name=${name}`]),
      ...(boot ? [] : ['-incoming', `exec:zstd -dcq '${state}'`]),
    ];
    // QEMU keeps what a run writes to the disk in TMPDIR.
    this.#process = spawn(QEMU, args, {
      stdio: ['ignore', 'pipe', 'pipe'],
      env: { ...process.env, TMPDIR: this.#scratch },
    });
    for (const stream of [this.#process.stdout, this.#process.stderr]) {
      stream.on('data', (data) => {
        this.#console = (this.#console + data).slice(-20_000);
      });
    }
    this.#ended = new Promise((resolve) => {
      this.#process.once('error', (error) => resolve(String(error)));
      this.#process.once('exit', (code, signal) => resolve(`QEMU ended with ${signal ?? code}`));
    });
    const sockets = await Promise.race([Promise.all(connected.map((wait) => wait())), this.#ended]);
    if (typeof sockets === 'string') {
      this.stop();
      throw new Error(`${sockets}\n${this.#console}`);
    }
    names.forEach((name, index) => {
      this.sockets[name] = sockets[index];
    });
    this.#listenToStatus();
  }

  #listenToStatus() {
    let text = '';
    this.sockets.status.on('data', (data) => {
      const lines = (text + data).split('\n');
      text = lines.pop();
      this.#status.push(...lines);
      this.#waiting?.();
    });
  }

  /** The next line that the guest says of itself; fails when the machine ends, or time is over. */
  async said(seconds) {
    let timer;
    const over = new Promise((resolve) => {
      timer = setTimeout(() => resolve(`no answer for ${seconds} s`), seconds * 1000);
    });
    const line = new Promise((resolve) => {
      this.#waiting = () => resolve(undefined);
    });
    try {
      if (this.#status.length === 0) {
        const failure = await Promise.race([line, this.#ended, over]);
        if (failure !== undefined) throw new Error(`the guest: ${failure}\n${this.#console}`);
      }
      return this.#status.shift();
    } finally {
      clearTimeout(timer);
    }
  }

  /** Writes the machine's state to a file and ends it. */
  async save(file) {
    const { monitor } = this.sockets;
    const replies = [];
    let text = '';
    let heard = () => {};
    monitor.on('data', (data) => {
      const lines = (text + data).split('\n');
      text = lines.pop();
      replies.push(...lines.map((line) => JSON.parse(line)).filter((reply) => 'return' in reply));
      heard();
    });
    const ask = async (execute, args) => {
      monitor.write(`${JSON.stringify({ execute, arguments: args })}\n`);
      while (replies.length === 0) {
        await new Promise((resolve) => {
          heard = resolve;
        });
      }
      return replies.shift().return;
    };
    await ask('qmp_capabilities');
    await ask('migrate', { uri: `exec:zstd -q -6 -o '${file}'` });
    for (;;) {
      const { status } = await ask('query-migrate');
      if (status === 'completed') break;
      if (status === 'failed') throw new Error('QEMU could not save the state of the machine');
      await new Promise((resolve) => setTimeout(resolve, 500));
    }
    monitor.write('{"execute":"quit"}\n');
    await this.#ended;
  }

  /** Ends it at once, and removes what it needed. */
  stop() {
    this.#process?.kill('SIGKILL');
    rmSync(this.#scratch, { recursive: true, force: true });
  }
}
