import type { BffProcess } from '../node/bff-process.ts'
import type { Experiment } from './experiment.ts'

const LEASE_MS = 2_000
/** Past the lease, so that another process takes it. */
const STOPS_MS = [LEASE_MS + 1_500, LEASE_MS + 4_000] as const
/** How long an answer of the provider is under way: the owner is stopped meanwhile. */
const PROVIDER_DELAY_MS = 150
/** At least as many as there are sessions. */
const CROWD = 24
const WELL_MS = 2_000

/** Resolves when a process has just taken a lease. */
function nextOwner(processes: readonly BffProcess[]): Promise<BffProcess> {
  return new Promise((resolve) => {
    for (const process of processes)
      process.onLease = (outcome) => {
        if (outcome === 'taken') resolve(process)
      }
  })
}

export const leaseOwnerStop: Experiment = {
  name: 'lease-owner-stop',
  about:
    'stops the process that holds the lease of a refresh until long after it has ended, and lets it go on',
  stores: ['redis', 'postgres', 'mysql', 'sqlite'],
  world: { leaseMs: LEASE_MS, accessTokenLifetime: 3, reuseGrace: 60 },
  profile: { burst: 0.5 },
  async run({ world: { processes, recorder, provider }, load, random, goesOn, pause }) {
    let stops = 0
    await provider.delay(PROVIDER_DELAY_MS)
    do {
      const owner = await nextOwner(processes)
      const stopMs = random.pick(STOPS_MS)
      let others = Promise.resolve()
      await recorder.during(
        'stopped lease owner',
        async () => {
          owner.signal('SIGSTOP')
          stops += 1
          // Also of the owner's session: its lease ends, and another process takes it.
          others = load.crowd('refresh', CROWD)
          await pause(stopMs)
          owner.signal('SIGCONT')
        },
        { stopsProcesses: true },
      )
      await others
      await pause(WELL_MS)
    } while (goesOn())
    await provider.restore()
    const refused = processes.reduce((sum, { leases }) => sum + leases.refused, 0)
    return { 'owners stopped': stops, 'leases contended': refused }
  },
}
