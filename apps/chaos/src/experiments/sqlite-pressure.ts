import { rmSync, statfsSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import BetterSqlite3 from 'better-sqlite3'
import type { Experiment } from './experiment.ts'
import { refusedIn } from './refused.ts'

/** Longer than a driver waits for a lock. */
const BACKUP_MS = 9_000
const FULL_MS = 5_000
const SIGN_OUTS = 6
const WELL_MS = 12_000
/** No file of ours may fill a disk that others use. */
const SMALL_DISK_BYTES = 64e6

/** Fills the disk; what is written to it fails then. Gives the function that makes room again. */
function fillDisk(folder: string): (() => void) | null {
  const { bsize, blocks } = statfsSync(folder)
  if (bsize * blocks > SMALL_DISK_BYTES) return null
  const filler = join(folder, 'filler')
  for (let size = bsize * blocks; size >= 1; size = Math.floor(size / 2)) {
    try {
      while (true) writeFileSync(filler, Buffer.alloc(size), { flag: 'a' })
    } catch {
      // Full for pieces of this size: now smaller ones.
    }
  }
  return () => rmSync(filler)
}

/** Holds a read transaction open, as a backup does. */
function startBackup(path: string): () => void {
  const client = new BetterSqlite3(path, { readonly: true })
  client.exec('begin')
  client.prepare('select count(*) from bff_sessions').get()
  return () => client.close()
}

export const sqlitePressure: Experiment = {
  name: 'sqlite-pressure',
  about: 'a backup that reads for long, a full disk, and a process killed in the middle of a write',
  stores: ['sqlite', 'sqlite-own'],
  world: { accessTokenLifetime: 4, reuseGrace: 60, leaseMs: 3_000 },
  profile: { signOut: 0.2, others: 0.03, pauseMs: 200 },
  async run({ world: { store, recorder, processes }, load, random, goesOn, pause }) {
    const { path } = store
    if (path === null) return { files: 0 }
    const reached = { backups: 0, 'writes refused by a full disk': 0, 'processes killed': 0 }
    do {
      const endBackup = startBackup(path)
      let signOuts = Promise.resolve()
      await recorder.during('backup', async () => {
        signOuts = load.signOutMany(SIGN_OUTS)
        await pause(BACKUP_MS)
        endBackup()
      })
      await signOuts
      // A backup holds nobody up in WAL mode.
      reached.backups += store.name === 'sqlite' ? 1 : refusedIn(recorder, 'backup')
      await pause(WELL_MS)
      const makeRoom = fillDisk(dirname(path))
      if (makeRoom !== null) {
        await recorder.during('full disk', async () => {
          signOuts = load.signOutMany(SIGN_OUTS)
          await pause(FULL_MS)
          makeRoom()
        })
        await signOuts
        reached['writes refused by a full disk'] += refusedIn(recorder, 'full disk')
        await pause(WELL_MS)
      }
      const process = random.pick(processes)
      await recorder.during(
        'killed process',
        async () => {
          await process.kill()
          await process.start()
        },
        { stopsProcesses: true },
      )
      reached['processes killed'] += 1
      await pause(WELL_MS)
    } while (goesOn())
    return reached
  },
}
