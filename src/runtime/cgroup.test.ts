import assert from 'node:assert/strict';
import { test } from 'node:test';
import { compileCgroup } from '../cgroup/compile.js';
import { OcirtError } from '../errors.js';
import type { Binding, FileWrite, WriteFailure } from '../native/binding.js';
import { HYBRID, V2 } from '../plan/testing/fixtures.js';
import type { Resources } from '../spec/config.gen.js';
import {
  attach,
  createCgroup,
  isFrozen,
  joinForExec,
  killCgroup,
  listPids,
  removeCgroup,
  removeIfEmpty,
  setFrozen,
} from './cgroup.js';

/** Cgroups in memory: directories, files, and what a write is answered with. */
class FakeCgroups {
  readonly directories = new Set<string>();
  readonly files = new Map<string, string>();
  readonly written: string[] = [];
  /** Path suffix -> errno name, as often as the number says. */
  readonly failing = new Map<string, { code: string; times: number }>();
  onWrite: (path: string, data: string) => void = () => {};
  slept = 0;
  readonly killed: string[] = [];

  fail(suffix: string, code: string, times = Number.POSITIVE_INFINITY): void {
    this.failing.set(suffix, { code, times });
  }

  #failure(path: string): string | undefined {
    for (const [suffix, entry] of this.failing) {
      if (path.endsWith(suffix) && entry.times > 0) {
        entry.times--;
        return entry.code;
      }
    }
    return undefined;
  }

  #check(path: string): void {
    const code = this.#failure(path);
    if (code !== undefined) throw Object.assign(new Error(code), { code });
  }

  binding(): Binding {
    const operations: Partial<Binding> = {
      readFiles: (paths) => paths.map((path) => this.files.get(path) ?? null),
      writeFiles: (writes: readonly FileWrite[]) =>
        writes.flatMap((write, index): WriteFailure[] => {
          const { path, data } = write;
          const code = this.#failure(path);
          if (code !== undefined) return [{ index, syscall: 'write', errno: 1, code, path }];
          this.written.push(`${path}=${data}`);
          this.files.set(path, String(data));
          this.onWrite(path, String(data));
          return [];
        }),
      makeDirectory: (path) => {
        this.#check(path);
        if (this.directories.has(path)) return false;
        this.directories.add(path);
        return true;
      },
      removeDirectory: (path) => {
        this.#check(path);
        if (!this.directories.has(path)) throw Object.assign(new Error(), { code: 'ENOENT' });
        if ([...this.directories].some((other) => other.startsWith(`${path}/`))) {
          throw Object.assign(new Error(), { code: 'ENOTEMPTY' });
        }
        this.directories.delete(path);
      },
      readDirectory: (path) =>
        [...this.directories, ...this.files.keys()]
          .filter((entry) => entry.startsWith(`${path}/`))
          .map((entry) => entry.slice(path.length + 1))
          .filter((name) => !name.includes('/')),
      status: (path) =>
        this.directories.has(path)
          ? ({ type: 'directory' } as ReturnType<Binding['status']>)
          : null,
      sleep: (ms) => {
        this.slept += ms;
      },
      killAll: (pids, signal) => {
        this.killed.push(`${signal}:${pids.join(',')}`);
        return pids.length;
      },
      attachDeviceProgram: (path, program) => {
        this.written.push(`${path} program ${program.length > 0}`);
      },
    };
    return operations as Binding;
  }
}

const plan = (resources: Resources, facts = HYBRID, rootless = false) =>
  compileCgroup({
    facts,
    linux: { cgroupsPath: '/a/c', resources },
    id: 'c',
    rootless,
    inUserNamespace: false,
  });

