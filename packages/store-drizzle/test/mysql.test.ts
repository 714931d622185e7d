import { storeLaws } from '@bff/store-testkit'
import { HOUR, handle, pseudonymous, session } from '@bff/store-testkit/fixtures'
import { START } from '@bff/test-support/clock'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { migrateMysql, openMysql, openOnOwnMysql } from './mysql.ts'
import { type Server, startMariadb } from './servers.ts'

let server: Server | undefined
let url: string

beforeAll(async () => {
  // A MySQL of yours, which must not have a database called bff yet.
  const given = process.env['BFF_MYSQL_URL']
  if (given === undefined) server = await startMariadb()
  url = await migrateMysql(given ?? server?.url ?? '')
})

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

test('metadata that nests deeper than MariaDB keeps JSON is refused, and is no outage', async () => {
  const open = await openMysql(url)
  const nested = (levels: number): Record<string, unknown> =>
    levels === 0 ? {} : { inner: nested(levels - 1) }
  const record = (levels: number) => session(START, { handle: handle(levels), metadata: nested(levels) })
  await open.stores.sessions.create(record(30))
  expect(await open.peek(handle(30))).toMatchObject({ metadata: nested(30) })
  await expect(open.stores.sessions.create(record(32))).rejects.toMatchObject({ code: 'invalid_argument' })
  expect(await open.peek(handle(32))).toBeNull()
  await open.close()
})

test('trailing spaces tell users and values apart, though no collation here does [SS-23, TS-08]', async () => {
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
