import { openIdleProcess } from '@bff/test-support/idle-process'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { migrateMysql } from './mysql.ts'
import { migratePostgres } from './postgres.ts'
import { startMariadb, startPostgres } from './servers.ts'

const openProcess = (url: string, ...how: string[]) =>
  openIdleProcess(new URL('idle.worker.ts', import.meta.url), url, ...how)

async function postgres() {
  const server = await startPostgres()
  await migratePostgres(server.url)
  return { url: server.url, stop: () => server.stop() }
}

async function mariadb() {
  const server = await startMariadb()
  return { url: await migrateMysql(server.url), stop: () => server.stop() }
}

describe.for([
  { place: 'Postgres', start: postgres },
  { place: 'MariaDB', start: mariadb },
])('a process that hears events of $place and has nothing more to do ends by itself', ({ start }) => {
  let place: Awaited<ReturnType<typeof start>>
  beforeAll(async () => {
    place = await start()
  })
  afterAll(() => place.stop())

  test('with its store open', async () => {
    expect(await (await openProcess(place.url)).end()).toBe(0)
  })

  test('with its store closed', async () => {
    expect(await (await openProcess(place.url, 'closed')).end()).toBe(0)
  })

  test('while the database is away', async () => {
    const open = await openProcess(place.url)
    const closing = await openProcess(place.url, 'closed')
    await place.stop()
    expect([await open.end(), await closing.end()]).toEqual([0, 0])
  })
})
