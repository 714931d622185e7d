/** Where the time comes from: the system in production, a hand-turned clock in tests. */
export interface Clock {
  /** Epoch milliseconds. The system's clock may step back or forth: measure durations with `monotonic()`. */
  now(): number
  /** Milliseconds since some fixed moment of this process; never steps, so differences are durations. */
  monotonic(): number
  /** Resolves after `ms` milliseconds; rejects with the signal's reason when it aborts first. */
  sleep(ms: number, signal?: AbortSignal): Promise<void>
}