test('directories, inherited cpusets, then limits', () => {
  const fake = new FakeCgroups();
  fake.files.set('/sys/fs/cgroup/cpuset/cpuset.cpus', '0-1\n');
  fake.files.set('/sys/fs/cgroup/cpuset/a/cpuset.cpus', '\n');
  fake.files.set('/sys/fs/cgroup/cpuset/a/c/cpuset.cpus', '\n');
  const made = createCgroup(fake.binding(), plan({ pids: { limit: 5 } }));
  assert.equal(fake.directories.size, 20);
  assert.deepEqual(fake.written.slice(0, 2), [
    '/sys/fs/cgroup/cpuset/a/cpuset.cpus=0-1',
    '/sys/fs/cgroup/cpuset/a/c/cpuset.cpus=0-1',
  ]);
  assert.equal(fake.written.at(-1), '/sys/fs/cgroup/pids/a/c/pids.max=5');
  assert.equal(made.attach.length, 10);
});

test('a failing limit removes what was made, and no more', () => {
  const fake = new FakeCgroups();
  fake.directories.add('/sys/fs/cgroup/pids/a');
  fake.fail('pids.max', 'EINVAL');
  assert.throws(
    () => createCgroup(fake.binding(), plan({ pids: { limit: 5 } })),
    (e) =>
      e instanceof OcirtError &&
      e.errno === 'EINVAL' &&
      e.pointer === '/linux/resources/pids/limit',
  );
  assert.deepEqual([...fake.directories], ['/sys/fs/cgroup/pids/a']);
});

test('a tolerated failure is a warning', () => {
  const fake = new FakeCgroups();
  fake.fail('cpu.cfs_burst_us', 'ENOENT');
  const made = createCgroup(fake.binding(), plan({ cpu: { burst: 5 } }));
  assert.deepEqual(
    made.warnings.map((w) => w.at),
    ['/linux/resources/cpu/burst'],
  );
});

test('the other name of a file is tried where the first is missing', () => {
  const fake = new FakeCgroups();
  fake.fail('blkio.weight', 'ENOENT');
  createCgroup(fake.binding(), plan({ blockIO: { weight: 500 } }));
  assert.equal(fake.written.at(-1), '/sys/fs/cgroup/blkio/a/c/blkio.bfq.weight=500');
});

test('a cgroup with processes is refused', () => {
  const fake = new FakeCgroups();
  fake.files.set('/sys/fs/cgroup/devices/a/c/cgroup.procs', '7\n8\n');
  assert.throws(
    () => createCgroup(fake.binding(), plan({})),
    /container's cgroup is not empty: 2 process/,
  );
  assert.equal(fake.directories.size, 0);
});

test('a frozen cgroup is refused', () => {
  const fake = new FakeCgroups();
  fake.files.set('/sys/fs/cgroup/freezer/a/c/freezer.state', 'FROZEN\n');
  fake.files.set('/sys/fs/cgroup/freezer/a/c/freezer.self_freezing', '1\n');
  assert.throws(
    () => createCgroup(fake.binding(), plan({})),
    /container's cgroup unexpectedly frozen/,
  );
});

test('frozen by an ancestor is not frozen itself', () => {
  const fake = new FakeCgroups();
  fake.files.set('/f/freezer.state', 'FROZEN\n');
  fake.files.set('/f/freezer.self_freezing', '0\n');
  assert.equal(isFrozen(fake.binding(), { freezer: '/f' }), false);
});

test('v2: controllers one by one where all at once is refused, then the program', () => {
  const fake = new FakeCgroups();
  fake.fail('/sys/fs/cgroup/cgroup.subtree_control', 'ENOENT', 1);
  const made = createCgroup(fake.binding(), plan({ pids: { limit: 5 } }, V2));
  assert.ok(fake.written.includes('/sys/fs/cgroup/cgroup.subtree_control=+memory'));
  assert.equal(fake.written.at(-1), '/sys/fs/cgroup/a/c program true');
  assert.equal(made.bornIn, '/sys/fs/cgroup/a/c');
});

test('rootless: what may not be made is left out, with a warning', () => {
  const fake = new FakeCgroups();
  for (const path of ['memory', 'cpu']) fake.fail(`/${path}/a`, 'EACCES');
  const made = createCgroup(fake.binding(), plan({}, HYBRID, true));
  assert.equal(made.paths.memory, undefined);
  assert.equal(made.paths.pids, '/sys/fs/cgroup/pids/a/c');
  assert.equal(made.warnings.length, 2);
  assert.ok(!made.attach.some((path) => path.includes('/memory/')));
});

