import type { FaultProxy } from '@bff/store-testkit'
import type { Experiment } from './experiment.ts'

const FAULT_MS = 6_000
const WELL_MS = 13_000
/** A sign-out does not wait for a provider that says nothing. */
const SIGN_OUT_MS = 2_000

const FAULTS: readonly (readonly [name: string, begin: (proxy: FaultProxy) => Promise<void>])[] = [
  ['black hole', (proxy) => proxy.blackhole()],
  ['dropped silently', (proxy) => proxy.dropSilently()],
  ['cut', (proxy) => proxy.cut()],
  ['dripping', (proxy) => proxy.drip(50)],
]

export const providerNetwork: Experiment = {
  name: 'provider-network',
  about:
    'the connections to the provider are swallowed, dropped without a word, cut and dripping, and people sign out',
  stores: ['redis', 'sqlite'],
  world: { accessTokenLifetime: 30, reuseGrace: 60 },
  profile: { signOut: 0.1 },
  async run({ world: { provider, recorder }, goesOn, pause, report }) {
    const { counts } = provider
    const met = () => counts.dropped + counts.cut + counts.delayed
    const reached: Record<string, number> = {}
    do {
      for (const [name, begin] of FAULTS) {
        const before = met()
        await recorder.during(`provider: ${name}`, async () => {
          await begin(provider)
          await pause(FAULT_MS)
          await provider.restore()
        })
        await pause(WELL_MS)
        reached[name] = (reached[name] ?? 0) + met() - before
      }
    } while (goesOn())
    const slow = recorder.sessions
      .flatMap(({ operations }) => operations)
      .filter(({ kind, begin, end }) => kind === 'signOut' && end - begin > SIGN_OUT_MS)
      .filter(({ begin }) => recorder.faults.some((fault) => isDuring(fault, begin)))
    if (slow.length > 0) {
      const longest = Math.max(...slow.map(({ begin, end }) => end - begin))
      report('sign-out waited for the provider', `${slow.length} times, up to ${Math.round(longest)} ms`)
    }
    return reached
  },
}

const isDuring = (fault: { name: string; begin: number; end: number | null }, at: number): boolean =>
  fault.name.startsWith('provider') && at >= fault.begin && at <= (fault.end ?? at)
