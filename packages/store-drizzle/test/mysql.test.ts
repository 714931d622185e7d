import { storeLaws } from '@bff/store-testkit'
import { HOUR, handle, pseudonymous, session } from '@bff/store-testkit/fixtures'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { START } from './clock.ts'
import { migrateMysql, openMysql, openOnOwnMysql } from './mysql.ts'
import { type Server, startMariadb } from './servers.ts'

let server: Server | undefined
let url: string

beforeAll(async () => {
  // A MySQL of yours, which must not have a database called bff yet.
  const given = process.env['BFF_MYSQL_URL']
  if (given === undefined) server = await startMariadb()
  url = await migrateMysql(given ?? server?.url ?? '')
}, 60_000)

afterAll(() => server?.stop())

describe('MariaDB', () => {
  const harness = { open: () => openMysql(url) }
  storeLaws({ test, harness })
})

describe('MariaDB behind withPseudonyms', () => {
  const harness = pseudonymous({ open: () => openMysql(url) })
  storeLaws({ test, harness })
})

describe("MariaDB through the app's own drizzle instance", () => {
  const harness = { open: () => openOnOwnMysql(url) }
  storeLaws({ test, harness })
})

test('SS-23 TS-08 trailing spaces tell users and values apart, though no collation here does', async () => {
  const open = await openMysql(url)
  const { sessions, ttl } = open.stores
  for (const [index, userId] of ['a', 'a ', 'a  '].entries()) {
    await sessions.create(session(START, { handle: handle(index), userId }), { maxPerUser: 1 })
  }
  expect(await sessions.countActive({ userId: 'a' }, START)).toBe(1)
  expect(await sessions.deleteAll({ userId: 'a ' })).toBe(1)
  expect((await sessions.list({ userId: 'a' })).records.map((record) => record.handle)).toEqual([handle(0)])
  await ttl.set('key', 'value ', HOUR)
  await ttl.set('key ', 'other', HOUR)
  expect(await ttl.compareAndDelete('key', 'value')).toBe(false)
  expect(await ttl.extend('key', 'value', HOUR)).toBe(false)
  expect(await ttl.take('key')).toBe('value ')
  expect(await ttl.take('key ')).toBe('other')
  await open.close()
})
