/**
 * Small values that end by themselves: one-time challenges, replay marks, the refresh lease.
 *
 * Laws (each is a test of the store suite):
 *
 * - TS-01 `get` returns what `set` stored until `ttlMs` milliseconds have passed, then `null`.
 * - TS-02 `set` replaces value and life, whether the new life is longer or shorter.
 * - TS-03 `setIfAbsent` stores only where nothing lives, and leaves what lives alone; of concurrent callers exactly
 *   one gets `true`.
 * - TS-04 `take` reads and deletes in one step; of concurrent callers exactly one gets the value.
 * - TS-05 `extend` renews the life only while the key still holds that value, else `false`.
 * - TS-06 `compareAndDelete` deletes only while the key still holds that value, else `false`.
 * - TS-07 A life of 400 days is kept; one that is not a finite number above zero throws `invalid_argument` and
 *   changes nothing (`requireTtl`).
 * - TS-08 Hostile keys and values are plain data: no key reaches another key, nor a session.
 * - TS-09 A fault throws `store_unavailable` without key or value in its message; it is never `null` or `false`.
 * - TS-10 For any concurrent calls on one key, some order of the calls explains every answer (linearizability).
 * - TS-11 A `durable` `set` is a `set`: it replaces value and life.
 */
export interface TtlStore {
  /**
   * @param options.durable the value ends something for good, such as a sign-in: resolve only once it is as safe from a
   * failover as a revocation of the same store is, and reject otherwise. Repeating it waits anew. @default false
   */
  set(key: string, value: string, ttlMs: number, options?: TtlWriteOptions): Promise<void>
  get(key: string): Promise<string | null>
  /** `false` when the key already holds a value. */
  setIfAbsent(key: string, value: string, ttlMs: number): Promise<boolean>
  /** The value, for exactly one caller; `null` for everyone else. */
  take(key: string): Promise<string | null>
  /** `false` when the key does not hold `value` any more. */
  extend(key: string, value: string, ttlMs: number): Promise<boolean>
  /** `false` when the key does not hold `value` any more. */
  compareAndDelete(key: string, value: string): Promise<boolean>
}

export interface TtlWriteOptions {
  readonly durable?: boolean
}
