import type { FailureMode } from '@bff/testing'
import type { Experiment } from './experiment.ts'
import { refusedIn } from './refused.ts'

const MODES: readonly FailureMode[] = ['500', 'html', '429', 'reset', 'hang']
/** How long the provider is well between two outages: long enough to see that all has healed. */
const WELL_MS = 12_000
/** Requests of the token endpoint in one second of an outage, for each process: more is a storm. */
const MAX_REQUESTS_PER_SECOND = 5

export const providerOutage: Experiment = {
  name: 'provider-outage',
  about: 'the provider answers 500, HTML, 429, resets or never, one after the other, and is well in between',
  stores: ['redis', 'sqlite', 'postgres'],
  world: { accessTokenLifetime: 4 },
  async run({ world: { idp, recorder, processes }, durationMs, pause, report }) {
    const outageMs = Math.max(12_000, durationMs / MODES.length - WELL_MS)
    const reached: Record<string, number> = {}
    for (const mode of MODES) {
      const before = idp.stats.tokenRequests
      idp.fail(mode, 'all')
      await recorder.during(`provider: ${mode}`, async () => {
        await pause(outageMs)
        idp.fail('none')
      })
      const requests = idp.stats.tokenRequests - before
      reached[`refused for ${mode}`] = refusedIn(recorder, `provider: ${mode}`)
      const most = (processes.length * MAX_REQUESTS_PER_SECOND * outageMs) / 1000
      if (requests > most)
        report('provider stormed', `${requests} token requests in ${outageMs} ms of ${mode}, at most ${most}`)
      await pause(WELL_MS)
    }
    return reached
  },
}
