import type { Experiment } from './experiment.ts'

const DOWN_MS = 1_500
/** How long the server is up between two crashes: long enough to see that all has healed. */
const UP_MS = 13_000

export const storeKill: Experiment = {
  name: 'store-kill',
  about: "kills the store's server, and starts it again on its data",
  stores: ['redis', 'redis-everysec', 'postgres', 'mysql'],
  world: { accessTokenLifetime: 4, reuseGrace: 60 },
  async run({ world: { store, recorder }, goesOn, pause }) {
    const { server } = store
    if (server === null) return { 'servers killed': 0 }
    let kills = 0
    const before = recorder.sessions.length
    do {
      await recorder.during('killed server', async () => {
        await server.crash()
        kills += 1
        await pause(DOWN_MS)
        await server.start()
      })
      await pause(UP_MS)
    } while (goesOn())
    return { 'servers killed': kills, 'sign-ins since': recorder.sessions.length - before }
  },
}
