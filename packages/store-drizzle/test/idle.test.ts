import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest'
import { migrateMysql } from './mysql.ts'
import { migratePostgres } from './postgres.ts'
import { startMariadb, startPostgres } from './servers.ts'

/** A process that has opened a store, hears events and has read a session. */
async function openProcess(url: string, ...how: string[]) {
  const worker = fileURLToPath(new URL('idle.worker.ts', import.meta.url))
  const args = ['--import', 'tsx', '--conditions=@bff/source', worker, url, ...how]
  const child = spawn(process.execPath, args, { stdio: ['pipe', 'pipe', 'inherit'] })
  onTestFinished(() => void child.kill())
  const [said] = await once(child.stdout, 'data')
  expect(String(said)).toBe('null')
  return {
    /** Gives it nothing more to do; its exit code. */
    async end() {
      const ended = once(child, 'exit')
      child.stdin.end()
      return (await ended)[0]
    },
  }
}

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
  }, 60_000)
  afterAll(() => place.stop())

  test('with its store open', async () => {
    expect(await (await openProcess(place.url)).end()).toBe(0)
  }, 30_000)

  test('with its store closed', async () => {
    expect(await (await openProcess(place.url, 'closed')).end()).toBe(0)
  }, 30_000)

  test('while the database is away', async () => {
    const open = await openProcess(place.url)
    const closing = await openProcess(place.url, 'closed')
    await place.stop()
    expect([await open.end(), await closing.end()]).toEqual([0, 0])
  }, 30_000)
})
