import { faultProxy } from '@bff/store-testkit'
import { handle } from '@bff/store-testkit/fixtures'
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
  const pool = new pg.Pool({ connectionString: url.href, max: 1, query_timeout: 500 })
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
}, 60_000)
