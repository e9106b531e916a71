/**
 * linux.intelRdt on a folder that stands for resctrl: few kernels and processors have the real one.
 * config-linux.md, "IntelRdt".
 */

import assert from 'node:assert/strict';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { refused, says } from '../lib/refusal.js';
import { type Container, type Sandbox, scenario } from '../lib/sandbox.js';

// Its folder is a file system's that few machines have: `--resctrl-root` names another.
const own = true;

class Resctrl {
  readonly #sandbox: Sandbox;

  constructor(sandbox: Sandbox) {
    this.#sandbox = sandbox;
    mkdirSync(this.path('mon_groups'), { recursive: true });
  }

  path(name: string): string {
    return this.#sandbox.path('resctrl', name);
  }

  /** A class that someone else has set up. */
  group(name: string, schemata: string): void {
    mkdirSync(this.path(name));
    writeFileSync(this.path(`${name}/schemata`), schemata);
  }

  read(name: string): string {
    return readFileSync(this.path(name), 'utf8').trim();
  }

  get global(): string[] {
    return ['--resctrl-root', this.path('')];
  }

  /** A container that waits for its start. */
  container(intelRdt: Record<string, unknown>): Container {
    const container = this.#sandbox.container((c) => {
      c.linux.intelRdt = intelRdt;
      c.process.args = ['/payload', 'pause'];
    });
    return container;
  }

  create(container: Container) {
    return container.call('create', ['--bundle', container.bundle], [], { global: this.global });
  }

  created(intelRdt: Record<string, unknown>): Container {
    const container = this.container(intelRdt);
    const result = this.create(container);
    assert.equal(result.status, 0, result.stderr);
    return container;
  }
}

scenario('without closID: a group by the id, removed with the container', { own }, (s) => {
  const fs = new Resctrl(s);
  const container = fs.created({
    l3CacheSchema: 'L3:0=7f0;1=1f',
    memBwSchema: 'MB:0=20;1=70',
    schemata: ['L2:0=f'],
  });
  const { id } = container;
  assert.equal(fs.read(`${id}/schemata`), 'L3:0=7f0;1=1f\nMB:0=20;1=70\nL2:0=f');
  assert.equal(fs.read(`${id}/tasks`), `${container.state().pid}`);
  container.must('delete', ['--force']);
  assert.equal(existsSync(fs.path(id)), false);
});

scenario('without any line no schemata is written', { own }, (s) => {
  const fs = new Resctrl(s);
  const { id } = fs.created({});
  assert.equal(existsSync(fs.path(`${id}/schemata`)), false);
  assert.equal(existsSync(fs.path(`${id}/tasks`)), true);
});

scenario('a class that is there is joined, and stays', { own }, (s) => {
  const fs = new Resctrl(s);
  fs.group('gold', 'L3:0=7f0\n');
  const container = fs.created({ closID: 'gold', l3CacheSchema: 'L3:0=07f0' });
  assert.equal(fs.read('gold/schemata'), 'L3:0=7f0');
  assert.equal(fs.read('gold/tasks'), `${container.state().pid}`);
  container.must('delete', ['--force']);
  assert.equal(existsSync(fs.path('gold')), true);
});

scenario('a class that says something else is refused', { own }, (s) => {
  const fs = new Resctrl(s);
  fs.group('gold', 'L3:0=7f0\n');
  const result = fs.create(fs.container({ closID: 'gold', l3CacheSchema: 'L3:0=1' }));
  assert.notEqual(result.status, 0);
  says(result.stderr, /clos ID gold exists/);
  assert.equal(existsSync(fs.path('gold/tasks')), false);
  s.assertClean();
});

scenario('a class with lines that is not there is made, and stays', { own }, (s) => {
  const fs = new Resctrl(s);
  const container = fs.created({ closID: 'silver', memBwSchema: 'MB:0=20' });
  assert.equal(fs.read('silver/schemata'), 'MB:0=20');
  container.must('delete', ['--force']);
  assert.equal(existsSync(fs.path('silver')), true);
});

for (const [how, tasks, stays] of [
  ['goes again', '', false],
  ['stays where another container has come into it', '1\n', true],
] as const) {
  scenario(`a new class of a create that comes to nothing ${how}`, { own }, (s) => {
    const fs = new Resctrl(s);
    const container = s.container((c) => {
      c.linux.intelRdt = { closID: 'silver', memBwSchema: 'MB:0=20', enableMonitoring: true };
      c.hooks = {
        createRuntime: [
          {
            path: '/bin/sh',
            args: ['sh', '-c', `printf "$1" >> "$2"; exit 1`, 'sh', tasks, fs.path('silver/tasks')],
          },
        ],
      };
    });
    refused(fs.create(container));
    assert.equal(existsSync(fs.path('silver')), stays);
    assert.equal(existsSync(fs.path(`silver/mon_groups/${container.id}`)), false);
    s.assertClean();
  });
}

