import type { FaultProxy } from '@bff/store-testkit'
import type { StoreName } from '../world/store.ts'
import type { Experiment } from './experiment.ts'

interface NetworkFault {
  readonly name: string
  readonly begin: (proxy: FaultProxy) => Promise<void>
  /** How long it lasts. */
  readonly ms: number
  readonly met: (proxy: FaultProxy) => number
  /** @default every store with a proxy */
  readonly only?: StoreName
  /** How long all is well after it. @default long enough to see that all has healed */
  readonly wellMs?: number
}

const met = {
  cut: ({ counts }: FaultProxy) => counts.cut,
  dropped: ({ counts }: FaultProxy) => counts.dropped,
  delayed: ({ counts }: FaultProxy) => counts.delayed,
  halfClosed: ({ counts }: FaultProxy) => counts.halfClosed,
}

/** Keys hold names in base64url. */
const LEASE = Buffer.from('refres').toString('base64url')
const isAboutLease = (request: Buffer): boolean => request.includes('refresh:') || request.includes(LEASE)

const FAULTS: readonly NetworkFault[] = [
  { name: 'cut', begin: (proxy) => proxy.cut(), ms: 4_000, met: met.cut },
  { name: 'late answers', begin: (proxy) => proxy.delay(1_500), ms: 3_000, met: met.delayed },
  {
    name: 'late answers to leases',
    begin: (proxy) => proxy.delayWhen(isAboutLease, 1_500),
    ms: 4_500,
    met: met.delayed,
    // In SQL a lease does not show its name.
    only: 'redis',
    // A request waits ten seconds for somebody else's refresh: only the one after it shows that nobody had the lease.
    wellMs: 26_000,
  },
  { name: 'dropped silently', begin: (proxy) => proxy.dropSilently(), ms: 500, met: met.dropped },
  { name: 'black hole', begin: (proxy) => proxy.blackhole(), ms: 6_000, met: met.dropped },
  { name: 'half-closed', begin: (proxy) => proxy.halfClose(), ms: 50, met: met.halfClosed },
  { name: 'dripping', begin: (proxy) => proxy.drip(20), ms: 6_000, met: met.delayed },
]
/** More than a pool has connections. */
const CROWD = 12
/** How long all is well between two faults: long enough to see that all has healed. */
const WELL_MS = 13_000

export const storeNetwork: Experiment = {
  name: 'store-network',
  about:
    'the connections to the store are cut, slowed down, dropped without a word, swallowed, half-closed and dripping',
  stores: ['redis', 'postgres', 'mysql'],
  world: { accessTokenLifetime: 4 },
  async run({ world: { store, recorder }, load, goesOn, pause }) {
    const { proxy } = store
    if (proxy === null) return { 'connections of the store': 0 }
    const reached: Record<string, number> = {}
    do {
      for (const { name, begin, ms, met: count, wellMs = WELL_MS } of FAULTS.filter(
        ({ only = store.name }) => only === store.name,
      )) {
        const before = count(proxy)
        // Every connection of every pool is open, and then in use: a pool with a spare one would hide the fault.
        await load.crowd('session', CROWD)
        let crowd = Promise.resolve()
        await recorder.during(`store: ${name}`, async () => {
          await begin(proxy)
          crowd = load.crowd('session', CROWD)
          await pause(ms)
          await proxy.restore()
        })
        await crowd
        await pause(wellMs)
        reached[name] = (reached[name] ?? 0) + count(proxy) - before
      }
    } while (goesOn())
    return reached
  },
}
