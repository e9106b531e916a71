import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Mount } from '../spec/config.gen.js';
import { compileCreate } from './compile.js';
import { type Changes, createInput, only, refusal } from './testing/fixtures.js';

const MAP = [{ containerID: 0, hostID: 100000, size: 65536 }];
const OWN = [{ containerID: 0, hostID: 200000, size: 10 }];
const MOUNT: Mount = { destination: '/a', source: '/x', options: ['bind'] };

const idmapOf = (mount: Mount, linux: Changes['linux'] = {}) => {
  const plan = compileCreate(createInput({ config: { mounts: [mount] }, linux: linux ?? {} }));
  // The host makes it: nothing is opened before.
  assert.equal(only(plan, 'bind').resource, undefined);
  assert.equal(only(plan, 'bind').source, '/x');
  return only(plan, 'bind').idmap;
};

const USER = {
  namespaces: [{ type: 'mount' as const }, { type: 'user' as const }],
  uidMappings: MAP,
  gidMappings: MAP,
};

test('mappings of its own', () => {
  const expected = { uidMap: '0 200000 10\n', gidMap: '0 100000 65536\n' };
  const mount = { ...MOUNT, uidMappings: OWN, gidMappings: MAP };
  assert.deepEqual(idmapOf(mount), { recursive: false, ...expected });
  assert.deepEqual(idmapOf({ ...mount, options: ['rbind', 'ridmap'] }, USER), {
    recursive: true,
    ...expected,
  });
});

test('without, those of the user namespace', () => {
  assert.deepEqual(idmapOf({ ...MOUNT, options: ['bind', 'idmap'] }, USER), {
    recursive: false,
    uidMap: '0 100000 65536\n',
    gidMap: '0 100000 65536\n',
  });
});

test('without, those of a user namespace that is joined', () => {
  const linux = { namespaces: [{ type: 'mount' as const }, { type: 'user' as const, path: '/u' }] };
  assert.deepEqual(idmapOf({ ...MOUNT, options: ['bind', 'idmap'] }, linux), {
    recursive: false,
    namespace: '/u',
  });
});

test('without, and without a user namespace: refused', () => {
  assert.throws(
    () => idmapOf({ ...MOUNT, options: ['bind', 'idmap'] }),
    refusal('invalid-config', '/mounts/0/options', /user namespace/),
  );
});

test('half a mapping is refused', () => {
  for (const [given, missing] of [
    ['uidMappings', 'gidMappings'],
    ['gidMappings', 'uidMappings'],
  ] as const) {
    assert.throws(
      () => idmapOf({ ...MOUNT, [given]: MAP }),
      refusal('invalid-config', `/mounts/0/${missing}`, /must have both/),
    );
  }
});

test('only bind mounts are mapped', () => {
  assert.throws(
    () => idmapOf({ destination: '/a', type: 'tmpfs', uidMappings: MAP, gidMappings: MAP }),
    refusal('invalid-config', '/mounts/0', /only supported for bind-mounts/),
  );
});

test('a mount that is not mapped says nothing of it', () => {
  const plan = compileCreate(createInput({ config: { mounts: [MOUNT] } }));
  assert.equal('idmap' in only(plan, 'bind'), false);
});
