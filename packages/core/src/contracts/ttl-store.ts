import type { Attachable } from './attachable.ts'

/**
 * Keeps small values that expire by themselves: one-time challenges, replay marks, the refresh lease.
 *
 * Laws (each is a test of the store suite):
 *
 * - TS-01 `get` returns what `set` stored until `ttlMs` milliseconds have passed, then `null`.
 * - TS-02 `set` replaces value and lifetime, whether the new lifetime is longer or shorter.
 * - TS-03 `setIfAbsent` stores only when the key holds no value, and does not change an existing one; of concurrent callers
 *   exactly one gets `true`.
 * - TS-04 `take` reads and deletes in one step; of concurrent callers exactly one gets the value.
 * - TS-05 `extend` extends the lifetime only while the key still holds that value, and otherwise returns `false`.
 * - TS-06 `compareAndDelete` deletes only while the key still holds that value, and otherwise returns `false`.
 * - TS-07 A lifetime of 400 days is kept; one that is not a finite number above zero throws `invalid_argument` and changes
 *   nothing (`requireTtl`).
 * - TS-08 Hostile keys and values are plain data: no key reaches another key, nor a session.
 * - TS-09 A fault throws `store_unavailable` without key or value in its message; it is never `null` or `false`.
 * - TS-10 For any concurrent calls on one key, some order of the calls explains every result (linearizability).
 * - TS-11 A `durable` `set` is a `set`: it replaces value and lifetime.
 * - TS-12 A clock that is attached after a value was stored changes no lifetime.
 */
export interface TtlStore extends Attachable {
  /**
   * @param options.durable the value ends something permanently, such as a sign-in: resolve only when it is as safe from a
   * failover as a revocation in the same store, and reject otherwise. A repeated call waits again. @default false
   */
  set(key: string, value: string, ttlMs: number, options?: TtlWriteOptions): Promise<void>
  get(key: string): Promise<string | null>
  /** `false` when the key already holds a value. */
  setIfAbsent(key: string, value: string, ttlMs: number): Promise<boolean>
  /** Returns and deletes the value, for exactly one caller; `null` for all others. */
  take(key: string): Promise<string | null>
  /** `false` when the key does not hold `value` any more. */
  extend(key: string, value: string, ttlMs: number): Promise<boolean>
  /** `false` when the key does not hold `value` any more. */
  compareAndDelete(key: string, value: string): Promise<boolean>
}

export interface TtlWriteOptions {
  readonly durable?: boolean
}
