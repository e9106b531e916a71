/** Made-up usage of containers, for tests. */
import type { Usage } from '../../cgroup/usage.js';
import type { ContainerUsage } from '../../runtime/usage.js';

type Parts = { readonly [Part in keyof Usage]?: Partial<Usage[Part]> };

/** Nothing is known of it but these. */
export function usageWith({ cpu, memory, pids, io, pressure }: Parts = {}): Usage {
  return {
    cpu: {
      totalNs: null,
      userNs: null,
      systemNs: null,
      periods: null,
      throttledPeriods: null,
      throttledNs: null,
      ...cpu,
    },
    memory: {
      bytes: null,
      peakBytes: null,
      limitBytes: null,
      swapBytes: null,
      limitHits: null,
      oomKills: null,
      ...memory,
    },
    pids: { current: null, peak: null, limit: null, ...pids },
    io: { readBytes: null, writtenBytes: null, reads: null, writes: null, ...io },
    pressure: { cpu: null, memory: null, io: null, ...pressure },
  };
}

/** A running container that has used these. */
export function containerWith(id: string, parts?: Parts): ContainerUsage {
  return {
    id,
    status: 'running',
    created: '2026-11-25T00:00:00Z',
    usage: usageWith(parts),
  };
}
