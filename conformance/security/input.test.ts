/**
 * Input that is larger than anybody would write it: lengths overflow, and what stands behind the end of
 * one field is taken for the next (CVE-2021-43784). An error or a container, and nothing else.
 */

import assert from 'node:assert/strict';
import { existsSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { survived } from '../lib/attack.js';
import { type Change, withUserNamespace } from '../lib/config.js';
import { notRoot } from '../lib/groups.js';
import { writable } from '../lib/mounts.js';
import { refused } from '../lib/refusal.js';
import { PAYLOAD } from '../lib/runtime.js';
import { scenario } from '../lib/sandbox.js';

const KIB = 1024;

/** Lengths around what 16 bits can tell. */
const LENGTHS = [64 * KIB - 1, 64 * KIB, 64 * KIB + 1, 3 * 64 * KIB + 7];

for (const length of LENGTHS) {
  scenario(`CVE-2021-43784: an environment of ${length} bytes comes through whole`, {}, (s) => {
    const value = 'e'.repeat(length - 'BIG='.length);
    // An argument may have 128 KiB at most, and so may a variable (execve(2)): in parts.
    const parts = value.match(/.{1,60000}/g) ?? [];
    const [env] = s.report((c) => {
      c.process.env.push(...parts.map((part, index) => `BIG${index}=${part}`));
    }, 'env');
    assert.equal(
      env
        .filter((entry) => entry.startsWith('BIG'))
        .map((entry) => entry.slice(entry.indexOf('=') + 1))
        .join('').length,
      value.length,
    );
  });
}

const LARGE: Record<string, Change> = {
  'an argument': (c) => {
    c.process.args = ['/payload', 'print', 'a'.repeat(KIB * KIB)];
  },
  'a hundred thousand arguments': (c) => {
    c.process.args = ['/payload', 'exit', '0', ...Array.from({ length: 100_000 }, String)];
  },
  'an environment of four megabytes': (c) => {
    c.process.env = Array.from({ length: 4000 }, (_, i) => `V${i}=${'v'.repeat(KIB)}`);
  },
  'a working directory': (c) => {
    c.process.cwd = `/${'d'.repeat(64 * KIB)}`;
  },
  'a host name': (c) => {
    c.hostname = 'h'.repeat(64 * KIB + 3);
  },
  'a destination': (c) => {
    writable(c);
    c.mounts.push({ destination: `/${'m'.repeat(64 * KIB)}`, type: 'tmpfs', source: 'tmpfs' });
  },
  'a destination of many parts': (c) => {
    writable(c);
    c.mounts.push({ destination: `/srv${'/m'.repeat(800)}`, type: 'tmpfs', source: 'tmpfs' });
  },
  'a source': (c) => {
    c.mounts.push({ destination: '/srv', type: 'bind', source: `/${'s'.repeat(70_000)}` });
  },
  'options of a mount': (c) => {
    c.mounts.push({
      destination: '/srv',
      type: 'tmpfs',
      source: 'tmpfs',
      options: [`mode=${'7'.repeat(64 * KIB)}`],
    });
  },
  'a path of a namespace': (c) => {
    c.linux.namespaces.push({ type: 'cgroup', path: `/${'n'.repeat(70_000)}` });
  },
  'masked paths': (c) => {
    c.linux.maskedPaths = Array.from({ length: 20_000 }, (_, i) => `/none/${i}`);
  },
  'a kernel parameter': (c) => {
    c.linux.sysctl = { 'net.ipv4.ip_forward': '1'.repeat(70_000) };
  },
  'supplementary groups': (c) => {
    c.process.user.additionalGids = Array.from({ length: 70_000 }, (_, i) => i + 1);
  },
  'a cgroup': (c) => {
    c.linux.cgroupsPath = `/${'c'.repeat(70_000)}`;
  },
  'an annotation': (c) => {
    c.annotations = { big: 'b'.repeat(4 * KIB * KIB) };
  },
  'rules for devices': (c) => {
    c.linux.resources.devices = Array.from({ length: 20_000 }, (_, i) => ({
      ...{ allow: true, type: 'c', major: 1000 + i, minor: 1, access: 'r' },
    }));
  },
  'rules of a filter': (c) => {
    c.linux.seccomp = {
      defaultAction: 'SCMP_ACT_ALLOW',
      // The kernel takes 4096 instructions; libseccomp's time grows with the square.
      syscalls: Array.from({ length: 6000 }, (_, i) => ({
        names: ['getpriority'],
        action: 'SCMP_ACT_ERRNO',
        args: [{ index: 0, value: 1000 + i, op: 'SCMP_CMP_EQ' }],
      })),
    };
  },
  'folders in a folder of config.json': (c) => {
    // biome-ignore lint/suspicious/noExplicitAny: it is any depth
    let deep: any = 'end';
    for (let i = 0; i < 2000; i++) deep = [deep];
    c.deep = deep;
  },
};

for (const [what, change] of Object.entries(LARGE)) {
  scenario(`CVE-2021-43784: ${what}, far too large: an error or a container`, {}, (s) => {
    survived(s, s.run(change));
  });
}

// The way of the CVE: mappings whose text goes past what 16 bits can tell, so that the end of it is
// read as another message, which names a path to be mounted or joined.
for (const count of [341, 2500, 6000]) {
  scenario(`CVE-2021-43784: ${count} id mappings are refused`, { skip: notRoot }, (s) => {
    const result = s.run((c) => {
      withUserNamespace(c);
      const mappings = Array.from({ length: count }, (_, i) => ({
        ...{ containerID: i, hostID: 100_000 + 2 * i, size: 1 },
      }));
      c.linux.uidMappings = mappings;
      c.linux.gidMappings = mappings;
      c.process.args = ['/payload', 'print', 'inside'];
    });
    refused(result);
    assert.equal(result.stdout, '');
    survived(s, result);
  });
}

scenario('CVE-2021-43784: nothing of a field is taken for a mount', { skip: notRoot }, (s) => {
  writeFileSync(s.path('secret'), 'secret\n');
  const inner = JSON.stringify({ op: 'bind', source: s.path('secret'), target: '/srv' });
  for (const length of [4096, 64 * KIB, 128 * KIB]) {
    const padding = 'p'.repeat(length - (inner.length % length));
    const result = s.run((c) => {
      c.hostname = 'box';
      c.process.env.push(`A=${padding.slice(0, 100_000)}`, `B=${inner}`);
      c.process.args = ['/payload', 'report', 'stat', '/srv', ',', 'ls', '/srv'];
    });
    assert.equal(result.status, 0, result.stderr);
    assert.deepEqual((JSON.parse(result.stdout) as [unknown, string[]])[1], []);
  }
});

const FILES: Record<string, string> = {
  'is empty': '',
  'is a NUL byte': '\0',
  'ends in the middle': '{"ociVersion": "1.0.2", "process": {"args": ["/payload"',
  'has the same name twice': '{"ociVersion": "1.0.2", "ociVersion": "9.9.9"}',
  'is a number with four hundred digits': `{"ociVersion": "1.0.2", "process": ${'9'.repeat(400)}}`,
  'has fifty thousand brackets': '['.repeat(50_000),
  'is no text': Buffer.from([0xff, 0xfe, 0x7b, 0x7d]).toString('latin1'),
  'is twenty megabytes of spaces': ' '.repeat(20 * KIB * KIB),
};

for (const [what, text] of Object.entries(FILES)) {
  scenario(`a config.json that ${what}: an error`, {}, (s) => {
    const container = s.container();
    writeFileSync(path.join(container.bundle, 'config.json'), text, 'latin1');
    const result = container.call('run', ['--bundle', container.bundle]);
    refused(result);
    survived(s, result);
    assert.equal(result.stdout, '');
  });
}

scenario('a process.json of exec that is far too large: an error', {}, async (s) => {
  const container = await s.running();
  const file = s.path('process.json');
  writeFileSync(
    file,
    JSON.stringify({
      ...{ cwd: '/', user: { uid: 0, gid: 0 }, env: [] },
      args: ['/payload', 'print', 'x'.repeat(3 * KIB * KIB)],
    }),
  );
  const result = container.call('exec', ['--process', file]);
  assert.notEqual(result.status, 0);
  assert.equal(result.signal, null);
  assert.equal(container.state().status, 'running');
  assert.ok(existsSync(PAYLOAD));
});
