import { storeLaws } from '@bff/store-testkit'
import { afterAll, beforeAll, describe, test } from 'vitest'
import { migrateMysql, openMysql, openOnOwnMysql } from './mysql.ts'
import { type Server, startMariadb } from './servers.ts'

let server: Server
let url: string

beforeAll(async () => {
  server = await startMariadb()
  url = await migrateMysql(server.url)
}, 60_000)

afterAll(() => server.stop())

describe('MariaDB', () => {
  const harness = { open: () => openMysql(url) }
  storeLaws({ test, harness })
})

describe("MariaDB through the app's own drizzle instance", () => {
  const harness = { open: () => openOnOwnMysql(url) }
  storeLaws({ test, harness })
})
