import { storeLaws } from '@bff/store-testkit'
import { handle, revocation, session } from '@bff/store-testkit/fixtures'
import { START } from '@bff/test-support/clock'
import { forLaws } from '@bff/test-support/sql/laws'
import { createClient } from '@libsql/client'
import { describe, expect, onTestFinished, test } from 'vitest'
import { sqliteStore } from '../src/drivers/libsql.ts'
import { asOfServer } from './libsql-client.ts'
import { sqliteFile } from './sqlite.ts'

describe('a file through libsql', () => {
  const open = async () => {
    const { path, remove } = sqliteFile()
    return forLaws({
      open: (clock) => sqliteStore({ path, synchronous: 'normal', clock }),
      behind: sqliteStore({ path }),
      close: async () => remove(),
    })
  }
  storeLaws({ test, harness: { open } })
})

describe("the app's own client of libsql", () => {
  const open = async () => {
    const { path, remove } = sqliteFile()
    const clients = [1, 2].map(() => createClient({ url: `file:${path}` }))
    const left = [...clients]
    return forLaws({
      open: (clock) => sqliteStore({ client: asOfServer(left.shift() as (typeof clients)[number]), clock }),
      behind: sqliteStore({ path }),
      breakConnection: async () => clients[0]?.close(),
      async close() {
        for (const client of clients) client.close()
        remove()
      },
    })
  }
  storeLaws({ test, harness: { open } })
})

test("concurrent creates with maxPerUser wait for each other and for the app's own transactions [STO-12]", async () => {
  const { path, remove } = sqliteFile()
  const app = createClient({ url: `file:${path}` })
  const stores = [1, 2, 3].map(() => sqliteStore({ path, synchronous: 'normal' }))
  onTestFinished(async () => {
    for (const { sessions } of stores) await sessions.close()
    app.close()
    remove()
  })
  const transaction = await app.transaction('write')
  const creates = Array.from({ length: 6 }, (_, index) =>
    stores[index % stores.length]?.sessions.create(
      session(START, { handle: handle(index), userId: 'user' }),
      {
        maxPerUser: 2,
      },
    ),
  )
  // The first attempts have met the lock by now: each is one turn of this thread.
  await new Promise((resolve) => setImmediate(resolve))
  await transaction.commit()
  await Promise.all(creates)
  expect(await stores[0]?.sessions.countActive({ userId: 'user' }, START)).toBe(2)
})

test('a store that met a busy database reads what others write afterwards, not an old snapshot', async () => {
  const { path, remove } = sqliteFile()
  const app = createClient({ url: `file:${path}` })
  const [one, other] = [sqliteStore({ path }), sqliteStore({ path })]
  onTestFinished(async () => {
    for (const { sessions } of [one, other]) await sessions.close()
    app.close()
    remove()
  })
  const transaction = await app.transaction('write')
  const refused = one.sessions.create(session(START, { handle: handle(1) }), { maxPerUser: 2 })
  await expect(refused).rejects.toMatchObject({ code: 'store_unavailable' })
  await transaction.commit()
  await one.sessions.create(session(START, { handle: handle(2) }), { maxPerUser: 2 })
  await other.sessions.revoke(handle(2), revocation(START))
  expect(await one.sessions.get(handle(2))).toMatchObject({ revocation: { at: START } })
})

test('a client of a file is refused, as its connections cannot be replaced', () => {
  const { path, remove } = sqliteFile()
  const client = createClient({ url: `file:${path}` })
  onTestFinished(() => {
    client.close()
    remove()
  })
  expect(() => sqliteStore({ client })).toThrow(
    expect.objectContaining({ code: 'invalid_config', message: expect.stringContaining('Set path') }),
  )
})
