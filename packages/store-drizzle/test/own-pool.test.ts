import { faultProxy } from '@bff/store-testkit'
import { handle, session } from '@bff/store-testkit/fixtures'
import { START } from '@bff/test-support/clock'
import { drizzle } from 'drizzle-orm/node-postgres'
import pg from 'pg'
import { expect, onTestFinished, test } from 'vitest'
import { postgresStore } from '../src/postgres/index.ts'
import { migratePostgres } from './postgres.ts'
import { startPostgres } from './servers.ts'

test('a pool of node-postgres with query_timeout leaves a connection that died without a word', async () => {
  const server = await startPostgres()
  onTestFinished(() => server.stop())
  await migratePostgres(server.url)
  const url = new URL(server.url)
  const proxy = await faultProxy({ host: url.hostname, port: Number(url.port) })
  url.port = String(proxy.port)
  const pool = new pg.Pool({ connectionString: url.href, max: 1, query_timeout: 2_000 })
  pool.on('error', () => {})
  const { sessions } = postgresStore({ db: drizzle({ client: pool }) })
  onTestFinished(async () => {
    await proxy.close()
    await pool.end()
  })
  expect(await sessions.get(handle('any'))).toBeNull()
  await proxy.dropSilently()
  await expect(sessions.get(handle('any'))).rejects.toMatchObject({ code: 'store_unavailable' })
  expect(await sessions.get(handle('any'))).toBeNull()
})

test('a connection of the pool that the server ends in the middle of a transaction does not end the process', async () => {
  const server = await startPostgres()
  onTestFinished(() => server.stop())
  await migratePostgres(server.url)
  const [admin, holder] = [new pg.Client(server.url), new pg.Client(server.url)]
  await Promise.all([admin.connect(), holder.connect()])
  const pool = new pg.Pool({ connectionString: server.url, max: 1, application_name: 'app' })
  pool.on('error', () => {})
  onTestFinished(async () => {
    await Promise.all([admin.end(), holder.end(), pool.end()])
  })
  const { sessions } = postgresStore({ db: drizzle({ client: pool }) })
  postgresStore({ db: drizzle({ client: pool }) })
  expect(pool.listenerCount('acquire')).toBe(1)
  const create = (name: string) =>
    sessions.create(session(START, { handle: handle(name) }), { maxPerUser: 9 })

  await holder.query('begin')
  await holder.query('lock table bff_sessions')
  const broken = expect(create('broken')).rejects.toMatchObject({ code: 'store_unavailable' })
  const waiting = `from pg_stat_activity where application_name = 'app' and wait_event_type = 'Lock'`
  await expect.poll(async () => (await admin.query(`select ${waiting}`)).rowCount).toBe(1)
  await admin.query(`select pg_terminate_backend(pid, 5000) ${waiting}`)
  await broken
  await holder.query('rollback')
  expect(await create('whole')).toEqual({ evicted: [] })
  expect(await sessions.get(handle('broken'))).toBeNull()
})
