import postgres from 'postgres'
import type { Experiment } from './experiment.ts'

const PAUSE_MS = 3_000
/** How long all is well at the end of each round. */
const WELL_MS = 13_000
const KILLS_A_ROUND = 3

/** A killed backend makes Postgres end all others and recover; a terminated one ends alone. */
export const backendKill: Experiment = {
  name: 'backend-kill',
  about: 'ends single connections on the Postgres server, and kills backends in the middle of a commit',
  stores: ['postgres'],
  world: { accessTokenLifetime: 4, reuseGrace: 60 },
  async run({ world: { store, recorder }, random, goesOn, pause }) {
    if (store.server === null) return { 'backends ended': 0 }
    const sql = postgres(store.server.url, { max: 1, onnotice: () => {} })
    let terminated = 0
    let killed = 0
    const busiest = async () => {
      const rows = await sql<{ pid: number }[]>`
        select pid from pg_stat_activity where backend_type = 'client backend' and pid <> pg_backend_pid()
        order by state = 'active' desc, state_change desc limit 5`
      return rows[random.below(rows.length)]?.pid ?? null
    }
    try {
      do {
        for (let turn = 0; turn < KILLS_A_ROUND; turn += 1) {
          await recorder.during('terminated backend', async () => {
            const pid = await busiest()
            if (pid === null) return
            await sql`select pg_terminate_backend(${pid})`
            terminated += 1
          })
          await pause(PAUSE_MS)
        }
        await recorder.during('killed backend', async () => {
          const pid = await busiest()
          if (pid === null) return
          process.kill(pid, 'SIGKILL')
          killed += 1
          await pause(PAUSE_MS)
        })
        await pause(WELL_MS)
      } while (goesOn())
    } finally {
      await sql.end({ timeout: 1 })
    }
    return { 'backends terminated': terminated, 'backends killed': killed }
  },
}
