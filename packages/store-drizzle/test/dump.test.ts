import { readdirSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { createBff, generateEncryptionKey, type Stores } from '@bff/core'
import { fillPseudonymously, HOUR } from '@bff/store-testkit/fixtures'
import { afterAll, expect, test } from 'vitest'
import { migrateMysql } from './mysql.ts'
import { migratePostgres } from './postgres.ts'
import { openForRaces } from './races.ts'
import { dumpMariadb, dumpPostgres, type Server, startMariadb, startPostgres } from './servers.ts'
import { sqliteFile } from './sqlite.ts'

const servers: Server[] = []
afterAll(() => Promise.all(servers.map((server) => server.stop())))

const NOTHING = 'session id, token, key, nor key of a short-lived value'

test(`the bytes of a SQLite file hold no ${NOTHING}; behind withPseudonyms nothing of a person [S0-4]`, async () => {
  const file = sqliteFile()
  const stores = openForRaces('sqlite', file.path)
  const dump = () => {
    const folder = dirname(file.path)
    return readdirSync(folder)
      .map((name) => readFileSync(join(folder, name), 'latin1'))
      .join('')
  }
  await expectNothing(stores, dump)
  await stores.sessions.close()
  file.remove()
})

test(`a dump of Postgres holds no ${NOTHING}; behind withPseudonyms nothing of a person [S0-4]`, async () => {
  const server = await startPostgres()
  servers.push(server)
  await migratePostgres(server.url)
  const stores = openForRaces('postgres', server.url)
  await expectNothing(stores, () => dumpPostgres(server.url))
  await stores.sessions.close()
})

test(`a dump of MariaDB holds no ${NOTHING}; behind withPseudonyms nothing of a person [S0-4]`, async () => {
  const server = await startMariadb()
  servers.push(server)
  const url = await migrateMysql(server.url)
  const stores = openForRaces('mysql', url)
  await expectNothing(stores, () => dumpMariadb(url))
  await stores.sessions.close()
})

async function expectNothing(stores: Stores, dump: () => string): Promise<void> {
  const { hidden, shown } = await fillPseudonymously(stores)
  expectNone(dump(), { secret: hidden, plain: shown })
  const filled = await fill(stores)
  expectNone(dump(), filled)
}

/** Leaves a living session and a small value; returns what must not be found, and the handle, which must. */
async function fill(stores: Stores) {
  const key = generateEncryptionKey()
  const config = { origin: 'https://app.example', store: stores, encryptionKeys: [key] }
  const bff = createBff({ ...config, onEvent: () => {} })
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
