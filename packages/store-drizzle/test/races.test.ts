import { fileURLToPath } from 'node:url'
import { forkRacer, raceLogout } from '@bff/store-testkit/races'
import { START } from '@bff/test-support/clock'
import { onTestFinished, test } from 'vitest'
import { migrateMysql } from './mysql.ts'
import { migratePostgres } from './postgres.ts'
import { openForRaces } from './races.ts'
import { startMariadb, startPostgres } from './servers.ts'
import { sqliteFile } from './sqlite.ts'

test('two processes on one SQLite file, logout against refresh, touch and update: nothing is back [STO-01]', async () => {
  const file = sqliteFile()
  onTestFinished(() => file.remove())
  await race('sqlite', file.path)
}, 600_000)

test('two processes on one Postgres, logout against refresh, touch and update: nothing is back [STO-01]', async () => {
  const server = await startPostgres()
  onTestFinished(() => server.stop())
  await migratePostgres(server.url)
  await race('postgres', server.url)
}, 600_000)

test('two processes on one MariaDB, logout against refresh, touch and update: nothing is back [STO-01]', async () => {
  const server = await startMariadb()
  onTestFinished(() => server.stop())
  await race('mysql', await migrateMysql(server.url))
}, 600_000)

async function race(engine: string, address: string): Promise<void> {
  const { sessions } = openForRaces(engine, address)
  const racer = forkRacer(fileURLToPath(new URL('races.worker.ts', import.meta.url)), [engine, address])
  onTestFinished(() => void racer.kill())
  await raceLogout(sessions, racer, { now: START, times: Number(process.env['BFF_RACES'] ?? 1000) })
  await sessions.close()
}
