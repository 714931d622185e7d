import { fork } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import type { SessionHandle, SessionStore } from '@bff/core'
import { WIPED } from '@bff/core/store'
import { fullSession, handle, revocation } from '@bff/store-testkit/fixtures'
import { expect, onTestFinished, test } from 'vitest'
import { START } from './clock.ts'
import { migrateMysql } from './mysql.ts'
import { migratePostgres } from './postgres.ts'
import { openForRaces } from './races.ts'
import { startMariadb, startPostgres } from './servers.ts'
import { sqliteFile } from './sqlite.ts'

/** What the other process does to a session while this one signs it out. */
export interface Race {
  readonly handle: SessionHandle
  readonly kind: 'refresh' | 'touch' | 'update'
  readonly at: number
}

const KINDS = ['refresh', 'touch', 'update'] as const
const RACES_OF_A_KIND = Number(process.env['BFF_RACES'] ?? 1000)
const AT_ONCE = 250

test('STO-01 two processes on one SQLite file, logout against refresh, touch and update: nothing is back', async () => {
  const file = sqliteFile()
  onTestFinished(() => file.remove())
  await raceLogout('sqlite', file.path)
}, 600_000)

test('STO-01 two processes on one Postgres, logout against refresh, touch and update: nothing is back', async () => {
  const server = await startPostgres()
  onTestFinished(() => server.stop())
  await migratePostgres(server.url)
  await raceLogout('postgres', server.url)
}, 600_000)

test('STO-01 two processes on one MariaDB, logout against refresh, touch and update: nothing is back', async () => {
  const server = await startMariadb()
  onTestFinished(() => server.stop())
  await raceLogout('mysql', await migrateMysql(server.url))
}, 600_000)

async function raceLogout(engine: string, address: string): Promise<void> {
  const { sessions } = openForRaces(engine, address)
  const worker = fork(fileURLToPath(new URL('races.worker.ts', import.meta.url)), [engine, address], {
    execArgv: ['--import', 'tsx', '--conditions=@bff/source'],
  })
  await once(worker, 'message')
  let written = 0
  for (const kind of KINDS) {
    for (let first = 0; first < RACES_OF_A_KIND; first += AT_ONCE) {
      const races = Array.from({ length: Math.min(AT_ONCE, RACES_OF_A_KIND - first) }, (_, index) => ({
        handle: handle(`${kind}.${first + index}`),
        kind,
        at: START + 1,
      }))
      const done = once(worker, 'message')
      written += await raceOnce(sessions, races, () => worker.send(races), done)
    }
  }
  // The writers did win some of the races, else nothing was raced.
  expect(written).toBeGreaterThan(0)
  worker.send('end')
  await once(worker, 'exit')
  await sessions.close()
}

async function raceOnce(
  sessions: SessionStore,
  races: readonly Race[],
  begin: () => void,
  done: Promise<unknown[]>,
): Promise<number> {
  const why = revocation(START + 1)
  await Promise.all(races.map((race) => sessions.create(fullSession(START, { handle: race.handle }))))
  begin()
  // The other process has yet to hear of it: reads let it catch up.
  for (const { handle } of races.slice(0, 20)) await sessions.get(handle)
  const revoked = await Promise.all(races.map((race) => sessions.revoke(race.handle, why)))
  const [fault] = await done
  expect(fault).toBeNull()
  const left = await Promise.all(races.map((race) => sessions.get(race.handle)))
  for (const [index, record] of left.entries()) {
    expect(record).toEqual(revoked[index]?.record)
    expect(record).toMatchObject({ ...WIPED, revocation: why })
  }
  return left.filter((record) => record?.version !== 2 || record.lastAccessedAt !== START).length
}
