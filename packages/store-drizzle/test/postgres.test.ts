import { storeLaws } from '@bff/store-testkit'
import { handle, pseudonymous, session } from '@bff/store-testkit/fixtures'
import { START } from '@bff/test-support/clock'
import { drizzle } from 'drizzle-orm/postgres-js'
import postgres from 'postgres'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { LOCK_SPACE } from '../../store-sql/src/postgres/dialect.ts'
import { postgresStore } from '../src/postgres/index.ts'
import { migratePostgres, openOnNodePostgres, openOnOwnPostgres, openPostgres } from './postgres.ts'
import { type Server, startPgbouncer, startPostgres } from './servers.ts'

let server: Server

beforeAll(async () => {
  server = await startPostgres()
  await migratePostgres(server.url)
})

afterAll(() => server.stop())

describe('Postgres', () => {
  const harness = { open: () => openPostgres(server.url) }
  storeLaws({ test, harness })
})

describe('Postgres behind withPseudonyms', () => {
  const harness = pseudonymous({ open: () => openPostgres(server.url) })
  storeLaws({ test, harness })
})

describe('Postgres through node-postgres', () => {
  const harness = { open: () => openOnNodePostgres(server.url) }
  storeLaws({ test, harness })
})

describe('Postgres through node-postgres behind PgBouncer in transaction mode', () => {
  let pooler: Server
  beforeAll(async () => {
    pooler = await startPgbouncer(server.url)
  })
  afterAll(() => pooler.stop())
  const harness = { open: () => openOnNodePostgres(server.url, pooler.url) }
  storeLaws({ test, harness })

  test('a pool made by url works behind one that ignores the limits it sends', async () => {
    const { sessions } = postgresStore({ url: pooler.url })
    await sessions.create(session(START, { handle: handle('pooled') }), { maxPerUser: 1 })
    expect(await sessions.delete(handle('pooled'))).toBe(true)
    await sessions.close()
  })
})

describe("Postgres through the app's own drizzle instance", () => {
  const harness = { open: () => openOnOwnPostgres(server.url) }
  storeLaws({ test, harness })
})

describe('events on Postgres', () => {
  const about = { handle: session(START).handle, at: START }
  const created = (userId: string) => ({ type: 'session.created', userId, ...about }) as const

  test('they reach other stores, by channel, past what others say there [EB-01]', async () => {
    const client = postgres(server.url, { max: 1, onnotice: () => {} })
    const [speaker, hearer] = [postgresStore({ url: server.url }), postgresStore({ db: drizzle({ client }) })]
    const elsewhere = postgresStore({ url: server.url, channel: 'other' })
    const heard: unknown[] = []
    const last = new Promise<void>((resolve) => {
      void hearer.events.subscribe('session.created', (event) => {
        heard.push(event)
        if ('userId' in event && event.userId === 'last') resolve()
      })
    })
    await hearer.events.subscribe('session.created', () => {})
    await elsewhere.events.publish('session.created', created('elsewhere'))
    for (const noise of ['', 'null', '{}', '[', '{"topic":1,"event":2}'])
      await client.notify('bff_events', noise)
    await speaker.events.publish('session.created', created('first'))
    await speaker.events.publish('session.created', created('last'))
    await last
    expect(heard).toEqual([created('first'), created('last')])

    await Promise.all([speaker, hearer, elsewhere].map((stores) => stores.sessions.close()))
    expect(await client`select 1 as one`).toEqual([{ one: 1 }])
    await client.end()
  })

  test('all that are published in one turn take the place of one operation, and arrive in their order', async () => {
    const [speaker, hearer] = [
      postgresStore({ url: server.url, maxPending: 4 }),
      postgresStore({ url: server.url }),
    ]
    const users = Array.from({ length: 1000 }, (_, index) => `user-${index}`)
    const heard: unknown[] = []
    const all = new Promise<void>((resolve) => {
      void hearer.events.subscribe('session.created', (event) => {
        if (heard.push(event) === users.length) resolve()
      })
    })
    await hearer.events.subscribe('session.created', () => {})
    const published = users.map((userId) => speaker.events.publish('session.created', created(userId)))
    expect(await speaker.sessions.get(about.handle)).toBeNull()
    await Promise.all(published)
    await all
    expect(heard).toEqual(users.map((userId) => created(userId)))
    await Promise.all([speaker, hearer].map((stores) => stores.sessions.close()))
  })

  test('one too large for Postgres is refused; a subscription that fails can be tried again', async () => {
    const stores = postgresStore({ url: server.url })
    const large = stores.events.publish('session.created', created('x'.repeat(8000)))
    await expect(large).rejects.toMatchObject({ code: 'invalid_argument' })
    await stores.sessions.close()
    const late = stores.events.subscribe('session.created', () => {})
    await expect(late).rejects.toMatchObject({ code: 'store_unavailable' })
  })
})

test('creates that waited for each other see each other, however the database isolates by default [SS-22]', async () => {
  const sql = postgres(server.url, { max: 2, onnotice: () => {} })
  await sql`truncate bff_sessions`
  await sql`alter database postgres set default_transaction_isolation = 'repeatable read'`
  const { sessions } = postgresStore({ url: server.url })
  const creates: Promise<unknown>[] = []
  await sql.begin(async (tx) => {
    await tx`select pg_advisory_xact_lock(${LOCK_SPACE}, hashtext('user'))`
    for (const name of [1, 2, 3]) {
      creates.push(sessions.create(session(START, { handle: handle(name) }), { maxPerUser: 1 }))
    }
    const waiting = async () =>
      (await sql`select 1 from pg_locks where locktype = 'advisory' and not granted`).length
    while ((await waiting()) < 3);
  })
  await Promise.all(creates)
  expect(await sessions.countActive({ userId: 'user' }, START)).toBe(1)
  await sql`alter database postgres reset default_transaction_isolation`
  await sessions.close()
  await sql.end()
})
