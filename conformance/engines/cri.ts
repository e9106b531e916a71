/**
 * containerd as Kubernetes sees it: through the Container Runtime Interface, with the runtime under
 * test as a handler that pods name. Debian has no crictl, so this is a client of its own.
 */

import path from 'node:path';
import { credentials, loadPackageDefinition, type ServiceError } from '@grpc/grpc-js';
import { loadSync } from '@grpc/proto-loader';
import { waitFor } from '../lib/host.js';
import { PROJECT, RUNTIME } from '../lib/runtime.js';
import type { World } from './engine.js';
import { packImage } from './image.js';

/** The name that pods give, as the RuntimeClass of a cluster does. */
export const HANDLER = 'tested';
export const IMAGE = 'docker.io/library/bb:latest';
export const PAUSE = 'docker.io/library/pause:latest';

type Method = (
  request: object,
  options: { deadline: number },
  callback: (error: ServiceError | null, reply: unknown) => void,
) => void;

type Service = new (address: string, security: unknown) => Record<string, Method>;

/** The services, of the file beside this one's source. */
function services(): { RuntimeService: Service; ImageService: Service } {
  const file = path.join(PROJECT, 'conformance/engines/cri.proto');
  const options = { keepCase: true, longs: Number, enums: String, defaults: true };
  const { runtime } = loadPackageDefinition(loadSync(file, options)) as unknown as {
    runtime: { v1: { RuntimeService: Service; ImageService: Service } };
  };
  return runtime.v1;
}

/** A pod, and what is common to the requests about it. */
export interface Pod {
  readonly id: string;
  readonly config: object;
}

export interface Status {
  readonly state: string;
  readonly exit_code: number;
  readonly reason: string;
  readonly message: string;
}

/** Of a container's config: what differs from the tests' usual one. */
export interface Changes {
  readonly linux?: { readonly resources?: object; readonly security_context?: object };
  readonly [field: string]: unknown;
}

export interface Executed {
  readonly exit: number;
  readonly out: string;
  readonly err: string;
}

/** What a client has to know of the engine's place. */
type Place = Pick<World, 'path' | 'cgroup'>;

/** A client of one containerd. */
export class Cri {
  readonly #world: Place;
  readonly #runtime: Record<string, Method>;
  readonly #images: Record<string, Method>;
  #serial = 0;

  constructor(world: Place) {
    this.#world = world;
    const { RuntimeService, ImageService } = services();
    const address = `unix:${socketOf(world)}`;
    this.#runtime = new RuntimeService(address, credentials.createInsecure());
    this.#images = new ImageService(address, credentials.createInsecure());
  }

  /** Calls a method of the RuntimeService. Rejects with what the engine says. */
  call<T = object>(method: string, request: object = {}): Promise<T> {
    return this.#call<T>(this.#runtime, method, request);
  }

