// Holds the blocks of docs/engines.md to what they are said to be: files that parse, and that name
// one handler.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { parse as parseToml } from 'smol-toml';
import { parseAllDocuments } from 'yaml';

const TEXT = readFileSync(new URL('../docs/engines.md', import.meta.url), 'utf8');

/** The text of the block whose fence has this name. */
function block(language, name) {
  const lines = TEXT.split('\n');
  const start = lines.indexOf(`\`\`\`${language} ${name}`);
  assert.notEqual(start, -1, `no block ${name}`);
  const length = lines.slice(start + 1).indexOf('```');
  return `${lines.slice(start + 1, start + 1 + length).join('\n')}\n`;
}

const toml = (name) => parseToml(block('toml', name));
const PATH = '/usr/bin/ocirt';

/** The documents of the YAML block, by kind. */
function manifests() {
  const documents = parseAllDocuments(block('yaml', 'runtimeclass.yaml'));
  for (const { errors } of documents) assert.deepEqual(errors, []);
  const values = documents.map((document) => document.toJS());
  return Object.fromEntries(values.map((value) => [value.kind, value]));
}

const CONTAINERD = [
  ['config.toml (containerd 1.6 and 1.7)', 'io.containerd.grpc.v1.cri', 2],
  ['config.toml (containerd 2)', 'io.containerd.cri.v1.runtime', 3],
];

test('every block is one that is looked at here', () => {
  const fences = TEXT.match(/^```\S+ .*$/gm);
  assert.equal(fences.length, 7);
});

test('the RuntimeClass names a handler, and the pod the class', () => {
  const { RuntimeClass, Pod } = manifests();
  assert.equal(RuntimeClass.apiVersion, 'node.k8s.io/v1');
  assert.equal(Pod.spec.runtimeClassName, RuntimeClass.metadata.name);
  assert.match(RuntimeClass.handler, /^[a-z0-9]([a-z0-9-]*[a-z0-9])?$/);
});

for (const [name, plugin, version] of CONTAINERD) {
  test(`${name} has the handler of the RuntimeClass`, () => {
    const config = toml(name);
    assert.equal(config.version, version);
    const { runtimes } = config.plugins[plugin].containerd;
    const { handler } = manifests().RuntimeClass;
    assert.deepEqual(Object.keys(runtimes), [handler]);
    assert.equal(runtimes[handler].runtime_type, 'io.containerd.runc.v2');
    assert.equal(runtimes[handler].options.BinaryName, PATH);
  });
}

test('CRI-O has the handler of the RuntimeClass', () => {
  const { runtimes } = toml('crio.conf').crio.runtime;
  const { handler } = manifests().RuntimeClass;
  assert.equal(runtimes[handler].runtime_path, PATH);
  assert.equal(runtimes[handler].runtime_type, 'oci');
});

test('containers.conf names a runtime that it has', () => {
  const { engine } = toml('containers.conf');
  assert.deepEqual(engine.runtimes[engine.runtime], [PATH]);
  assert.ok(engine.runtime_supports_json.includes(engine.runtime));
  const limits = toml('containers.conf (of such a machine)').containers.default_ulimits;
  for (const limit of limits) assert.match(limit, /^\w+=\d+:\d+$/);
});

test('daemon.json names a runtime that it has', () => {
  const config = JSON.parse(block('json', 'daemon.json'));
  assert.equal(config.runtimes[config['default-runtime']].path, PATH);
});

const containerd = ['/usr/bin/containerd', '/usr/local/bin/containerd'].find(existsSync);

test('containerd takes its configuration', {
  skip: containerd === undefined && 'containerd is not installed',
}, () => {
  const version = spawnSync(containerd, ['--version'], { encoding: 'utf8' }).stdout;
  const [name, plugin] = CONTAINERD[/ v?[2-9]\.\d/.test(version) ? 1 : 0];
  const dir = mkdtempSync(join(tmpdir(), 'ocirt-docs-'));
  try {
    const file = join(dir, 'config.toml');
    writeFileSync(file, block('toml', name));
    const args = ['--config', file, 'config', 'dump'];
    const { status, stdout, stderr } = spawnSync(containerd, args, { encoding: 'utf8' });
    assert.equal(status, 0, stderr);
    const { runtimes } = parseToml(stdout).plugins[plugin].containerd;
    assert.equal(runtimes[manifests().RuntimeClass.handler].options.BinaryName, PATH);
  } finally {
    rmSync(dir, { recursive: true });
  }
});