scenario('a class alone that is not there is refused', { own }, (s) => {
  const fs = new Resctrl(s);
  const result = fs.create(fs.container({ closID: 'bronze' }));
  assert.notEqual(result.status, 0);
  says(result.stderr, /clos ID bronze does not exist/);
  s.assertClean();
});

scenario('the default class', { own }, (s) => {
  const fs = new Resctrl(s);
  const container = fs.created({ closID: '/', schemata: ['L3:0=f'] });
  assert.equal(fs.read('tasks'), `${container.state().pid}`);
  assert.equal(fs.read('schemata'), 'L3:0=f');
  container.must('delete', ['--force']);
  assert.equal(existsSync(fs.path('tasks')), true);
});

scenario('a monitoring group of its own, removed with the container', { own }, (s) => {
  const fs = new Resctrl(s);
  fs.group('gold', 'L3:0=7f0\n');
  const container = fs.created({ closID: 'gold', enableMonitoring: true });
  const { pid } = container.state();
  const group = `gold/mon_groups/${container.id}`;
  assert.deepEqual([fs.read('gold/tasks'), fs.read(`${group}/tasks`)], [`${pid}`, `${pid}`]);
  container.must('delete', ['--force']);
  assert.deepEqual([existsSync(fs.path(group)), existsSync(fs.path('gold'))], [false, true]);
});

scenario('exec puts its process there too', { own }, (s) => {
  const fs = new Resctrl(s);
  const container = fs.created({});
  container.must('start');
  container.must('exec', [], ['/payload', 'print', 'x']);
  // The folder keeps what was written last; init was written first.
  assert.notEqual(fs.read(`${container.id}/tasks`), `${container.state().pid}`);
});

/** What the host can set, and `update` with options. */
function updated(fs: Resctrl, container: Container, ...options: string[]) {
  for (const name of ['L3', 'MB']) mkdirSync(fs.path(`info/${name}`), { recursive: true });
  return container.call('update', options, [], { global: fs.global });
}

scenario('update writes the lines that are given', { own }, (s) => {
  const fs = new Resctrl(s);
  const container = fs.created({ l3CacheSchema: 'L3:0=f', memBwSchema: 'MB:0=50' });
  const l3 = updated(fs, container, '--l3-cache-schema', 'L3:0=3');
  assert.equal(l3.status, 0, l3.stderr);
  assert.equal(fs.read(`${container.id}/schemata`), 'L3:0=3\nMB:0=50');
  const both = updated(fs, container, '--l3-cache-schema', 'L3:0=7', '--mem-bw-schema', 'MB:0=20');
  assert.equal(both.status, 0, both.stderr);
  assert.equal(fs.read(`${container.id}/schemata`), 'L3:0=7\nMB:0=20');
});

scenario('update gives a group to a container that has none', { own }, async (s) => {
  const fs = new Resctrl(s);
  const container = await s.running();
  const { id } = container;
  const result = updated(fs, container, '--mem-bw-schema', 'MB:0=20');
  assert.equal(result.status, 0, result.stderr);
  assert.equal(fs.read(`${id}/schemata`), 'MB:0=20');
  assert.equal(fs.read(`${id}/tasks`), `${container.state().pid}`);
  container.must('delete', ['--force']);
  assert.equal(existsSync(fs.path(id)), false);
});

scenario(
  'update of what the host has not is refused, and nothing is changed',
  { own },
  async (s) => {
    const fs = new Resctrl(s);
    const container = await s.running();
    for (const [option, line, words] of [
      ['--l3-cache-schema', 'L3:0=f', /Intel RDT\/CAT: l3 cache schema is not enabled/],
      ['--mem-bw-schema', 'MB:0=20', /Intel RDT\/MBA: memory bandwidth schema is not enabled/],
    ] as const) {
      const options = ['--pids-limit', '77', option, line];
      const result = container.call('update', options, [], { global: fs.global });
      assert.equal(result.status, 1);
      assert.match(result.stderr, words);
    }
    assert.equal(existsSync(fs.path(container.id)), false);
    assert.notEqual(readFileSync(path.join(container.group('pids'), 'pids.max'), 'utf8'), '77\n');
  },
);

scenario('a create that fails removes its group', { own }, (s) => {
  const fs = new Resctrl(s);
  const container = s.container((c) => {
    c.linux.intelRdt = { enableMonitoring: true };
    c.process.args = ['/no/such/program'];
  });
  assert.notEqual(fs.create(container).status, 0);
  assert.equal(existsSync(fs.path(container.id)), false);
});

scenario(
  'without a resctrl it is refused by name',
  {
    skip: readFileSync('/proc/self/mountinfo', 'utf8').includes(' - resctrl ')
      ? 'this machine has one'
      : false,
  },
  (s) => {
    const result = s.run((c) => {
      c.linux.intelRdt = { closID: 'x' };
    });
    assert.notEqual(result.status, 0);
    says(result.stderr, /resctrl|intel ?rdt/i);
    s.assertClean();
  },
);
