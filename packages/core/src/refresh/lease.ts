import type { Clock } from '../clock.ts'
import type { TtlStore } from '../store/ttl-store.ts'
import type { UnderWay } from '../under-way.ts'
import { createWithdrawals } from './withdrawals.ts'

export interface LeaseDependencies {
  readonly ttl: TtlStore
  readonly clock: Clock
  readonly underWay: UnderWay
}

/** Work that only one process does at a time. */
export interface Leases {
  /**
   * Runs `work` as the only holder of `key` across processes; `null`, without running it, when somebody else holds
   * the key.
   *
   * The lease ends by itself after `leaseMs` when its holder dies, and is renewed while `work` runs. It only saves
   * provider calls: a holder that slept past its lease is stopped by the version its write is conditional on.
   *
   * @throws BffError `store_unavailable`, and whatever `work` throws
   */
  hold<T>(key: string, leaseMs: number, work: () => Promise<T>): Promise<{ readonly result: T } | null>
}

export function createLeases(dependencies: LeaseDependencies): Leases {
  const { ttl, clock } = dependencies
  const withdrawals = createWithdrawals(dependencies)

  return {
    async hold(key, leaseMs, work) {
      await withdrawals.complete(key)
      const owner = crypto.randomUUID()
      try {
        if (!(await ttl.setIfAbsent(key, owner, leaseMs))) return null
      } catch (error) {
        withdrawals.begin(key, owner, leaseMs)
        throw error
      }

      const done = new AbortController()
      const renew = async () => {
        for (;;) {
          await clock.sleep(leaseMs / 3, done.signal)
          // A store that fails once may answer in time for the next renewal; a refusal means the lease is lost.
          if (!(await ttl.extend(key, owner, leaseMs).catch(() => true))) return
        }
      }
      renew().catch(() => {})
      try {
        return { result: await work() }
      } finally {
        done.abort()
        await ttl.compareAndDelete(key, owner).catch(() => withdrawals.begin(key, owner, leaseMs))
      }
    },
  }
}