test('rootless: but a limit on it is an error', () => {
  const fake = new FakeCgroups();
  fake.fail('/memory/a', 'EACCES');
  assert.throws(
    () => createCgroup(fake.binding(), plan({ memory: { limit: 5 } }, HYBRID, true)),
    /cannot set memory limit: container could not join or create cgroup/,
  );
});

test('attach waits for a process that is still being made', () => {
  const fake = new FakeCgroups();
  fake.fail('cgroup.procs', 'EINVAL', 2);
  attach(fake.binding(), ['/g/cgroup.procs'], 7);
  assert.deepEqual(fake.written, ['/g/cgroup.procs=7']);
  assert.ok(fake.slept > 0);
});

for (const [code, words] of [
  ['ENOENT', /error adding pid 7 to cgroups: .*no such file or directory/],
  ['EBUSY', /adding pid 7 to cgroups: .*device or resource busy/],
  ['ENOSPC', /no space left on device/],
] as const) {
  test(`attach: ${code}`, () => {
    const fake = new FakeCgroups();
    fake.fail('cgroup.procs', code);
    assert.throws(() => attach(fake.binding(), ['/g/cgroup.procs'], 7), words);
  });
}

test('exec on v2 falls back to the cgroup of init, unless another is asked for', () => {
  const fake = new FakeCgroups();
  fake.fail('/c/cgroup.procs', 'EBUSY');
  const options = { initCgroup: '/g/c/init' };
  joinForExec(fake.binding(), { '': '/g/c' }, 7, {}, options);
  assert.deepEqual(fake.written, ['/g/c/init/cgroup.procs=7']);
  assert.throws(
    () => joinForExec(fake.binding(), { '': '/g/c' }, 7, { '': '/' }, options),
    /device or resource busy/,
  );
});

test('pids of cgroups below are found, each once', () => {
  const fake = new FakeCgroups();
  fake.directories.add('/d/sub').add('/d/sub/deep');
  fake.files.set('/d/cgroup.procs', '3\n');
  fake.files.set('/d/sub/cgroup.procs', '20\n3\n');
  fake.files.set('/d/sub/deep/cgroup.procs', '5\n');
  assert.deepEqual(listPids(fake.binding(), { devices: '/d', memory: '/m' }), [3, 5, 20]);
  assert.deepEqual(listPids(fake.binding(), { devices: '/gone' }), []);
});

test('v1: freezing is asked for again until it is reached', () => {
  const fake = new FakeCgroups();
  let writes = 0;
  fake.onWrite = (path) => {
    if (++writes < 4) fake.files.set(path, 'FREEZING\n');
  };
  setFrozen(fake.binding(), { freezer: '/f' }, true);
  assert.equal(fake.written.length, 4);
});

test('v1: what can not be frozen is thawed', () => {
  const fake = new FakeCgroups();
  fake.onWrite = (path, data) => {
    if (data === 'FROZEN') fake.files.set(path, 'FREEZING\n');
  };
  assert.throws(() => setFrozen(fake.binding(), { freezer: '/f' }, true), /unable to freeze/);
  assert.equal(fake.written.at(-1), '/f/freezer.state=THAWED');
});

test('v2: frozen when cgroup.events says so', () => {
  const fake = new FakeCgroups();
  fake.files.set('/u/cgroup.events', 'populated 1\nfrozen 1\n');
  setFrozen(fake.binding(), { '': '/u' }, true);
  assert.deepEqual(fake.written, ['/u/cgroup.freeze=1']);
  assert.equal(fake.slept, 0);
});

test('v2: a freeze that is never reached is taken back', () => {
  const fake = new FakeCgroups();
  fake.files.set('/u/cgroup.events', 'populated 1\nfrozen 0\n');
  assert.throws(() => setFrozen(fake.binding(), { '': '/u' }, true), /timeout/);
  assert.equal(fake.written.at(-1), '/u/cgroup.freeze=0');
});

