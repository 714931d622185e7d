import type { Clock } from '../clock.ts'
import type { TtlStore } from '../store/ttl-store.ts'

/**
 * Runs `work` as the only holder of `key` across processes (RFT-05); `null`, without running it, when somebody
 * else holds the key.
 *
 * The lease ends by itself after `leaseMs` when its holder dies, and is renewed while `work` runs. It only saves
 * provider calls: a holder that slept past its lease is stopped by the version its write is conditional on.
 *
 * @throws BffError `store_unavailable`, and whatever `work` throws
 */
export async function withLease<T>(
  key: string,
  leaseMs: number,
  { ttl, clock }: { readonly ttl: TtlStore; readonly clock: Clock },
  work: () => Promise<T>,
): Promise<{ readonly result: T } | null> {
  const owner = crypto.randomUUID()
  if (!(await ttl.setIfAbsent(key, owner, leaseMs))) return null

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
    await ttl.compareAndDelete(key, owner).catch(() => false)
  }
}
