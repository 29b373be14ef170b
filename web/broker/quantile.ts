import type { ApiHistogram } from '../api/broker.js';

/**
 * Returns the duration that a share of the observations between two samples did not exceed, in
 * seconds, interpolated within its bucket as Prometheus does. Null without observations.
 *
 * @param before the earlier sample; undefined for everything since the start
 */
export function quantile(
  share: number,
  { bounds, counts }: ApiHistogram,
  before: ApiHistogram | undefined,
): number | null {
  // A broker that was started again counts from 0.
  const isLater = before?.counts.every((count, i) => count <= (counts[i] ?? 0)) ?? false;
  const between = counts.map((count, i) => count - (isLater ? (before?.counts[i] ?? 0) : 0));
  const wanted = share * between.reduce((sum, count) => sum + count, 0);
  if (wanted === 0) return null;
  let passed = 0;
  for (const [i, count] of between.entries()) {
    const from = bounds[i - 1] ?? 0;
    const to = bounds[i] ?? from;
    if (count > 0 && passed + count >= wanted)
      return from + ((wanted - passed) / count) * (to - from);
    passed += count;
  }
  return null;
}
