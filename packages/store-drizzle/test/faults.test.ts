import { systemClock } from '@bff/core'
import { storeFaultLaws } from '@bff/store-testkit'
import { faultHarness } from '@bff/test-support/sql/faults'
import { afterAll, beforeAll, describe, test } from 'vitest'
import { mysqlStore } from '../src/mysql/index.ts'
import { postgresStore } from '../src/postgres/index.ts'
import { migrateMysql, openMysql } from './mysql.ts'
import { migratePostgres, openPostgres } from './postgres.ts'
import { type Server, startMariadb, startPostgres } from './servers.ts'

const operationTimeoutMs = 1_500
let postgres: Server
let mariadb: Server
let mysqlUrl: string

beforeAll(async () => {
  ;[postgres, mariadb] = await Promise.all([startPostgres(), startMariadb()])
  await migratePostgres(postgres.url)
  mysqlUrl = await migrateMysql(mariadb.url)
})

afterAll(() => Promise.all([postgres.stop(), mariadb.stop()]))

/** These laws take real time. */

describe('Postgres', () => {
  const harness = faultHarness(
    () => postgres,
    () => postgres.url,
    {
      open: (url) => openPostgres(url),
      connect: (url, { now }) => postgresStore({ url, operationTimeoutMs, clock: { ...systemClock, now } }),
    },
  )
  storeFaultLaws({ test, harness })
})

describe('MariaDB', () => {
  const harness = faultHarness(
    () => mariadb,
    () => mysqlUrl,
    {
      open: (url) => openMysql(url),
      connect: (url, { now }) => mysqlStore({ url, operationTimeoutMs, clock: { ...systemClock, now } }),
    },
  )
  storeFaultLaws({ test, harness })
})
