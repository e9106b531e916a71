/** Strings with a form of their own, which config.json's schema in the specification has as patterns. */
import type { Config } from '../config.gen.js';
import type { Findings } from '../faults.js';

/** hugepageLimits[].pageSize; as the kernel names its files (cgroup-v1/hugetlb.rst). */
export function checkPageSize(findings: Findings, at: string, pageSize: string): boolean {
  if (/^[1-9]\d*[KMGTPE]B$/.test(pageSize)) return true;
  findings.fault(at, 'not a page size', pageSize, 'a number and a unit, such as 2MB');
  return false;
}

/** intelRdt.memBwSchema. */
export function checkBandwidthLine(findings: Findings, at: string, line: string): void {
  if (line.startsWith('MB:') && !line.includes('\n')) return;
  const message = 'not a line that starts with MB:';
  findings.fault(at, message, line, 'one line, from MB: on');
}

/** All of them in a config. */
export function checkFormats(config: Config, findings: Findings): void {
  config.linux?.resources?.hugepageLimits?.forEach(({ pageSize }, i) => {
    checkPageSize(findings, `/linux/resources/hugepageLimits/${i}/pageSize`, pageSize);
  });
  const line = config.linux?.intelRdt?.memBwSchema;
  if (line !== undefined) checkBandwidthLine(findings, '/linux/intelRdt/memBwSchema', line);
}
