import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { IdMapping } from '../config.gen.js';
import { Findings, show } from '../faults.js';
import { countOfList } from './context.js';
import { checkMappings } from './namespaces.js';
import { dottedSysctl, sysctlPath } from './sysctl.js';

test('lists of CPUs are counted, each number once', () => {
  const lists: readonly (readonly [string, number | null])[] = [
    ['0', 1],
    ['0-3,7', 5],
    ['0-3,2-5', 6],
    [' 1 , 2 ', 2],
    // The first 2 of every 4.
    ['0-7:2/4', 4],
    ['', null],
    ['3-1', null],
    ['1-', null],
    ['-1', null],
    ['1,,2', null],
    ['a', null],
    ['0-7:5/4', null],
    ['0-7:0/4', null],
    ['999999', null],
  ];
  for (const [list, count] of lists) assert.equal(countOfList(list), count, list);
});

test('whichever separator comes first in the name of a parameter is one', () => {
  assert.equal(dottedSysctl('net.ipv4.ip_forward'), 'net.ipv4.ip_forward');
  assert.equal(
    dottedSysctl('net/ipv4/conf/eno2.100/rp_filter'),
    'net.ipv4.conf.eno2/100.rp_filter',
  );
  assert.equal(sysctlPath('net/ipv4/conf/eno2.100/rp_filter'), 'net/ipv4/conf/eno2.100/rp_filter');
  assert.equal(sysctlPath('net.ipv4.conf.eno2/100.rp_filter'), 'net/ipv4/conf/eno2.100/rp_filter');
  assert.equal(sysctlPath('kernel.shmmax'), 'kernel/shmmax');
});

function mapping(containerID: number, hostID: number, size: number): IdMapping {
  return { containerID, hostID, size };
}

test('ranges of ids may touch, in any order, but not overlap', () => {
  const check = (...mappings: IdMapping[]): string[] => {
    const findings = new Findings();
    checkMappings(findings, '', mappings);
    return findings.faults.map(({ pointer }) => pointer);
  };
  assert.deepEqual(check(mapping(10, 0, 5), mapping(0, 5, 10), mapping(15, 15, 1)), []);
  assert.deepEqual(check(mapping(10, 0, 5), mapping(14, 5, 1)), ['/1/containerID']);
  assert.deepEqual(check(mapping(10, 8, 5), mapping(0, 0, 9)), ['/1/hostID']);
  assert.deepEqual(check(mapping(0, 0, 4294967295)), []);
  assert.deepEqual(check(mapping(1, 0, 4294967295)), []);
  assert.deepEqual(check(mapping(2, 0, 4294967295)), ['/0/containerID']);
});

test('values are shown in a few words', () => {
  assert.equal(show('a"b'), '"a\\"b"');
  assert.equal(show('x'.repeat(100)), `"${'x'.repeat(60)}…"`);
  assert.equal(show(18446744073709551615n), '18446744073709551615');
  assert.equal(show([1, 2]), 'an array of 2');
  assert.equal(show({}), 'an object');
  assert.equal(show(null), 'null');
  assert.equal(show(undefined), 'nothing');
});
