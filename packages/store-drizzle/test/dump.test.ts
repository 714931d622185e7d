import { readdirSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { createBff, generateEncryptionKey, type Stores } from '@bff/core'
import { HOUR } from '@bff/store-testkit/fixtures'
import { afterAll, expect, test } from 'vitest'
import { migrateMysql } from './mysql.ts'
import { migratePostgres } from './postgres.ts'
import { openForRaces } from './races.ts'
import { dumpMariadb, dumpPostgres, type Server, startMariadb, startPostgres } from './servers.ts'
import { sqliteFile } from './sqlite.ts'

const servers: Server[] = []
afterAll(() => Promise.all(servers.map((server) => server.stop())))

test('S0-4 the bytes of a SQLite file hold no session id, token, key, nor key of a short-lived value', async () => {
  const file = sqliteFile()
  const stores = openForRaces('sqlite', file.path)
  const filled = await fill(stores)
  const folder = dirname(file.path)
  const bytes = readdirSync(folder).map((name) => readFileSync(join(folder, name), 'latin1'))
  expectNone(bytes.join(''), filled)
  await stores.sessions.close()
  file.remove()
})

test('S0-4 a dump of Postgres holds no session id, token, key, nor key of a short-lived value', async () => {
  const server = await startPostgres()
  servers.push(server)
  await migratePostgres(server.url)
  const stores = openForRaces('postgres', server.url)
  const filled = await fill(stores)
  await stores.sessions.close()
  expectNone(dumpPostgres(server.url), filled)
}, 60_000)

test('S0-4 a dump of MariaDB holds no session id, token, key, nor key of a short-lived value', async () => {
  const server = await startMariadb()
  servers.push(server)
  const url = await migrateMysql(server.url)
  const stores = openForRaces('mysql', url)
  const filled = await fill(stores)
  await stores.sessions.close()
  expectNone(dumpMariadb(url), filled)
}, 60_000)

/** Leaves a living session and a small value; returns what must not be found, and the handle, which must. */
async function fill(stores: Stores) {
  const key = generateEncryptionKey()
  const bff = createBff({ origin: 'https://app.example', store: stores, encryptionKeys: [key] })
  const tokens = {
    accessToken: 'the-access-token',
    refreshToken: 'the-refresh-token',
    idToken: 'the.id.token',
  }
  const claims = { email: 'somebody@example.org' }
  const { session, cookie } = await bff.sessions.create({ userId: 'the-user', tokens, claims })
  await stores.ttl.set('the-key-of-a-value', 'the-value', HOUR)
  const id = /=([\w-]{43});/.exec(cookie)?.[1] ?? ''
  expect(id.slice(0, 16)).toBe(session.handle)
  const secret = [key, id, id.slice(16), ...Object.values(tokens), claims.email, 'the-key-of-a-value']
  return { secret, plain: [session.handle, 'the-user'] }
}

function expectNone(dump: string, { secret, plain }: { secret: string[]; plain: string[] }): void {
  for (const text of plain) expect(dump.includes(text), 'what is in the clear is found').toBe(true)
  for (const text of secret) {
    expect(dump.includes(text)).toBe(false)
    // As dumps write bytes.
    expect(dump.toLowerCase().includes(Buffer.from(text).toString('hex'))).toBe(false)
    expect(dump.includes(Buffer.from(text).toString('base64url'))).toBe(false)
  }
}
