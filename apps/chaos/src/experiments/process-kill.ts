import type { Experiment } from './experiment.ts'

const PAUSE_MS = 1_500

/** A provider that takes a lost refresh token again for a while: then nobody may be signed out. */
export const processKill: Experiment = {
  name: 'process-kill',
  about: 'kills a BFF process every two seconds, in the middle of sign-ins, refreshes and sign-outs',
  stores: ['redis', 'cluster', 'postgres', 'mysql', 'sqlite'],
  // A killed process keeps its lease until that ends.
  world: { reuseGrace: 60, accessTokenLifetime: 3, leaseMs: 3_000 },
  async run({ world, random, goesOn, pause }) {
    let kills = 0
    while (goesOn()) {
      const process = random.pick(world.processes)
      await world.recorder.during(
        'killed process',
        async () => {
          await process.kill()
          kills += 1
          await process.start()
        },
        { stopsProcesses: true },
      )
      await pause(PAUSE_MS)
    }
    return { kills, refreshes: world.idp.stats.refreshes }
  },
}
