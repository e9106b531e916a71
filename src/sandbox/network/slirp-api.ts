/** The socket of slirp4netns: one JSON request per connection. slirp4netns(1), "API socket". */
import { once } from 'node:events';
import { connect } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { networkFailed } from './errors.js';
import type { PublishedPort } from './types.js';

const PATIENCE_MS = 10_000;
const RETRY_MS = 10;

/**
 * Publishes one port.
 *
 * @returns why not, in its words; undefined: done
 * @throws OcirtError `network-failed`: no answer
 */
export async function addForward(path: string, port: PublishedPort): Promise<string | undefined> {
  const answer = await ask(path, {
    execute: 'add_hostfwd',
    arguments: {
      proto: port.protocol,
      host_addr: port.hostIP ?? '0.0.0.0',
      host_port: port.hostPort,
      guest_port: port.containerPort,
    },
  });
  let error: { desc?: unknown } | undefined;
  try {
    ({ error } = JSON.parse(answer) as { error?: { desc?: unknown } });
  } catch (cause) {
    throw networkFailed(`slirp4netns answers ${JSON.stringify(answer)}`, undefined, cause);
  }
  return error === undefined ? undefined : String(error.desc);
}

async function ask(path: string, request: unknown): Promise<string> {
  const socket = await connected(path);
  try {
    socket.setTimeout(PATIENCE_MS, () => socket.destroy(networkFailed('slirp4netns is silent')));
    socket.end(JSON.stringify(request));
    let answer = '';
    for await (const text of socket.setEncoding('utf8')) answer += text;
    return answer;
  } finally {
    socket.destroy();
  }
}

/** It listens some time after it has made the device. */
async function connected(path: string) {
  const deadline = Date.now() + PATIENCE_MS;
  for (;;) {
    // Half open: it answers after it has read to our end.
    const socket = connect({ path, allowHalfOpen: true });
    try {
      await once(socket, 'connect');
      return socket;
    } catch (cause) {
      socket.destroy();
      if (Date.now() > deadline) {
        throw networkFailed('the socket of slirp4netns cannot be reached', undefined, cause);
      }
      await sleep(RETRY_MS);
    }
  }
}
