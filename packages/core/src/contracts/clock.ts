/** Where the time comes from: the system in production, a hand-turned clock in tests. */
export interface Clock {
  /** Epoch milliseconds. The system's clock may step back or forth: measure durations with `monotonic()`. */
  now(): number
  /** Milliseconds since some fixed moment of this process; never steps, so differences are durations. */
  monotonic(): number
  /**
   * Resolves after `ms` milliseconds; rejects with the signal's reason when it aborts first.
   *
   * @param idle whether nobody waits for what follows: a process that has nothing else to do may end meanwhile
   */
  sleep(ms: number, signal?: AbortSignal, idle?: boolean): Promise<void>
}
