import { type Server, startPgbouncer, startPostgres } from '@bff/servers'
import { faultProxy, type OpenStores, storeFaultLaws, storeLaws } from '@bff/store-testkit'
import { handle, session } from '@bff/store-testkit/fixtures'
import { START } from '@bff/test-support/clock'
import { faultHarness } from '@bff/test-support/sql/faults'
import { forLaws } from '@bff/test-support/sql/laws'
import pg from 'pg'
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest'
import { type PoolOptions, postgresStore } from '../src/drivers/pg.ts'
import { postgresStore as otherStore } from '../src/drivers/postgres.ts'
import { RUNS_ALL } from './drivers.ts'
import { migratePostgres } from './servers.ts'

let server: Server
beforeAll(async () => {
  server = await startPostgres()
  await migratePostgres(server.url)
})
afterAll(() => server.stop())

/** Stores on emptied tables. */
async function open(options: () => PoolOptions<pg.Pool>, end = async () => {}): Promise<OpenStores> {
  const admin = new pg.Client(server.url)
  await admin.connect()
  await admin.query('truncate bff_sessions, bff_ttl')
  await admin.end()
  return forLaws({
    open: (clock) => postgresStore({ ...options(), clock }),
    behind: otherStore({ url: server.url }),
    close: end,
  })
}

describe('Postgres through node-postgres', () => {
  storeLaws({ test, harness: { open: () => open(() => ({ url: server.url })) } })
})

test("the app's own pool may parse times and JSON in its own way, and stays open", async () => {
  const types = { getTypeParser: () => () => 'parsed by the app' }
  const client = new pg.Pool({ connectionString: server.url, max: 1, types: types as never })
  client.on('error', () => {})
  onTestFinished(() => client.end())
  const { sessions, check } = postgresStore({ client })
  await check()
  const record = session(START, { handle: handle('own'), metadata: { theme: 'dark' } })
  await sessions.create(record, { maxPerUser: 1 })
  expect(await sessions.get(record.handle)).toEqual(record)
  await sessions.close()
  expect((await client.query('select 1')).rowCount).toBe(1)
})

test('a pool made by url leaves a connection that died without a word', async () => {
  const url = new URL(server.url)
  const proxy = await faultProxy({ host: url.hostname, port: Number(url.port) })
  url.port = String(proxy.port)
  const { sessions } = postgresStore({ url: url.href, operationTimeoutMs: 2_000 })
  onTestFinished(async () => {
    await sessions.close()
    await proxy.close()
  })
  expect(await sessions.get(handle('any'))).toBeNull()
  await proxy.dropSilently()
  await expect(sessions.get(handle('any'))).rejects.toMatchObject({ code: 'store_unavailable' })
  expect(await sessions.get(handle('any'))).toBeNull()
})

if (RUNS_ALL) {
  describe('Postgres through node-postgres, with faults', () => {
    const harness = faultHarness(
      () => server,
      () => server.url,
      {
        open: () => open(() => ({ url: server.url })),
        connect: (url, clock) => postgresStore({ url, clock, operationTimeoutMs: 1_500 }),
      },
    )
    storeFaultLaws({ test, harness })
  })

  describe('Postgres through node-postgres behind PgBouncer in transaction mode', () => {
    let pooler: Server
    beforeAll(async () => {
      pooler = await startPgbouncer(server.url)
    })
    afterAll(() => pooler.stop())
    const pools: pg.Pool[] = []
    const options = () => {
      const client = new pg.Pool({ connectionString: pooler.url })
      client.on('error', () => {})
      pools.push(client)
      return { client }
    }
    const end = async () => {
      for (const pool of pools.splice(0)) await pool.end()
    }
    storeLaws({ test, harness: { open: () => open(options, end) } })
  })
}
