import type { LeaseDependencies } from './lease.ts'

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
      await clock.sleep(pause)
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
