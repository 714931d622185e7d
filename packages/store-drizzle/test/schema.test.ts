import { execFileSync } from 'node:child_process'
import { cpSync, mkdtempSync, rmSync } from 'node:fs'
import { join, relative } from 'node:path'
import { fileURLToPath } from 'node:url'
import { fullSession, handle, session } from '@bff/store-testkit/fixtures'
import { START } from '@bff/test-support/clock'
import BetterSqlite3 from 'better-sqlite3'
import { eq, relations } from 'drizzle-orm'
import { drizzle as drizzleSqlite } from 'drizzle-orm/better-sqlite3'
import { int, mysqlTable } from 'drizzle-orm/mysql-core'
import { pgTable, uuid } from 'drizzle-orm/pg-core'
import { drizzle as drizzlePostgres } from 'drizzle-orm/postgres-js'
import { integer, sqliteTable, text } from 'drizzle-orm/sqlite-core'
import postgres from 'postgres'
import { expect, expectTypeOf, onTestFinished, test } from 'vitest'
import * as mysqlSchema from '../src/mysql/index.ts'
import * as postgresSchema from '../src/postgres/index.ts'
import * as sqliteSchema from '../src/sqlite/index.ts'
import { migrations } from './migrations.ts'
import { startPostgres } from './servers.ts'

test("on SQLite the columns live in the app's own table, related to its users [S0-19]", async () => {
  const users = sqliteTable('users', { id: text('id').primaryKey(), name: text('name').notNull() })
  const logins = sqliteTable(
    'logins',
    {
      ...sqliteSchema.sessionColumns(),
      userId: text('user_id')
        .notNull()
        .references(() => users.id),
      visits: integer('visits').notNull().default(7),
    },
    (t) => sqliteSchema.sessionIndexes(t, 'logins'),
  )
  const loginRelations = relations(logins, ({ one }) => ({
    user: one(users, { fields: [logins.userId], references: [users.id] }),
  }))
  const client = new BetterSqlite3(':memory:')
  client.pragma('foreign_keys = ON')
  client.exec('create table users (id text primary key, name text not null)')
  for (const statement of migrations('sqlite')) client.exec(renamed(statement))
  client.exec('alter table logins add column visits integer not null default 7')
  const db = drizzleSqlite({ client, schema: { users, logins, loginRelations } })
  const store = sqliteSchema.sqliteStore({ db, tables: { sessions: logins } })
  await store.check()
  db.insert(users).values({ id: 'user', name: 'Ada' }).run()

  const record = fullSession(START)
  await store.sessions.create(record, { maxPerUser: 1 })
  expect(await store.sessions.get(record.handle)).toEqual(record)
  expect((await store.sessions.list({ userId: 'user' })).records).toEqual([record])
  const found = await db.query.logins.findFirst({ with: { user: true } })
  expectTypeOf(found?.expiresAt).toEqualTypeOf<number | undefined>()
  expect(found).toMatchObject({ id: record.handle, visits: 7, user: { name: 'Ada' } })
  await store.sessions.close()
  expect(client.open).toBe(true)
})

test("on Postgres users may be known by UUID; a stranger's session is refused, not a fault [S0-15, S0-19]", async () => {
  const users = pgTable('users', { id: uuid('id').primaryKey() })
  const logins = pgTable(
    'logins',
    {
      ...postgresSchema.sessionColumns(),
      userId: uuid('user_id')
        .notNull()
        .references(() => users.id, { onDelete: 'cascade' }),
    },
    (t) => postgresSchema.sessionIndexes(t, 'logins'),
  )
  const loginRelations = relations(logins, ({ one }) => ({
    user: one(users, { fields: [logins.userId], references: [users.id] }),
  }))
  const server = await startPostgres()
  onTestFinished(() => server.stop())
  const client = postgres(server.url, { onnotice: () => {} })
  await client`create table users (id uuid primary key)`
  for (const statement of migrations('postgres')) {
    await client.unsafe(
      renamed(statement).replace(
        '"user_id" varchar(255)',
        '"user_id" uuid references users on delete cascade',
      ),
    )
  }
  const db = drizzlePostgres({ client, schema: { users, logins, loginRelations } })
  const store = postgresSchema.postgresStore({ db, tables: { sessions: logins } })
  await store.check()
  const userId = '4b1c0f8e-6a0d-4c43-9f43-d1d0c4a6a1f2'
  await db.insert(users).values({ id: userId })

  const record = fullSession(START, { userId })
  await store.sessions.create(record, { maxPerUser: 1 })
  expect(await store.sessions.get(record.handle)).toEqual(record)
  expect(await store.sessions.countActive({ userId }, START)).toBe(1)
  expect(await db.query.logins.findFirst({ with: { user: true } })).toMatchObject({ user: { id: userId } })
  const stranger = session(START, { handle: handle('stranger'), userId: userId.replace('4', '5') })
  await expect(store.sessions.create(stranger)).rejects.toMatchObject({ code: 'invalid_argument' })
  await expect(store.sessions.list({ userId: 'no uuid' })).rejects.toMatchObject({ code: 'invalid_argument' })
  await db.delete(users).where(eq(users.id, userId))
  expect(await store.sessions.get(record.handle)).toBeNull()

  await store.sessions.close()
  expect(await client`select 1 as one`).toEqual([{ one: 1 }])
  await client.end()
})

