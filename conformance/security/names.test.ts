/**
 * Names that become part of a path: of containers, of cgroups, of parameters. None of them leads out of
 * the folder that it is a name in.
 */

import assert from 'node:assert/strict';
import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmdirSync,
  writeFileSync,
} from 'node:fs';
import path from 'node:path';
import { Victim } from '../lib/attack.js';
import { type Change, without } from '../lib/config.js';
import { notRoot } from '../lib/groups.js';
import { cgroupMounts } from '../lib/host.js';
import { refused } from '../lib/refusal.js';
import { scenario } from '../lib/sandbox.js';

/** Of containers that there never are. */
const IDS = [
  '',
  '.',
  '..',
  '../victim',
  '../x/../victim',
  './x',
  'x/../../victim',
  'x/y',
  '/victim',
  'x\n',
  'x y',
  'x\ty',
  'x\\y',
  'x:y',
  'x;y',
  'x*',
  '~',
  '@seccomp',
  'ä',
  `${'x'.repeat(2000)}`,
];

scenario('an id that is no plain name is refused by create', {}, (s) => {
  const victim = new Victim(s);
  const bundle = s.bundle();
  const before = readdirSync(s.dir).filter((name) => !name.startsWith('output'));
  const taken = IDS.filter((id) => {
    const result = s.runtime(['create', '--bundle', bundle, id]);
    assert.equal(result.signal, null);
    return result.status === 0;
  });
  assert.deepEqual(taken, []);
  victim.assertUntouched();
  assert.deepEqual(
    readdirSync(s.dir).filter((name) => !name.startsWith('output')),
    before,
  );
  assert.deepEqual(
    readdirSync(s.stateRoot).filter((name) => !name.startsWith('@')),
    [],
  );
});

for (const verb of [
  'state',
  'start',
  'kill',
  'delete',
  'exec',
  'pause',
  'resume',
  'ps',
  'update',
]) {
  scenario(`${verb}: no id leads out of the folder of the states`, {}, async (s) => {
    const victim = new Victim(s);
    // A container of another root, reached by its path, is none of this one's.
    const other = await s.running();
    const elsewhere = s.path('elsewhere');
    mkdirSync(elsewhere);
    for (const id of [...IDS, `../state/${other.id}`, `./${other.id}`, `x/../${other.id}`]) {
      const options = verb === 'delete' ? ['--force'] : [];
      const rest = verb === 'exec' ? ['/payload', 'print', 'x'] : verb === 'kill' ? ['KILL'] : [];
      const result = s.runtime(['--root', elsewhere, verb, ...options, id, ...rest]);
      assert.equal(result.signal, null);
      assert.equal(result.stdout, '', `${verb} ${JSON.stringify(id)} found something`);
    }
    victim.assertUntouched();
    assert.equal(other.state().status, 'running');
  });
}

/** Paths of cgroups that climb; each is given the name of the sandbox, so that it is found again. */
const CLIMBS: Record<string, (name: string, dir: string) => string> = {
  'upwards from the root': (name) => `/../../../${name}/climb`,
  'upwards in the middle': (name) => `/${name}/../../../../${name}/climb`,
  'upwards to a folder': (_, dir) => `/../../../../../..${dir}/made`,
};

/** A cgroup of the path of a folder, and those above it as far as they are nobody else's. */
function removeGroups(dir: string): void {
  for (const mount of new Set(cgroupMounts().values())) {
    for (let below = dir; below !== '/'; below = path.dirname(below)) {
      const group = path.join(mount, below);
      try {
        if (existsSync(group)) rmdirSync(group);
      } catch {
        break;
      }
    }
  }
}

for (const [what, climb] of Object.entries(CLIMBS)) {
  scenario(`a cgroupsPath that goes ${what} stays below the mounts`, { skip: notRoot }, (s) => {
    const victim = new Victim(s);
    const name = path.basename(s.dir);
    s.defer(() => removeGroups(victim.dir));
    const result = s.run((c) => {
      c.linux.cgroupsPath = climb(name, victim.dir);
      c.process.args = ['/payload', 'print', 'inside'];
    });
    victim.assertUntouched();
    assert.equal(result.signal, null);
    // Beside the hierarchies, where a path that is joined and not cleaned would lead.
    for (const mount of new Set(cgroupMounts().values())) {
      assert.ok(!existsSync(path.join(mount, '..', name)), 'a folder was made beside the mount');
    }
    // What it made is removed again, wherever it was.
    for (const mount of new Set(cgroupMounts().values())) {
      assert.ok(!existsSync(path.join(mount, name, 'climb')), 'a cgroup was left');
      assert.ok(!existsSync(path.join(mount, victim.dir, 'made')), 'a cgroup was left');
    }
  });
}

scenario(
  'a cgroupsPath that goes upwards to what looks like a cgroup joins, limits and removes nothing there',
  { skip: notRoot },
  (s) => {
    const dir = s.path('looks');
    const files = ['cgroup.procs', 'tasks', 'memory.limit_in_bytes', 'memory.max', 'pids.max'];
    mkdirSync(path.join(dir, 'below'), { recursive: true });
    for (const file of files) writeFileSync(path.join(dir, file), '');
    s.defer(() => removeGroups(dir));
    const result = s.run((c) => {
      c.linux.cgroupsPath = `${'/..'.repeat(6)}${dir}`;
      c.linux.resources = { memory: { limit: 1 << 29 }, pids: { limit: 100 } };
      c.process.args = ['/payload', 'print', 'inside'];
    });
    assert.equal(result.signal, null);
    for (const file of files) {
      assert.equal(readFileSync(path.join(dir, file), 'utf8'), '', `${file} was written to`);
    }
    assert.ok(existsSync(path.join(dir, 'below')), 'a folder was removed');
  },
);

