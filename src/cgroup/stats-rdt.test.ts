import assert from 'node:assert/strict';
import { test } from 'node:test';
import { RDT_FILES, rdtStats } from './stats-rdt.js';

const ROOT: Readonly<Record<string, string>> = {
  schemata: '    MB:0=100;1=100\n    L3:0=fffff;1=fffff\n',
  'info/L3/cbm_mask': 'fffff\n',
  'info/L3/min_cbm_bits': '1\n',
  'info/L3/num_closids': '16\n',
  'info/MB/bandwidth_gran': '10\n',
  'info/MB/delay_linear': '1\n',
  'info/MB/min_bandwidth': '10\n',
  'info/MB/num_closids': '8\n',
  'info/L3_MON/mon_features': 'llc_occupancy\nmbm_total_bytes\nmbm_local_bytes\n',
};

test('a group of resctrl', () => {
  assert.deepEqual(Object.keys(ROOT).sort(), [...RDT_FILES].sort());
  const stats = rdtStats((file) => ROOT[file], '    MB:0=50\n    L3:0=f\n', [
    { mbm_total_bytes: '9007199254740993\n', mbm_local_bytes: '2\n', llc_occupancy: '3\n' },
    { mbm_total_bytes: 'Unavailable\n', mbm_local_bytes: '5\n', llc_occupancy: '0\n' },
  ]);
  assert.deepEqual(stats, {
    l3_cache_info: { cbm_mask: 'fffff', min_cbm_bits: 1n, num_closids: 16n },
    l3_cache_schema_root: 'L3:0=fffff;1=fffff',
    l3_cache_schema: 'L3:0=f',
    mem_bw_info: { bandwidth_gran: 10n, delay_linear: 1n, min_bandwidth: 10n, num_closids: 8n },
    mem_bw_schema_root: 'MB:0=100;1=100',
    mem_bw_schema: 'MB:0=50',
    schemata: ['MB:0=50', 'L3:0=f'],
    mbm_stats: [
      { mbm_total_bytes: 9007199254740993n, mbm_local_bytes: 2n },
      { mbm_total_bytes: undefined, mbm_local_bytes: 5n },
    ],
    cmt_stats: [{ llc_occupancy: 3n }, { llc_occupancy: 0n }],
  });
});

test('only what the hardware has', () => {
  assert.deepEqual(
    rdtStats(() => null, null, []),
    {},
  );
  const monitored = rdtStats(
    (file) => (file.endsWith('mon_features') ? 'llc_occupancy\n' : null),
    'L3CODE:0=f\nL3DATA:0=3\n',
    [{ mbm_total_bytes: null, mbm_local_bytes: null, llc_occupancy: '7' }],
  );
  assert.deepEqual(monitored, {
    schemata: ['L3CODE:0=f', 'L3DATA:0=3'],
    cmt_stats: [{ llc_occupancy: 7n }],
  });
});
