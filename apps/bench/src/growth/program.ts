import { handle, session } from '@bff/store-testkit/fixtures'
import { quantileOf } from '../load/load.ts'
import type { Surroundings } from '../protocol.ts'
import { openMemory, openRedis } from './key-value-stands.ts'
import type { Backend, GrowthAnswer, GrowthOrder } from './protocol.ts'
import { openMysql, openPostgres, openSqlite } from './sql-stands.ts'
import { handleOf, now, recordOf, SESSIONS_A_USER, type Stand } from './stand.ts'

/** Measures one backend with several numbers of sessions, one call at a time, in turns. */

const OPEN: Record<Backend, (size: number, surroundings: Surroundings) => Promise<Stand>> = {
  memory: openMemory,
  Redis: openRedis,
  SQLite: openSqlite,
  Postgres: openPostgres,
  MariaDB: openMysql,
}

const DEAD = 100
/** Another user in each round, so that caches of the database do not hold its rows from the round before. */
const USER_STEP = 37

async function answer({ backend, rounds, stands: wanted }: GrowthOrder): Promise<GrowthAnswer> {
  const stands: Stand[] = []
  for (const { size, surroundings } of wanted) stands.push(await OPEN[backend](size, surroundings))
  const bytesPerSession = []
  for (const stand of stands) bytesPerSession.push((await stand.bytes()) / stand.size)
  const samples = new Map<string, number[][]>()
  for (let round = -1; round < rounds; round++)
    for (const [at, stand] of stands.entries())
      await measure(stand, Math.max(round, 0), (call, ms) => {
        const times = samples.get(call) ?? stands.map(() => [])
        samples.set(call, times)
        if (round >= 0) times[at]?.push(ms)
      })
  for (const stand of stands) await stand.stop()
  const calls = [...samples].map(([call, times]) => ({
    call,
    medians: times.map((values) => quantileOf(values, 0.5)),
    lowestDeciles: times.map((values) => quantileOf(values, 0.1)),
  }))
  return { calls, bytesPerSession, contentBytes: contentBytes() }
}

/** Sealed fields, texts and eight bytes for each number. */
function contentBytes(): number {
  const sizes = Object.values(recordOf(0)).map((value) => {
    if (value instanceof Uint8Array) return value.byteLength
    if (typeof value === 'number') return 8
    return value === null ? 0 : Buffer.byteLength(typeof value === 'string' ? value : JSON.stringify(value))
  })
  return sizes.reduce((total, size) => total + size, 0)
}

async function measure(
  { size, sessions }: Stand,
  round: number,
  record: (call: string, ms: number) => void,
): Promise<void> {
  const timed = async (call: string, times: number, run: () => Promise<unknown>) => {
    const begun = performance.now()
    for (let at = 0; at < times; at++) await run()
    record(call, (performance.now() - begun) / times)
  }
  const user = (round * USER_STEP) % (size / SESSIONS_A_USER)
  const known = handleOf(user, 3)
  const userId = `user${user}`
  await timed('`get`', 50, () => sessions.get(known))
  let version = (await sessions.get(known))?.version ?? 1
  const change = { updatedAt: now, accessTokenEncrypted: new Uint8Array(1000) }
  await timed('`update`', 20, () => sessions.update(known, change, version++))
  await timed('`touch`', 20, () => sessions.touch(known, now + round, now + 1000))
  await timed('`list` of 10', 20, () => sessions.list({ userId }))
  await timed('`countActive`', 20, () => sessions.countActive({ userId }, now))
  const dead = Array.from({ length: DEAD }, (_, at) =>
    session(now, { handle: handle(`dead${at}`), userId: `dead${at}`, expiresAt: now - 1 }),
  )
  await Promise.all(dead.map((ended) => sessions.create(ended)))
  await timed(`\`cleanup\` of ${DEAD}`, 1, () => sessions.cleanup({ now, limit: DEAD, retainRevokedMs: 1 }))
}

process.on('message', async (order: GrowthOrder) => {
  process.send?.(await answer(order))
  process.disconnect()
})
