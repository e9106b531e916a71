/** Times as text. */

/** RFC 3339 in UTC with nanoseconds, trailing zeros left out as Go's RFC3339Nano does. */
export function formatTime(realtimeNs: bigint): string {
  const ns = BigInt(realtimeNs);
  const seconds = new Date(Number(ns / 1_000_000_000n) * 1000).toISOString().slice(0, 19);
  const fraction = String(ns % 1_000_000_000n)
    .padStart(9, '0')
    .replace(/0+$/, '');
  return `${seconds}${fraction === '' ? '' : `.${fraction}`}Z`;
}

/** RFC 3339 in UTC with whole seconds, as in log lines. */
export function formatSeconds(realtimeNs: bigint): string {
  return `${new Date(Number(BigInt(realtimeNs) / 1_000_000_000n) * 1000).toISOString().slice(0, 19)}Z`;
}