test('a cgroup that is gone needs no thaw, and cannot be frozen', () => {
  for (const paths of [{ '': '/u' }, { freezer: '/f' }]) {
    const fake = new FakeCgroups();
    fake.fail('cgroup.freeze', 'ENOENT');
    fake.fail('freezer.state', 'ENOENT');
    setFrozen(fake.binding(), paths, false);
    assert.throws(() => setFrozen(fake.binding(), paths, true), { code: 'freezer' });
  }
});

test('a cgroup that is removed while it is looked at is neither frozen nor to be thawed', () => {
  const fake = new FakeCgroups();
  const binding = fake.binding();
  binding.readFiles = () => {
    throw Object.assign(new Error('ENODEV'), { code: 'ENODEV' });
  };
  assert.equal(isFrozen(binding, { '': '/u' }), false);
  setFrozen(binding, { '': '/u' }, false);
  assert.deepEqual(listPids(binding, { '': '/u' }), []);
});

test('kill: cgroup.kill does it all', () => {
  const fake = new FakeCgroups();
  fake.files.set('/u/cgroup.procs', '7\n');
  fake.onWrite = (path) => {
    if (path.endsWith('cgroup.kill')) fake.files.set('/u/cgroup.procs', '');
  };
  assert.equal(killCgroup(fake.binding(), { '': '/u' }), true);
  assert.deepEqual(fake.killed, []);
});

test('kill: without it each process, until none is left; a frozen cgroup is thawed', () => {
  const fake = new FakeCgroups();
  fake.files.set('/d/cgroup.procs', '7\n8\n');
  fake.files.set('/f/freezer.state', 'FROZEN');
  let thawed = 0;
  fake.onWrite = (path, data) => {
    if (path === '/f/freezer.state' && data === 'THAWED' && fake.killed.length > 0) {
      thawed++;
      fake.files.set('/d/cgroup.procs', '');
    }
  };
  assert.equal(killCgroup(fake.binding(), { devices: '/d', freezer: '/f' }), true);
  assert.deepEqual(fake.killed, ['9:7,8']);
  assert.equal(thawed, 1);
});

test('kill: gives up in time', () => {
  const fake = new FakeCgroups();
  fake.files.set('/d/cgroup.procs', '7\n');
  assert.equal(killCgroup(fake.binding(), { devices: '/d' }, 200), false);
  assert.ok(fake.slept < 1000);
});

test('remove: nested ones first, EBUSY is waited for', () => {
  const fake = new FakeCgroups();
  fake.directories.add('/d/c').add('/d/c/x').add('/d/c/x/y').add('/m/c');
  fake.fail('/m/c', 'EBUSY', 3);
  removeCgroup(fake.binding(), { devices: '/d/c', memory: '/m/c', cpu: '/gone' });
  assert.equal(fake.directories.size, 0);
  assert.ok(fake.slept > 0);
});

test('remove: what stays is an error, the others are removed', () => {
  const fake = new FakeCgroups();
  fake.directories.add('/d/c').add('/m/c');
  fake.fail('/d/c', 'EBUSY');
  assert.throws(
    () => removeCgroup(fake.binding(), { devices: '/d/c', memory: '/m/c' }),
    (e) => e instanceof OcirtError && e.errno === 'EBUSY' && e.path === '/d/c',
  );
  assert.deepEqual([...fake.directories], ['/d/c']);
  assert.ok(fake.slept < 20_000);
});

test('remove if empty: nothing is killed, and what holds something stays', () => {
  const fake = new FakeCgroups();
  fake.directories.add('/d/c').add('/m/c');
  assert.equal(
    removeIfEmpty(fake.binding(), { devices: '/d/c', memory: '/m/c', cpu: '/gone' }),
    true,
  );
  assert.equal(fake.directories.size, 0);
  fake.directories.add('/d/c').add('/m/c');
  fake.fail('/m/c', 'EBUSY');
  assert.equal(removeIfEmpty(fake.binding(), { devices: '/d/c', memory: '/m/c' }), false);
  assert.ok(fake.directories.has('/m/c'));
  assert.deepEqual([fake.killed, fake.written, fake.slept], [[], [], 0]);
});
