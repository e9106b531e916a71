/**
 * Chromium without its windows, driven through a pipe by the DevTools protocol
 * (https://chromedevtools.github.io/devtools-protocol/). Nothing but what is asked of it is loaded.
 */

import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { Readable, Writable } from 'node:stream';

const PROGRAMS = ['/usr/bin/chromium-headless-shell', '/usr/bin/chromium'];

/** Why a test with a browser is skipped, or false. */
export const noBrowser: string | false =
  !PROGRAMS.some((program) => existsSync(program)) && 'there is no Chromium';

interface Message {
  readonly id?: number;
  readonly method?: string;
  readonly params?: Record<string, unknown>;
  readonly result?: Record<string, unknown>;
  readonly error?: { readonly message: string };
}

/** One page: what it has asked for, what went wrong on it. */
export class Page {
  readonly #child: ChildProcess;
  readonly #folder: string;
  readonly #waiting = new Map<number, (message: Message) => void>();
  readonly #heard: ((message: Message) => void)[] = [];
  #session: string | undefined;
  #next = 1;
  #left = '';
  /** URLs that were loaded, or tried. */
  readonly requests: string[] = [];
  readonly errors: string[] = [];

  private constructor(child: ChildProcess, folder: string) {
    this.#child = child;
    this.#folder = folder;
    (child.stdio[4] as Readable).on('data', (data) => this.#receive(String(data)));
    child.on('exit', () => {
      for (const answer of this.#waiting.values()) answer({ error: { message: 'Chromium ended' } });
    });
  }

  /** An empty page of that size. */
  static async open(width = 1280, height = 900): Promise<Page> {
    const program = PROGRAMS.find((candidate) => existsSync(candidate));
    if (program === undefined) throw new Error('there is no Chromium');
    const folder = mkdtempSync(path.join(tmpdir(), 'ocirt-browser-'));
    const child = spawn(
      program,
      [
        '--headless=new',
        '--no-sandbox',
        '--disable-gpu',
        '--disable-dev-shm-usage',
        '--disable-background-networking',
        '--no-first-run',
        '--hide-scrollbars',
        '--remote-debugging-pipe',
        `--user-data-dir=${folder}`,
        `--window-size=${width},${height}`,
        'about:blank',
      ],
      { stdio: ['ignore', 'ignore', 'ignore', 'pipe', 'pipe'] },
    );
    const page = new Page(child, folder);
    const { targetId } = await page.send('Target.createTarget', { url: 'about:blank' });
    const attached = await page.send('Target.attachToTarget', { targetId, flatten: true });
    page.#session = String(attached.sessionId);
    for (const domain of ['Page', 'Runtime', 'Log', 'Network']) await page.send(`${domain}.enable`);
    await page.resize(width, height);
    return page;
  }

  #receive(data: string): void {
    const parts = (this.#left + data).split('\0');
    this.#left = parts.pop() ?? '';
    for (const part of parts) {
      const message = JSON.parse(part) as Message;
      if (message.id !== undefined) {
        this.#waiting.get(message.id)?.(message);
        this.#waiting.delete(message.id);
      }
      this.#note(message);
      for (const listener of [...this.#heard]) listener(message);
    }
  }

  #note({ method, params = {} }: Message): void {
    const text = (): string => JSON.stringify(params);
    if (method === 'Network.requestWillBeSent') {
      this.requests.push((params.request as { url: string }).url);
    }
    if (method === 'Runtime.exceptionThrown' || method === 'Page.javascriptDialogOpening') {
      this.errors.push(text());
    }
    if (method === 'Log.entryAdded' || method === 'Runtime.consoleAPICalled') {
      this.errors.push(text());
    }
  }

  async send(
    method: string,
    params: Record<string, unknown> = {},
  ): Promise<Record<string, unknown>> {
    const id = this.#next++;
    const session = this.#session === undefined ? {} : { sessionId: this.#session };
    const { promise, done } = pending<Message>();
    this.#waiting.set(id, done);
    (this.#child.stdio[3] as Writable).write(
      `${JSON.stringify({ id, method, params, ...session })}\0`,
    );
    const { result, error } = await promise;
    if (error !== undefined) throw new Error(`${method}: ${error.message}`);
    return result ?? {};
  }

  async resize(width: number, height: number, scale = 1): Promise<void> {
    await this.send('Emulation.setDeviceMetricsOverride', {
      width,
      height,
      deviceScaleFactor: scale,
      mobile: false,
    });
  }

  /** Loads a file, to the end. */
  async visit(file: string): Promise<void> {
    this.requests.length = 0;
    this.errors.length = 0;
    const { promise, done } = pending<void>();
    const listener = ({ method }: Message): void => {
      if (method === 'Page.loadEventFired') done();
    };
    this.#heard.push(listener);
    const { errorText } = await this.send('Page.navigate', { url: `file://${file}` });
    if (errorText !== undefined) throw new Error(`${file}: ${String(errorText)}`);
    await promise;
    this.#heard.splice(this.#heard.indexOf(listener), 1);
  }

  /** The value of an expression on the page, as JSON takes it. */
  async evaluate<T>(expression: string): Promise<T> {
    const { result, exceptionDetails } = await this.send('Runtime.evaluate', {
      expression,
      returnByValue: true,
    });
    if (exceptionDetails !== undefined) throw new Error(JSON.stringify(exceptionDetails));
    return (result as { value: T }).value;
  }

  async scheme(name: 'light' | 'dark'): Promise<void> {
    const features = [{ name: 'prefers-color-scheme', value: name }];
    await this.send('Emulation.setEmulatedMedia', { features });
  }

  /** A PNG of what is seen. */
  async picture(file: string): Promise<void> {
    const { data } = await this.send('Page.captureScreenshot', { format: 'png' });
    writeFileSync(file, String(data), 'base64');
  }

  async close(): Promise<void> {
    if (this.#child.exitCode === null && this.#child.signalCode === null) {
      const { promise, done } = pending<void>();
      this.#child.once('exit', () => done());
      this.#session = undefined;
      await this.send('Browser.close').catch(() => this.#child.kill('SIGKILL'));
      await promise;
    }
    rmSync(this.#folder, { recursive: true, force: true, maxRetries: 10, retryDelay: 100 });
  }
}

function pending<T>(): { promise: Promise<T>; done: (value: T) => void } {
  let done: (value: T) => void = () => {};
  const promise = new Promise<T>((resolve) => {
    done = resolve;
  });
  return { promise, done };
}
