import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';
import { OWN, PROJECT } from '../lib/runtime.js';
import { claimsOf, holdAgainst, type Tested, testsOf, toldOf } from './claims.js';

const features: unknown = JSON.parse(
  execFileSync(path.join(PROJECT, 'bin/ocirt-node'), ['features'], { encoding: 'utf8' }),
);

const resultsOf = (claims: readonly string[], outcome: Tested['outcome']): Tested[] =>
  claims.flatMap(testsOf).map((title) => {
    const [, file = '', name = ''] = /^([\w-]+): (.*)$/.exec(title) ?? [];
    return { file, name, outcome };
  });

test('claims are what is listed and what is said to be there, by their paths', () => {
  const document = {
    ociVersionMax: '1.3.0',
    hooks: ['prestart'],
    linux: { cgroup: { v1: true, v2: false }, seccomp: { actions: ['SCMP_ACT_LOG'] } },
    annotations: { a: 'b' },
  };
  assert.deepEqual(claimsOf(document), [
    'hooks.prestart',
    'linux.cgroup.v1',
    'linux.seccomp.actions.SCMP_ACT_LOG',
  ]);
});

test('every claim of ours has a test by name, in a file that there is', () => {
  const claims = claimsOf(features);
  assert.ok(claims.length > 150, `${claims.length} claims`);
  for (const claim of claims) {
    const tests = testsOf(claim);
    assert.notDeepEqual(tests, [], claim);
    for (const title of tests) {
      const file = title.slice(0, title.indexOf(':'));
      const source = path.join(PROJECT, `conformance/runtime/${file}.test.ts`);
      assert.notEqual(readFileSync(source, 'utf8'), '', claim);
    }
  }
  assert.deepEqual(testsOf('linux.teleport.enabled'), []);
});

test('a claim is shown where a test of it passed, and none failed', () => {
  const claims = claimsOf(features);
  const all = resultsOf(claims, 'passed');
  assert.deepEqual(holdAgainst(features, all), { shown: claims, skipped: [], unproven: [] });
  assert.equal(toldOf(holdAgainst(features, all)).outcome, 'passed');

  const missing = all.filter(({ name }) => !/time namespace/.test(name));
  const { unproven } = holdAgainst(features, missing);
  assert.equal(unproven.length, 1);
  assert.match(unproven[0] ?? '', /^linux\.namespaces\.time: no test of namespaces: a new time/);

  const failed = all.map((one) =>
    one.name === 'mount option ro' ? { ...one, outcome: 'failed' as const } : one,
  );
  assert.deepEqual(holdAgainst(features, failed).unproven, ['mountOptions.ro: its test failed']);
  const told = toldOf(holdAgainst(features, failed));
  assert.deepEqual([told.outcome, told.error], ['failed', 'mountOptions.ro: its test failed']);
});

test('what was skipped is named; the mark of own tests does not matter', () => {
  const document = { linux: { cgroup: { v1: true }, intelRdt: { monitoring: true } } };
  const [v1, rdt] = claimsOf(document);
  const results = [
    ...resultsOf([v1 ?? ''], 'skipped'),
    ...resultsOf([rdt ?? ''], 'passed').map((one) => ({ ...one, name: `${OWN}${one.name}` })),
  ];
  assert.deepEqual(holdAgainst(document, results), { shown: [rdt], skipped: [v1], unproven: [] });
});
