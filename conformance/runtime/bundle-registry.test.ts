/** From a registry to a bundle: Debian's docker-registry on loopback, in a network of its own, and skopeo. */

import assert from 'node:assert/strict';
import { mkdirSync, writeFileSync } from 'node:fs';
import { scenario } from '../lib/sandbox.js';
import { fill, must, needs, treeOf } from '../lib/trees.js';

const CONFIG = (dir: string) => `version: 0.1
log:
  level: error
storage:
  filesystem:
    rootdirectory: ${dir}
http:
  addr: 127.0.0.1:5000
`;

/** In a network namespace nobody else has the port, and nobody outside can reach it. */
const SCRIPT = `
set -e
ip link set lo up
docker-registry serve "$1/config.yml" >"$1/registry.log" 2>&1 &
registry=$!
trap 'kill $registry; wait $registry || true' EXIT
for try in $(seq 300); do
  if bash -c ': >/dev/tcp/127.0.0.1/5000' 2>/dev/null; then break; fi
  sleep 0.1
done
copy() { skopeo --insecure-policy copy --quiet --src-tls-verify=false --dest-tls-verify=false "$@"; }
copy "oci:$1/made:v1" docker://127.0.0.1:5000/some/name:v1
copy --format v2s2 "oci:$1/made:v1" docker://127.0.0.1:5000/some/name:docker
copy docker://127.0.0.1:5000/some/name:v1 "oci:$1/fetched:v1"
copy docker://127.0.0.1:5000/some/name:docker "docker-archive:$1/fetched.tar"
`;

scenario(
  'bundle unpack: an image that went through a registry',
  { own: true, skip: needs('docker-registry', 'skopeo', 'umoci', 'unshare', 'ip', 'setfattr') },
  (s) => {
    mkdirSync(s.path('tree'));
    fill(s.path('tree'), 1);
    const image = `${s.path('made')}:v1`;
    must('umoci', ['init', '--layout', s.path('made')]);
    must('umoci', ['new', '--image', image]);
    const all = ['--xattrs', '--xattrs-include=*', '--format=pax', '--numeric-owner'];
    must('tar', ['-C', s.path('tree'), ...all, '-cf', s.path('layer.tar'), '.']);
    must('umoci', ['raw', 'add-layer', '--image', image, s.path('layer.tar')]);
    must('umoci', ['unpack', '--image', image, s.path('theirs')]);
    const expected = treeOf(s.path('theirs/rootfs'));

    writeFileSync(s.path('config.yml'), CONFIG(s.path('registry')));
    must('unshare', ['--net', 'bash', '-c', SCRIPT, 'registry', s.dir]);
    for (const source of [`oci:${s.path('fetched')}:v1`, s.path('fetched.tar')]) {
      const bundle = s.path(source.endsWith('.tar') ? 'docker' : 'oci');
      const result = s.runtime(['bundle', 'unpack', source, bundle]);
      assert.equal(result.status, 0, result.stderr);
      assert.deepEqual(treeOf(`${bundle}/rootfs`), expected);
    }
  },
);
