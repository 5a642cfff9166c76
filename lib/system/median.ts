/** The middle of values that were only counted by size. */

/**
 * Assumes that values lie evenly between two bounds, as Prometheus' `histogram_quantile` does.
 * @param counts how many values are at most `bounds[index]` and above the bound before it; the last has no bound
 * @param bounds ascending
 * @returns null without values; the last bound where the middle is beyond it
 */
export function medianOf(counts: readonly number[], bounds: readonly number[]): number | null {
  const all = counts.reduce((sum, count) => sum + count, 0);
  if (all === 0) return null;
  let below = 0;
  for (const [index, bound] of bounds.entries()) {
    const count = counts[index] ?? 0;
    if (below + count >= all / 2) {
      const from = bounds[index - 1] ?? 0;
      return from + (bound - from) * ((all / 2 - below) / count);
    }
    below += count;
  }
  return bounds.at(-1) ?? null;
}