  #call<T>(service: Record<string, Method>, method: string, request: object): Promise<T> {
    return new Promise((resolve, reject) => {
      const deadline = Date.now() + 60_000;
      service[method]?.(request, { deadline }, (error, reply) => {
        if (error === null) resolve(reply as T);
        else reject(new Error(`${method}: ${error.message}`));
      });
    });
  }

  close(): void {
    for (const service of [this.#runtime, this.#images]) {
      (service as unknown as { close(): void }).close();
    }
  }

  async images(): Promise<string[]> {
    type Reply = { images: { repo_tags: string[] }[] };
    const { images } = await this.#call<Reply>(this.#images, 'ListImages', {});
    return images.flatMap(({ repo_tags }) => repo_tags);
  }

  /** Runs a pod. @param changes of its config @param linux of the Linux part of it */
  async pod(changes: object = {}, linux: object = {}, handler = HANDLER): Promise<Pod> {
    const name = `pod${this.#serial++}`;
    const config = {
      metadata: { name, uid: name, namespace: 'default' },
      log_directory: this.#world.path('logs', name),
      linux: { cgroup_parent: this.#world.cgroup, ...linux },
      ...changes,
    };
    const request = { config, runtime_handler: handler };
    const reply = await this.call<{ pod_sandbox_id: string }>('RunPodSandbox', request);
    return { id: reply.pod_sandbox_id, config };
  }

  /** Stops and removes a pod with all that is in it. */
  async remove({ id }: Pod): Promise<void> {
    await this.call('StopPodSandbox', { pod_sandbox_id: id });
    await this.call('RemovePodSandbox', { pod_sandbox_id: id });
  }

  /** Makes a container of the test image; its id. Its log has the name of the container. */
  async create(
    pod: Pod,
    command: readonly string[],
    { linux = {}, ...changes }: Changes = {},
  ): Promise<string> {
    const name = `container${this.#serial++}`;
    // A pid namespace for each container, unless it says otherwise: so does Kubernetes.
    const security_context = { namespace_options: { pid: 'CONTAINER' }, ...linux.security_context };
    const config = {
      metadata: { name },
      image: { image: IMAGE },
      command,
      log_path: `${name}.log`,
      linux: { ...linux, security_context },
      ...changes,
    };
    const request = { pod_sandbox_id: pod.id, config, sandbox_config: pod.config };
    return (await this.call<{ container_id: string }>('CreateContainer', request)).container_id;
  }

  async start(id: string): Promise<void> {
    await this.call('StartContainer', { container_id: id });
  }

  /** Makes and starts a container that runs a script; without one it waits to be ended. */
  async run(pod: Pod, script = WAITING, changes: Changes = {}): Promise<string> {
    const id = await this.create(pod, ['sh', '-c', script], changes);
    await this.start(id);
    return id;
  }

  async status(id: string): Promise<Status> {
    return (await this.call<{ status: Status }>('ContainerStatus', { container_id: id })).status;
  }

  /** Waits until a container has ended; how it did. */
  async ended(id: string): Promise<Status> {
    for (;;) {
      const status = await this.status(id);
      if (status.state === 'CONTAINER_EXITED') return status;
      await new Promise((next) => setTimeout(next, 20));
    }
  }

  /** Runs a command in a container. @param timeout in seconds, 0 for none */
  async exec(id: string, command: readonly string[], timeout = 0): Promise<Executed> {
    type Reply = { stdout: Buffer; stderr: Buffer; exit_code: number };
    const request = { container_id: id, cmd: command, timeout };
    const { stdout, stderr, exit_code } = await this.call<Reply>('ExecSync', request);
    return { exit: exit_code, out: stdout.toString().trim(), err: stderr.toString().trim() };
  }
}

/** What a container does that waits to be ended: SIGTERM gives 5. */
const WAITING = 'trap "exit 5" TERM; echo ready; while :; do sleep 0.1; done';

/** Not in the world's /run, which only those in the world see. */
export const socketOf = (world: Pick<World, 'path'>): string => world.path('cri.sock');

/** The daemon's configuration: docs/engines.md tells users the same. */
function configOf(world: World): string {
  return `version = 2
root = "/run/cri/root"
state = "/run/cri/state"
[grpc]
address = "${socketOf(world)}"
[plugins."io.containerd.internal.v1.opt"]
path = "/run/cri/opt"
[plugins."io.containerd.grpc.v1.cri"]
sandbox_image = "${PAUSE}"
# Not every root may lower its score.
restrict_oom_score_adj = true
[plugins."io.containerd.grpc.v1.cri".cni]
bin_dir = "/usr/lib/cni"
conf_dir = "${world.path('cni')}"
[plugins."io.containerd.grpc.v1.cri".containerd.runtimes.runc]
runtime_type = "io.containerd.runc.v2"
[plugins."io.containerd.grpc.v1.cri".containerd.runtimes.${HANDLER}]
runtime_type = "io.containerd.runc.v2"
[plugins."io.containerd.grpc.v1.cri".containerd.runtimes.${HANDLER}.options]
BinaryName = "${RUNTIME}"
`;
}

const NETWORK = {
  cniVersion: '0.4.0',
  name: 'pods',
  plugins: [
    {
      type: 'bridge',
      bridge: 'pods0',
      isGateway: true,
      ipMasq: true,
      ipam: {
        type: 'host-local',
        ranges: [[{ subnet: '10.78.0.0/24' }]],
        routes: [{ dst: '0.0.0.0/0' }],
      },
    },
    { type: 'portmap', capabilities: { portMappings: true } },
  ],
};

/** Starts containerd in the world; a client of it when it is ready. */
export async function startCri(world: World): Promise<Cri> {
  const write = (file: string, text: string) => world.sh(`cat >'${file}'`, { input: text });
  world.sh(`mkdir -p /run/cri '${world.path('cni')}'`);
  write(world.path('cri.toml'), configOf(world));
  write(world.path('cni/pods.conflist'), JSON.stringify(NETWORK));
  await startDaemon(world);
  const { dir } = world;
  for (const [image, command] of [
    [IMAGE, ['sh']],
    [PAUSE, ['sleep', '1000000']],
  ] as const) {
    const archive = packImage(`${dir}/image`, `${dir}/pack`, image, command);
    const ctr = ['ctr', '-a', socketOf(world), '-n', 'k8s.io'];
    world.run([...ctr, 'images', 'import', archive]).status(0);
  }
  const cri = new Cri(world);
  const known = async () => (await cri.images()).filter((name) => /\/(bb|pause):/.test(name));
  while ((await known()).length < 2) await new Promise((next) => setTimeout(next, 50));
  return cri;
}

/** Starts the daemon with the configuration that is there. */
export async function startDaemon(world: World): Promise<void> {
  const log = world.path('containerd.log');
  world.talk([
    'sh',
    '-c',
    `echo $$ >/run/cri/pid; exec containerd -c '${world.path('cri.toml')}' 2>>'${log}'`,
  ]);
  const up = () => world.run(['ctr', '-a', socketOf(world), 'version']).exit === 0;
  await waitFor(`containerd; see ${log}`, up);
}
