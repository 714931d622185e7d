/** What a load saw: `latencies` in milliseconds. */
export interface Load {
  readonly count: number
  readonly seconds: number
  readonly latencies: readonly number[]
}

/** @param share 0.99 for p99 */
export function quantileOf(values: readonly number[], share: number): number {
  const sorted = [...values].sort((a, b) => a - b)
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? Number.NaN
}
