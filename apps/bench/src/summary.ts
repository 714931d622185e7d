/** One side of one round. */
export interface Sample {
  readonly requestsPerSecond: number
  /** Microseconds of CPU time the server spent on one request. */
  readonly cpuPerRequest: number
  /** The part of it outside the kernel, which is what a program can do something about. */
  readonly userPerRequest: number
  /** Share of one core the server used: well below 1 means that it was not what limited the run. */
  readonly load: number
}

export interface Spread {
  readonly median: number
  readonly min: number
  readonly max: number
}

export function spreadOf(values: readonly number[]): Spread {
  const sorted = [...values].sort((a, b) => a - b)
  const middle = sorted.length / 2
  const median = ((sorted[Math.ceil(middle) - 1] ?? 0) + (sorted[Math.floor(middle)] ?? 0)) / 2
  return { median, min: sorted[0] ?? 0, max: sorted.at(-1) ?? 0 }
}

/** Ratios of `ours` to `base`, round by round: what disturbed a round disturbed both sides of it. */
export function compare(
  base: readonly Sample[],
  ours: readonly Sample[],
): { throughput: Spread; cpu: Spread; user: Spread } {
  const ratios = (of: (base: Sample, ours: Sample) => number) =>
    spreadOf(
      ours.flatMap((sample, round) => {
        const beside = base[round]
        return beside === undefined ? [] : [of(beside, sample)]
      }),
    )
  return {
    throughput: ratios((beside, sample) => sample.requestsPerSecond / beside.requestsPerSecond),
    cpu: ratios((beside, sample) => beside.cpuPerRequest / sample.cpuPerRequest),
    user: ratios((beside, sample) => beside.userPerRequest / sample.userPerRequest),
  }
}
