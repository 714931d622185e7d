import type { FaultProxy } from '@bff/store-testkit'
import type { Experiment } from './experiment.ts'

const FAULT_MS = 5_000
const WELL_MS = 13_000

const FAULTS: readonly (readonly [name: string, begin: (proxy: FaultProxy) => Promise<void>])[] = [
  ['black hole', (proxy) => proxy.blackhole()],
  ['cut', (proxy) => proxy.cut()],
  ['half-closed', (proxy) => proxy.halfClose()],
  ['dripping', (proxy) => proxy.drip(20)],
]

export const apiNetwork: Experiment = {
  name: 'api-network',
  about:
    'the connections to the API are swallowed, cut, half-closed and dripping; the rest of the BFF goes on',
  stores: ['redis'],
  async run({ world: { upstream, recorder }, goesOn, pause, report }) {
    const { counts } = upstream
    const met = () => counts.dropped + counts.cut + counts.delayed + counts.halfClosed
    const reached: Record<string, number> = {}
    do {
      for (const [name, begin] of FAULTS) {
        const before = met()
        await recorder.during(`API: ${name}`, async () => {
          await begin(upstream)
          await pause(FAULT_MS)
          await upstream.restore()
        })
        await pause(WELL_MS)
        reached[name] = (reached[name] ?? 0) + met() - before
      }
    } while (goesOn())
    const others = recorder.sessions
      .flatMap(({ operations }) => operations)
      .filter(({ kind, outcome }) => kind === 'session' && outcome === 'unavailable')
    if (others.length > 0)
      report('the API took others along', `GET /bff/session failed ${others.length} times`)
    return reached
  },
}
