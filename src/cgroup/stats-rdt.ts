/** Statistics of a group of the resctrl file system. Pure. The kernel's filesystems/resctrl.rst. */
import { type FileText, nonzero, parseCount } from './stats-text.js';
import type { RdtStats } from './stats-types.js';

/** What is read below the root of resctrl, always. */
export const RDT_FILES: readonly string[] = [
  'schemata',
  'info/L3/cbm_mask',
  'info/L3/min_cbm_bits',
  'info/L3/num_closids',
  'info/MB/bandwidth_gran',
  'info/MB/delay_linear',
  'info/MB/min_bandwidth',
  'info/MB/num_closids',
  'info/L3_MON/mon_features',
];

/** What is read in each domain of the monitoring group. */
export const DOMAIN_FILES = ['mbm_total_bytes', 'mbm_local_bytes', 'llc_occupancy'] as const;

/** One domain: the texts of DOMAIN_FILES. */
export type DomainTexts = Readonly<Record<(typeof DOMAIN_FILES)[number], FileText>>;

/**
 * @param root the text of one of RDT_FILES
 * @param schemata of the container's group
 * @param domains of the group that its monitoring is in
 */
export function rdtStats(
  root: (file: string) => FileText,
  schemata: FileText,
  domains: readonly DomainTexts[],
): RdtStats {
  const lines = linesOf(schemata);
  const rootLines = linesOf(root('schemata'));
  const count = (file: string): bigint | undefined => nonzero(parseCount(root(file)));
  const features = linesOf(root('info/L3_MON/mon_features'));
  const bandwidth = features.some((name) => name.startsWith('mbm_'));
  return {
    ...(exists(root('info/L3/cbm_mask'))
      ? {
          l3_cache_info: {
            cbm_mask: root('info/L3/cbm_mask')?.trim(),
            min_cbm_bits: count('info/L3/min_cbm_bits'),
            num_closids: count('info/L3/num_closids'),
          },
          l3_cache_schema_root: lineOf(rootLines, 'L3'),
          l3_cache_schema: lineOf(lines, 'L3'),
        }
      : {}),
    ...(exists(root('info/MB/min_bandwidth'))
      ? {
          mem_bw_info: {
            bandwidth_gran: count('info/MB/bandwidth_gran'),
            delay_linear: count('info/MB/delay_linear'),
            min_bandwidth: count('info/MB/min_bandwidth'),
            num_closids: count('info/MB/num_closids'),
          },
          mem_bw_schema_root: lineOf(rootLines, 'MB'),
          mem_bw_schema: lineOf(lines, 'MB'),
        }
      : {}),
    ...(lines.length > 0 ? { schemata: lines } : {}),
    ...(bandwidth
      ? {
          mbm_stats: domains.map((domain) => ({
            mbm_total_bytes: parseCount(domain.mbm_total_bytes),
            mbm_local_bytes: parseCount(domain.mbm_local_bytes),
          })),
        }
      : {}),
    ...(features.includes('llc_occupancy')
      ? {
          cmt_stats: domains.map((domain) => ({
            llc_occupancy: parseCount(domain.llc_occupancy),
          })),
        }
      : {}),
  };
}

function exists(text: FileText): boolean {
  return text !== null && text !== undefined;
}

function linesOf(text: FileText): string[] {
  return (text ?? '')
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '');
}

/** The line of a resource; with code and data apart (L3CODE, L3DATA) the last one, as runc. */
function lineOf(lines: readonly string[], resource: string): string | undefined {
  return lines.filter((line) => line.startsWith(resource)).at(-1);
}
