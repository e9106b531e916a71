/**
 * Podman with its usual cgroup manager, which is systemd where systemd runs: as root, and as an
 * ordinary user. The virtual machine of conformance/vm has both.
 */
import assert from 'node:assert/strict';
import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { ROOTLESS } from '../lib/groups.js';
import { RUNTIME } from '../lib/runtime.js';
import { type Sandbox, scenario } from '../lib/sandbox.js';
import { makeRootfs } from './image.js';

const skip =
  (!existsSync('/run/systemd/system') && 'systemd does not run here') ||
  (!existsSync('/usr/bin/podman') && 'podman is not installed');

const MIB = 1024 * 1024;

class Podman {
  readonly #store: string[];

  constructor(s: Sandbox) {
    const roots = ['--root', s.path('store'), '--runroot', s.path('run')];
    this.#store = [...roots, '--storage-driver=vfs', '--log-level=error', '--runtime', RUNTIME];
    const image = s.path('image');
    makeRootfs(image);
    execFileSync('tar', ['-C', image, '--owner=0', '--group=0', '-cf', s.path('image.tar'), '.']);
    this.must('import', '-q', s.path('image.tar'), 'bb');
    s.defer(() => this.must('rm', '--force', '--all', '--time=0'));
  }

  call(...args: string[]) {
    return spawnSync('podman', [...this.#store, ...args], { encoding: 'utf8', timeout: 300_000 });
  }

  must(...args: string[]): string {
    const { status, stdout, stderr } = this.call(...args);
    assert.equal(status, 0, `podman ${args.join(' ')}: ${stderr}`);
    return stdout.trim();
  }

  /** Runs a shell script in a new container. */
  sh(options: string[], script: string): string {
    return this.must('run', '--rm', '--network=none', ...options, 'bb', 'sh', '-c', script);
  }
}

function property(unit: string, name: string): string {
  const instance = ROOTLESS ? ['--user'] : [];
  return execFileSync('systemctl', [...instance, 'show', '--value', `--property=${name}`, unit], {
    encoding: 'utf8',
  }).trim();
}

scenario('podman run: output, exit code, limits', { skip }, (s) => {
  const podman = new Podman(s);
  const limits = ['--memory=64m', '--pids-limit=33', '--cpus=0.5'];
  const files = 'memory.max pids.max cpu.max'.split(' ').map((name) => `/sys/fs/cgroup/${name}`);
  assert.deepEqual(podman.sh(limits, `cat ${files.join(' ')}`).split('\n'), [
    String(64 * MIB),
    '33',
    '50000 100000',
  ]);
  assert.equal(podman.call('run', '--rm', '--network=none', 'bb', 'sh', '-c', 'exit 7').status, 7);
});

scenario('podman: the container is a scope, and the scope ends with it', { skip }, (s) => {
  const podman = new Podman(s);
  const id = podman.must('run', '-d', '--network=none', '--memory=64m', 'bb', 'sleep', '600');
  const unit = `libpod-${id}.scope`;
  assert.equal(property(unit, 'ActiveState'), 'active');
  assert.equal(property(unit, 'MemoryMax'), String(64 * MIB));
  assert.equal(property(unit, 'Slice'), ROOTLESS ? 'user.slice' : 'machine.slice');
  assert.equal(podman.must('exec', id, 'cat', '/proc/self/cgroup').startsWith('0::/'), true);
  podman.must('pause', id);
  podman.must('unpause', id);
  podman.must('update', '--memory=80m', id);
  assert.equal(podman.must('exec', id, 'cat', '/sys/fs/cgroup/memory.max'), String(80 * MIB));
  assert.equal(property(unit, 'MemoryMax'), String(80 * MIB));
  podman.must('stop', '--time=0', id);
  podman.must('rm', id);
  assert.equal(property(unit, 'LoadState'), 'not-found');
});

scenario(
  'podman: out of memory is 137, and a container of that name can be run again',
  { skip },
  (s) => {
    const podman = new Podman(s);
    const script = 'x=a; while :; do x=$x$x; done';
    const run = () =>
      podman.call(
        'run',
        '--rm',
        '--name=greedy',
        '--network=none',
        '--memory=16m',
        '--memory-swap=16m',
        'bb',
        'sh',
        '-c',
        script,
      );
    assert.equal(run().status, 137);
    assert.equal(run().status, 137);
  },
);
