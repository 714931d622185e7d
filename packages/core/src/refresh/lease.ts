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
   * Runs `work` as the only holder of `key` across processes. Returns `null`, without running it, when another holds the
   * key.
   *
   * The lease expires after `leaseMs` when its holder stops, and is extended while `work` runs. It only saves calls to the
   * provider: a holder whose lease has expired fails at its write, which is conditional on the record's version.
   *
   * @throws BffError `store_unavailable`, and every error of `work`
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
      const extend = async () => {
        for (;;) {
          await clock.sleep(leaseMs / 3, done.signal)
          // A store that fails once may answer in time for the next extension; a refusal means the lease is lost.
          if (!(await ttl.extend(key, owner, leaseMs).catch(() => true))) return
        }
      }
      extend().catch(() => {})
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
 * Withdraws leases that a store may hold without a holder, because its answer was lost or late. Each lease has its own
 * value, so a withdrawal never ends another holder's lease, nor a later one of this process.
 */
export interface Withdrawals {
  /** Withdraws what `owner` may have written, in the background, as soon as the store answers. */
  begin(key: string, owner: string, leaseMs: number): void
  /**
   * Withdraws now every lease that this process may have written at `key`; it costs nothing without one.
   *
   * @throws BffError `store_unavailable`
   */
  complete(key: string): Promise<void>
}

interface Doubt {
  readonly owner: string
  /** When the lease has expired, on the monotonic clock. */
  readonly until: number
}

function createWithdrawals({ ttl, clock, underWay }: LeaseDependencies): Withdrawals {
  const doubts = new Map<string, readonly Doubt[]>()

  const settle = (key: string, owner: string | null): void => {
    const now = clock.monotonic()
    const left = (doubts.get(key) ?? []).filter((doubt) => doubt.owner !== owner && doubt.until > now)
    if (left.length === 0) doubts.delete(key)
    else doubts.set(key, left)
  }

  /** A write that is not in the store may still arrive: only a withdrawn lease is certain. */
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
