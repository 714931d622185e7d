import { storeLaws } from '@bff/store-testkit'
import { afterAll, beforeAll, describe, test } from 'vitest'
import { migratePostgres, openOnOwnPostgres, openPostgres } from './postgres.ts'
import { type Server, startPostgres } from './servers.ts'

let server: Server

beforeAll(async () => {
  server = await startPostgres()
  await migratePostgres(server.url)
}, 60_000)

afterAll(() => server.stop())

describe('Postgres', () => {
  const harness = { open: () => openPostgres(server.url) }
  storeLaws({ test, harness })
})

describe("Postgres through the app's own drizzle instance", () => {
  const harness = { open: () => openOnOwnPostgres(server.url) }
  storeLaws({ test, harness })
})
