/**
 * containerd where systemd makes the cgroups, as Kubernetes has it: through ctr, and through CRI with
 * SystemdCgroup = true. The virtual machine of conformance/vm has both.
 */
import assert from 'node:assert/strict';
import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { ROOTLESS } from '../lib/groups.js';
import { waitFor } from '../lib/host.js';
import { RUNTIME } from '../lib/runtime.js';
import { type Sandbox, scenario } from '../lib/sandbox.js';
import { Cri, HANDLER, IMAGE, PAUSE, socketOf } from './cri.js';
import { makeRootfs, packImage } from './image.js';

const skip =
  (ROOTLESS && 'it takes root') ||
  (!existsSync('/run/systemd/system') && 'systemd does not run here') ||
  (!existsSync('/usr/bin/containerd') && 'containerd is not installed');

const MIB = 1024 * 1024;

const FIXED = '/run/containerd';
const namesIn = (folder: string): string[] => (existsSync(folder) ? readdirSync(folder) : []);

function property(unit: string, name: string): string {
  return execFileSync('systemctl', ['show', '--value', `--property=${name}`, unit], {
    encoding: 'utf8',
  }).trim();
}

/** A containerd of the test's own, with both images. */
class Containerd {
  readonly #s: Sandbox;
  /** Of the pods and containers, below nothing of the machine's. */
  readonly slice: string;

  constructor(s: Sandbox) {
    this.#s = s;
    this.slice = `${path.basename(s.dir).replaceAll('-', '_').toLowerCase()}.slice`;
    s.defer(() => spawnSync('systemctl', ['stop', this.slice]));
    // What shims and ctr have at places that cannot be chosen.
    const before = new Set(namesIn(FIXED));
    s.defer(() => {
      for (const name of namesIn(FIXED).filter((one) => !before.has(one))) {
        rmSync(path.join(FIXED, name), { recursive: true, force: true });
      }
    });
  }

