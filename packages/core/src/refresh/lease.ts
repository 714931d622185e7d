import type { Clock } from '../contracts/clock.ts'
import type { TtlStore } from '../contracts/ttl-store.ts'
import type { UnderWay } from '../internal/under-way.ts'

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

const FIRST_RETRY_MS = 250
const MAX_RETRY_MS = 4_000
const MAX_KEYS = 1000

/**
 * Leases that a store may hold although nobody does: its answer was lost or late. Each has a value of its own, so
 * that taking one back can never end the lease of somebody else, nor a later one of this process.
 */
export interface Withdrawals {
  /** Takes back what `owner` may have written, in the background, as soon as the store answers. */
  begin(key: string, owner: string, leaseMs: number): void
  /**
   * Takes back now whatever this process may have written at `key`; costs nothing where that is nothing.
   *
   * @throws BffError `store_unavailable`
   */
  complete(key: string): Promise<void>
}

interface Doubt {
  readonly owner: string
  /** When the lease has ended by itself, on the monotonic clock. */
  readonly until: number
}

export function createWithdrawals({ ttl, clock, underWay }: LeaseDependencies): Withdrawals {
  const doubts = new Map<string, readonly Doubt[]>()

  const settle = (key: string, owner: string | null): void => {
    const now = clock.monotonic()
    const left = (doubts.get(key) ?? []).filter((doubt) => doubt.owner !== owner && doubt.until > now)
    if (left.length === 0) doubts.delete(key)
    else doubts.set(key, left)
  }

  /** A write that is not there may still be on its way: only one that was taken back is no longer in doubt. */
  async function withdraw(key: string, owner: string): Promise<void> {
    if (await ttl.compareAndDelete(key, owner)) settle(key, owner)
  }

  async function persist(key: string, { owner, until }: Doubt): Promise<void> {
    const isInDoubt = () => doubts.get(key)?.some((doubt) => doubt.owner === owner) ?? false
    for (let pause = FIRST_RETRY_MS; pause <= MAX_RETRY_MS && isInDoubt(); pause *= 2) {
      await withdraw(key, owner).catch(() => {})
      if (!isInDoubt() || underWay.isClosing || clock.monotonic() + pause > until) return
      await clock.sleep(pause, undefined, true)
    }
  }

  return {
    begin(key, owner, leaseMs) {
      const doubt = { owner, until: clock.monotonic() + leaseMs }
      const [oldest] = doubts.keys()
      if (oldest !== undefined && doubts.size >= MAX_KEYS) doubts.delete(oldest)
      doubts.set(key, [...(doubts.get(key) ?? []), doubt])
      persist(key, doubt).catch(() => {})
    },
    async complete(key) {
      if (!doubts.has(key)) return
      settle(key, null)
      for (const { owner } of doubts.get(key) ?? []) await withdraw(key, owner)
    },
  }
}
