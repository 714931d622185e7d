/** One server in one round. */
export interface Sample {
  readonly requestsPerSecond: number
  /** Microseconds of CPU time the server spent on one request. */
  readonly cpuPerRequest: number
  /** The part of it outside the kernel, which is what a program can do something about. */
  readonly userPerRequest: number
  /** Milliseconds. */
  readonly p50: number
  readonly p99: number
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

/** What one server needed in a scenario, and the ratio to the base in each round: what disturbed a round disturbed both. */
export interface Measurement {
  readonly server: string
  readonly requestsPerSecond: Spread
  readonly userPerRequest: Spread
  readonly cpuPerRequest: Spread
  readonly p50: Spread
  readonly p99: Spread
  /** Above 1: more requests per second than the base. */
  readonly throughputRatio: Spread
  /** Below 1: less CPU time a request outside the kernel than the base. */
  readonly userRatio: Spread
}

export function measurementOf(
  server: string,
  samples: readonly Sample[],
  base: readonly Sample[],
): Measurement {
  const spread = (of: (sample: Sample) => number) => spreadOf(samples.map(of))
  const ratio = (of: (sample: Sample) => number) =>
    spreadOf(
      samples.flatMap((sample, round) => {
        const beside = base[round]
        return beside === undefined ? [] : [of(sample) / of(beside)]
      }),
    )
  return {
    server,
    requestsPerSecond: spread((sample) => sample.requestsPerSecond),
    userPerRequest: spread((sample) => sample.userPerRequest),
    cpuPerRequest: spread((sample) => sample.cpuPerRequest),
    p50: spread((sample) => sample.p50),
    p99: spread((sample) => sample.p99),
    throughputRatio: ratio((sample) => sample.requestsPerSecond),
    userRatio: ratio((sample) => sample.userPerRequest),
  }
}
