import { eventually, failOver, isInStep, isMaster, moveSlots } from '../world/cluster.ts'
import type { Experiment } from './experiment.ts'

const WELL_MS = 13_000
/** A third of one master's. */
const SLOTS_MOVED = 1_800
/** How long to wait for a sign-out to kill its master after. */
const PATIENCE_MS = 10_000

export const clusterFailover: Experiment = {
  name: 'cluster-failover',
  about:
    'moves slots, fails over as planned, and kills a master right after acknowledged sign-outs, in durable mode',
  stores: ['cluster'],
  world: { accessTokenLifetime: 4, reuseGrace: 60 },
  profile: { signOut: 0.1 },
  async run({ world: { store, recorder }, load, goesOn, pause }) {
    const { cluster } = store
    const [, second, third] = cluster?.masters ?? []
    const [firstReplica, secondReplica] = cluster?.replicas ?? []
    if (!second || !third || !firstReplica || !secondReplica) return { masters: 0 }
    let moved = 0
    let kills = 0
    let failovers = 0
    await recorder.during('moving slots', async () => {
      moved = await moveSlots(third, second, SLOTS_MOVED)
    })
    await pause(WELL_MS)
    await recorder.during('planned failover', async () => {
      await failOver(firstReplica)
      failovers += 1
    })
    await pause(WELL_MS)
    do {
      const [master, heir] = (await isMaster(second)) ? [second, secondReplica] : [secondReplica, second]
      const before = load.over.length
      for (let waited = 0; load.over.length === before && waited < PATIENCE_MS; waited += 5) await pause(5)
      if (load.over.length === before) break
      await recorder.during('killed master', async () => {
        await master.crash()
        kills += 1
        await eventually(() => isMaster(heir))
        failovers += 1
      })
      // Durable mode acknowledges nothing while the new master has no replica.
      await recorder.during('master without replica', async () => {
        await master.start()
        await eventually(() => isInStep(master))
      })
      await pause(WELL_MS)
    } while (goesOn())
    return { 'keys moved': moved, 'masters killed': kills, failovers }
  },
}