test('on MySQL the store takes a table of the same columns and more [S0-19]', () => {
  const logins = mysqlTable('logins', { ...mysqlSchema.sessionColumns(), visits: int('visits') }, (t) =>
    mysqlSchema.sessionIndexes(t, 'logins'),
  )
  expect(() =>
    mysqlSchema.mysqlStore({ url: 'mysql://localhost/db', tables: { sessions: logins } }),
  ).not.toThrow()
})

test('the three engines have the same columns [S0-14, S0-18]', () => {
  const names = [postgresSchema, mysqlSchema, sqliteSchema].map((schema) =>
    Object.keys(schema.sessionColumns()),
  )
  expect(names[1]).toEqual(names[0])
  expect(names[2]).toEqual(names[0])
})

test('the type of a derived column contains its name, length and value', () => {
  const { bffSessions: postgresTable } = postgresSchema
  const { bffSessions: mysqlTable } = mysqlSchema
  const { bffSessions: sqliteTable } = sqliteSchema
  expectTypeOf<typeof postgresTable.previousSecretUntil._.name>().toEqualTypeOf<'previous_secret_until'>()
  expectTypeOf<typeof mysqlTable.idTokenEncrypted._.name>().toEqualTypeOf<'id_token_encrypted'>()
  expectTypeOf<typeof sqliteTable.secretHash._.length>().toEqualTypeOf<64>()
  expectTypeOf<typeof postgresTable.$inferSelect.userId>().toEqualTypeOf<string>()
  expectTypeOf<typeof mysqlTable.$inferSelect.accessTokenIssuedAt>().toEqualTypeOf<number | null>()
  expectTypeOf<typeof sqliteTable.$inferSelect.metadata>().toEqualTypeOf<Readonly<Record<string, unknown>>>()
  expect(postgresTable.idTokenEncrypted.name).toBe('id_token_encrypted')
  expect(mysqlTable.dpopKeyPairEncrypted.name).toBe('dpop_key_pair_encrypted')
  expect(sqliteTable.secretHash).toMatchObject({ length: 64 })
})

test('a column that a later version adds does not stop this one [STO-19]', async () => {
  const client = new BetterSqlite3(':memory:')
  for (const statement of migrations('sqlite')) client.exec(statement)
  const store = sqliteSchema.sqliteStore({ db: drizzleSqlite({ client }) })
  await store.sessions.create(fullSession(START))
  client.exec('alter table bff_sessions add column later text')
  client.exec("alter table bff_ttl add column later text default 'x'")
  const record = fullSession(START, { handle: handle('another') })
  await store.sessions.create(record)
  await store.ttl.set('key', 'value', 1000)
  expect(await store.sessions.get(record.handle)).toEqual(record)
  expect(await store.sessions.update(record.handle, { updatedAt: START }, 1)).toMatchObject({ version: 2 })
  await store.check()
})

function renamed(statement: string): string {
  return statement.replaceAll('bff_sessions', 'logins')
}

test('the shipped migrations are those drizzle-kit writes for the schema [S2-7]', () => {
  const root = fileURLToPath(new URL('..', import.meta.url))
  const kit = join(root, 'node_modules/drizzle-kit/bin.cjs')
  for (const [folder, dialect] of [
    ['postgres', 'postgresql'],
    ['mysql', 'mysql'],
    ['sqlite', 'sqlite'],
  ] as const) {
    // drizzle-kit takes its folder relative to where it runs.
    const copy = mkdtempSync(join(root, 'node_modules/.drizzle-'))
    cpSync(join(root, 'drizzle', folder), copy, { recursive: true })
    const args = [
      'generate',
      '--dialect',
      dialect,
      '--schema',
      `src/${folder}/schema.ts`,
      '--out',
      relative(root, copy),
    ]
    const said = execFileSync(process.execPath, ['--conditions=@bff/source', kit, ...args], {
      cwd: root,
      encoding: 'utf8',
    })
    rmSync(copy, { recursive: true })
    expect(said).toContain('No schema changes')
  }
})
