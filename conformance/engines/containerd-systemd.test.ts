/**
 * containerd where systemd makes the cgroups, through ctr. The virtual machine of conformance/vm has both.
 */
import assert from 'node:assert/strict';
import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { ROOTLESS } from '../lib/groups.js';
import { waitFor } from '../lib/host.js';
import { RUNTIME } from '../lib/runtime.js';
import { type Sandbox, scenario } from '../lib/sandbox.js';
import { makeRootfs, packImage } from './image.js';

const skip =
  (ROOTLESS && 'it takes root') ||
  (!existsSync('/run/systemd/system') && 'systemd does not run here') ||
  (!existsSync('/usr/bin/containerd') && 'containerd is not installed');

const IMAGE = 'docker.io/library/bb:latest';
const MIB = 1024 * 1024;

const FIXED = '/run/containerd';
const namesIn = (folder: string): string[] => (existsSync(folder) ? readdirSync(folder) : []);

function property(unit: string, name: string): string {
  return execFileSync('systemctl', ['show', '--value', `--property=${name}`, unit], {
    encoding: 'utf8',
  }).trim();
}

/** A containerd of the test's own, with the image. */
class Containerd {
  readonly #s: Sandbox;
  /** Of the containers, below nothing of the machine's. */
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

  get address(): string {
    return this.#s.path('containerd.sock');
  }

  async start(): Promise<void> {
    const s = this.#s;
    writeFileSync(s.path('containerd.toml'), this.#config());
    const log = s.path('containerd.log');
    const script = `exec containerd -c '${s.path('containerd.toml')}' >'${log}' 2>&1`;
    s.spawn('sh', ['-c', script]);
    await waitFor('containerd', () => this.call('version').status === 0, 180_000);
    makeRootfs(s.path('image'));
    const archive = packImage(s.path('image'), s.path('pack'), IMAGE);
    this.must('-n', 'default', 'images', 'import', '--snapshotter', 'native', archive);
  }

  #config(): string {
    const at = (name: string): string => this.#s.path(name);
    return `version = 2
root = "${at('root')}"
state = "${at('run')}"
disabled_plugins = ["io.containerd.grpc.v1.cri"]
[grpc]
address = "${this.address}"
[plugins."io.containerd.internal.v1.opt"]
path = "${at('opt')}"
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
      'default',
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
  const inDefault = (...words: string[]) => containerd.must('-n', 'default', ...words);
  const group = property(unit, 'ControlGroup');
  inDefault('task', 'exec', '-d', '--exec-id', 'more', 'two', 'sleep', '1000');
  const processes = readFileSync(`/sys/fs/cgroup${group}/cgroup.procs`, 'utf8').trim().split('\n');
  assert.equal(processes.length, 2);
  assert.match(inDefault('task', 'metrics', 'two'), /memory\.current|memory\.usage/);
  inDefault('task', 'pause', 'two');
  assert.match(readFileSync(`/sys/fs/cgroup${group}/cgroup.freeze`, 'utf8'), /1/);
  inDefault('task', 'resume', 'two');
  inDefault('task', 'kill', '--all', '-s', 'KILL', 'two');
  await waitFor('its end', () => /STOPPED/.test(inDefault('task', 'ls')));
  inDefault('task', 'rm', 'two');
  inDefault('container', 'rm', 'two');
  await waitFor('the scope to go', () => property(unit, 'LoadState') === 'not-found');
});
