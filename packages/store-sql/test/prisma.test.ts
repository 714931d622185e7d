import { startPostgres } from '@bff/servers'
import { handle, session } from '@bff/store-testkit/fixtures'
import { START } from '@bff/test-support/clock'
import { PrismaPg } from '@prisma/adapter-pg'
import pg from 'pg'
import { expect, onTestFinished, test } from 'vitest'
import { postgresStore } from '../src/drivers/pg.ts'
import { migratePostgres } from './servers.ts'

test("The store and Prisma's driver adapter share one pool, and see each other's writes", async () => {
  const server = await startPostgres()
  onTestFinished(() => server.stop())
  await migratePostgres(server.url)
  const pool = new pg.Pool({ connectionString: server.url, max: 1 })
  pool.on('error', () => {})
  onTestFinished(() => pool.end())
  const prisma = await new PrismaPg(pool).connect()
  const { sessions, check } = postgresStore({ client: pool })
  await check()

  const record = session(START, { handle: handle('shared') })
  await sessions.create(record, { maxPerUser: 1 })
  const read = await prisma.queryRaw({ sql: 'select id from bff_sessions', args: [], argTypes: [] })
  expect(read.rows).toEqual([[record.handle]])
  expect(await prisma.executeRaw({ sql: 'delete from bff_sessions', args: [], argTypes: [] })).toBe(1)
  expect(await sessions.get(record.handle)).toBeNull()
  expect(pool.totalCount).toBe(1)
})