scenario(
  'exec --cgroup does not lead out of the cgroup of the container',
  { skip: notRoot },
  async (s) => {
    const container = await s.running();
    for (const to of [
      '../..',
      '/../..',
      '../../../..',
      'x/../../..',
      'pids:../..',
      'memory:/../../..',
    ]) {
      const result = container.call(
        'exec',
        ['--cgroup', to],
        ['/payload', 'cat', '/proc/self/cgroup'],
      );
      if (result.status !== 0) continue;
      // Below the container's own in every hierarchy that has it, or right in it.
      const own = container.must('exec', [], ['/payload', 'cat', '/proc/self/cgroup']).stdout;
      assert.equal(result.stdout, own, `${to} leads elsewhere`);
    }
  },
);

/** Keys and names of config.json that become names of files. */
const KEYS: Record<string, { change: Change; skip?: string | false }> = {
  'a kernel parameter, upwards': {
    change: (c) => {
      c.linux.sysctl = { 'net.ipv4/../../kernel/domainname': 'evil' };
    },
  },
  'a kernel parameter, with slashes': {
    change: (c) => {
      c.linux.sysctl = { 'net/../kernel/domainname': 'evil' };
    },
  },
  'a kernel parameter, with dots': {
    change: (c) => {
      c.linux.sysctl = { 'net...kernel.domainname': 'evil' };
    },
  },
  'a file of cgroup v2, upwards': {
    change: (c) => {
      c.linux.resources.unified = { '../cgroup.procs': '1' };
    },
  },
  'a file of cgroup v2, below': {
    change: (c) => {
      c.linux.resources.unified = { 'x/../../cgroup.procs': '1' };
    },
  },
  'a size of huge pages': {
    change: (c) => {
      c.linux.resources.hugepageLimits = [{ pageSize: '/../../../x', limit: 1 }];
    },
  },
  'a device of rdma': {
    change: (c) => {
      c.linux.resources.rdma = { '../x\n': { hcaHandles: 1 } };
    },
  },
  'a class of Intel RDT': {
    change: (c) => {
      c.linux.intelRdt = { closID: '../../x' };
    },
  },
  'an AppArmor profile': {
    change: (c) => {
      c.process.apparmorProfile = '../../x\nexec evil';
    },
  },
  'a type of a namespace': {
    change: (c) => {
      c.linux.namespaces = [...without(c, 'uts'), { type: '../uts' }];
    },
  },
};

for (const [what, { change, skip }] of Object.entries(KEYS)) {
  scenario(`${what} that is no plain name is refused`, { skip }, (s) => {
    const victim = new Victim(s);
    const result = s.run((c) => {
      change(c);
      c.process.args = ['/payload', 'print', 'inside'];
    });
    victim.assertUntouched();
    refused(result);
    assert.equal(result.stdout, '');
  });
}

/** Of other runtimes, which take orders by annotations: of paths of the host among them. */
const ORDERS = (dir: string): Record<string, string> => ({
  'run.oci.hooks.stdout': path.join(dir, 'stdout'),
  'run.oci.hooks.stderr': path.join(dir, 'stderr'),
  'run.oci.seccomp_bpf_file': path.join(dir, 'file'),
  'run.oci.keep_original_groups': '1',
  'run.oci.systemd.subgroup': '../../..',
  'org.criu.config': path.join(dir, 'criu'),
  'org.systemd.property.X': "'/../..'",
});

scenario(
  'annotations make and open no files',
  { not: { crun: 'takes orders by them: hooks.stdout names a file' }, skip: notRoot },
  (s) => {
    const victim = new Victim(s);
    const result = s.run((c) => {
      c.annotations = ORDERS(victim.dir);
      c.hooks = { createRuntime: [{ path: '/bin/true' }] };
    });
    victim.assertUntouched();
    assert.equal(result.signal, null);
  },
);

scenario(
  'annotations and the bundle are data in the state, whatever they say',
  { skip: notRoot },
  (s) => {
    const annotations = {
      '","id":"evil': 'x","pid":1,"id":"evil',
      'line\nbreak': '\u001b[2J\u2028',
      __proto__x: '{}',
      constructor: 'evil',
      toString: 'evil',
    };
    const container = s.created((c) => {
      c.annotations = annotations;
    });
    const state = container.state();
    assert.equal(state.id, container.id);
    assert.notEqual(state.pid, 1);
    assert.deepEqual({ ...state.annotations }, { ...annotations });
  },
);

scenario('a rootfs upwards of the bundle is where it says, and is made nowhere', {}, (s) => {
  const victim = new Victim(s);
  for (const root of ['../victim/rootfs', '../../none', '']) {
    const bundle = s.bundle((c) => {
      c.root.path = root;
    });
    writeFileSync(path.join(bundle, 'note'), '');
    const result = s.runtime(['run', '--bundle', bundle, `${path.basename(s.dir)}-root`]);
    assert.notEqual(result.status, 0);
    victim.assertUntouched();
  }
});
