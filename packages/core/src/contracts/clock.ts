/** The source of the time: the system's clock in production, a controlled clock in tests. */
export interface Clock {
  /** Returns epoch milliseconds. The system's clock can jump in both directions: measure durations with `monotonic()`. */
  now(): number
  /** Returns milliseconds since a fixed moment of this process. It never jumps, so a difference is a duration. */
  monotonic(): number
  /**
   * Resolves after `ms` milliseconds. Rejects with the signal's reason when the signal aborts first.
   *
   * @param idle `true` when a process with nothing else to do can exit in the meantime
   */
  sleep(ms: number, signal?: AbortSignal, idle?: boolean): Promise<void>
}