  /** The last of what the daemon says, for a failure. */
  log(): string {
    return readFileSync(this.#s.path('containerd.log'), 'utf8').split('\n').slice(-40).join('\n');
  }

  get address(): string {
    return socketOf(this.#s);
  }

  async start(): Promise<void> {
    const s = this.#s;
    writeFileSync(s.path('containerd.toml'), this.#config());
    const log = s.path('containerd.log');
    const script = `exec containerd -c '${s.path('containerd.toml')}' >'${log}' 2>&1`;
    s.spawn('sh', ['-c', script]);
    await waitFor('containerd', () => this.call('version').status === 0, 180_000);
    makeRootfs(s.path('image'));
    for (const [name, command] of [
      [IMAGE, ['sh']],
      [PAUSE, ['sleep', '1000000']],
    ] as const) {
      const archive = packImage(s.path('image'), s.path('pack'), name, command);
      this.must('-n', 'k8s.io', 'images', 'import', '--snapshotter', 'native', archive);
    }
  }

  #config(): string {
    const at = (name: string): string => this.#s.path(name);
    const cri = 'plugins."io.containerd.grpc.v1.cri"';
    return `version = 2
root = "${at('root')}"
state = "${at('run')}"
[grpc]
address = "${this.address}"
[plugins."io.containerd.internal.v1.opt"]
path = "${at('opt')}"
[${cri}]
sandbox_image = "${PAUSE}"
[${cri}.containerd]
snapshotter = "native"
default_runtime_name = "${HANDLER}"
[${cri}.containerd.runtimes.${HANDLER}]
runtime_type = "io.containerd.runc.v2"
[${cri}.containerd.runtimes.${HANDLER}.options]
BinaryName = "${RUNTIME}"
SystemdCgroup = true
`;
  }

  call(...args: string[]) {
    return spawnSync('ctr', ['-a', this.address, ...args], { encoding: 'utf8', timeout: 300_000 });
  }

  must(...args: string[]): string {
    const { status, stdout, stderr } = this.call(...args);
    assert.equal(status, 0, `ctr ${args.join(' ')}: ${stderr}`);
    return stdout.trim();
  }

  /** `ctr run` in a scope of the slice. */
  run(id: string, options: string[], ...command: string[]): string {
    const group = ['--runc-systemd-cgroup', '--cgroup', `${this.slice}:ctr:${id}`];
    const runtime = ['--runc-binary', RUNTIME, '--snapshotter', 'native'];
    return this.must(
      '-n',
      'k8s.io',
      'run',
      ...runtime,
      ...group,
      ...options,
      IMAGE,
      id,
      ...command,
    );
  }
}

scenario('containerd: ctr: a container is a scope with its limits', { skip }, async (s) => {
  const containerd = new Containerd(s);
  await containerd.start();
  const limits = ['--rm', '--memory-limit', String(64 * MIB)];
  const script = 'cat /proc/self/cgroup; exit 0';
  assert.match(containerd.run('one', limits, 'sh', '-c', script), /^0::\//);
  containerd.run('two', ['-d', '--memory-limit', String(64 * MIB)], 'sleep', '1000');
  const unit = 'ctr-two.scope';
  assert.equal(property(unit, 'ActiveState'), 'active');
  assert.equal(property(unit, 'Slice'), containerd.slice);
  assert.equal(property(unit, 'MemoryMax'), String(64 * MIB));
  const inK8s = (...words: string[]) => containerd.must('-n', 'k8s.io', ...words);
  const group = property(unit, 'ControlGroup');
  inK8s('task', 'exec', '-d', '--exec-id', 'more', 'two', 'sleep', '1000');
  const processes = readFileSync(`/sys/fs/cgroup${group}/cgroup.procs`, 'utf8').trim().split('\n');
  assert.equal(processes.length, 2);
  assert.match(inK8s('task', 'metrics', 'two'), /memory\.current|memory\.usage/);
  inK8s('task', 'pause', 'two');
  assert.match(readFileSync(`/sys/fs/cgroup${group}/cgroup.freeze`, 'utf8'), /1/);
  inK8s('task', 'resume', 'two');
  inK8s('task', 'kill', '--all', '-s', 'KILL', 'two');
  await waitFor('its end', () => /STOPPED/.test(inK8s('task', 'ls')));
  inK8s('task', 'rm', 'two');
  inK8s('container', 'rm', 'two');
  await waitFor('the scope to go', () => property(unit, 'LoadState') === 'not-found');
});

scenario('containerd: CRI with SystemdCgroup = true', { skip }, async (s) => {
  const containerd = new Containerd(s);
  await containerd.start();
  mkdirSync(s.path('logs'));
  const cri = new Cri({ path: (...parts) => s.path(...parts), cgroup: `/${containerd.slice}` });
  try {
    // Of the host's network: no plugins are needed.
    const host = { namespace_options: { network: 'NODE' } };
    const pod = await cri.pod({}, { security_context: host }).catch((error: unknown) => {
      throw new Error(`${error}\n${containerd.log()}`);
    });
    const resources = { memory_limit_in_bytes: 64 * MIB, cpu_quota: 50_000, cpu_period: 100_000 };
    const linux = {
      resources,
      security_context: { namespace_options: { network: 'NODE', pid: 'CONTAINER' } },
    };
    const id = await cri.run(pod, undefined, { linux });
    const unit = `cri-containerd-${id}.scope`;
    assert.equal(property(unit, 'ActiveState'), 'active');
    assert.equal(property(`cri-containerd-${pod.id}.scope`, 'ActiveState'), 'active');
    assert.equal(property(unit, 'Slice'), containerd.slice);
    assert.equal(property(unit, 'MemoryMax'), String(64 * MIB));
    assert.equal(property(unit, 'CPUQuotaPerSecUSec'), '500ms');
    const group = property(unit, 'ControlGroup');
    assert.match((await cri.exec(id, ['cat', '/proc/self/cgroup'])).out, /^0::\//);
    await cri.call('UpdateContainerResources', {
      container_id: id,
      linux: { memory_limit_in_bytes: 80 * MIB },
    });
    assert.equal(property(unit, 'MemoryMax'), String(80 * MIB));
    assert.equal(
      readFileSync(`/sys/fs/cgroup${group}/memory.max`, 'utf8').trim(),
      String(80 * MIB),
    );
    const greedy = await cri.run(pod, 'x=a; while :; do x=$x$x; done', {
      linux: { ...linux, resources: { memory_limit_in_bytes: 16 * MIB } },
    });
    const { reason, exit_code } = await cri.ended(greedy);
    assert.deepEqual([reason, exit_code], ['OOMKilled', 137]);
    await cri.remove(pod);
    await waitFor('the scopes to go', () =>
      [unit, `cri-containerd-${pod.id}.scope`].every(
        (one) => property(one, 'LoadState') === 'not-found',
      ),
    );
  } finally {
    cri.close();
  }
});
