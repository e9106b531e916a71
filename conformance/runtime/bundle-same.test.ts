/** What `bundle unpack` makes of other tools' images is what umoci makes of them, in every respect. */

import assert from 'node:assert/strict';
import { rmSync } from 'node:fs';
import { type Sandbox, scenario } from '../lib/sandbox.js';
import { makeImages, must, needs, treeOf } from '../lib/trees.js';

function same(s: Sandbox, part: 'buildah' | 'umoci', count: number): void {
  const images = makeImages(s.dir, part);
  assert.equal(images.length, count);
  const theirs = new Map<string, string[]>();
  for (const { name, source, options, layout } of images) {
    let expected = theirs.get(layout);
    if (expected === undefined) {
      must('umoci', ['unpack', '--image', layout, s.path('theirs')]);
      expected = treeOf(s.path('theirs/rootfs'));
      theirs.set(layout, expected);
      rmSync(s.path('theirs'), { recursive: true });
    }
    // More than the few files that any image has.
    assert.ok(expected.length > 40, name);
    const result = s.runtime(['bundle', 'unpack', ...options, source, s.path('ours')]);
    assert.equal(result.status, 0, `${name}: ${result.stderr}`);
    // Nothing that the image has is left out.
    assert.equal(result.stderr, '', name);
    assert.deepEqual(treeOf(s.path('ours/rootfs')), expected, name);
    rmSync(s.path('ours'), { recursive: true });
  }
}

scenario(
  'bundle unpack: 20 images by buildah, skopeo and podman give the tree that umoci makes of them',
  { own: true, skip: needs('buildah', 'skopeo', 'podman', 'umoci', 'zstd', 'setfattr', 'python3') },
  (s) => same(s, 'buildah', 20),
);

scenario(
  'bundle unpack: 13 images by umoci and GNU tar give the tree that umoci makes of them',
  { own: true, skip: needs('umoci', 'setfattr', 'python3') },
  (s) => same(s, 'umoci', 13),
);
