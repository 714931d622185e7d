import { freePort } from '@bff/servers'
import { handle } from '@bff/store-testkit/fixtures'
import { expect, onTestFinished, test } from 'vitest'
import * as mysql2 from '../src/drivers/mysql2.ts'
import * as pg from '../src/drivers/pg.ts'
import * as postgres from '../src/drivers/postgres.ts'

const STORES = {
  'node-postgres': (port: number) => pg.postgresStore({ url: `postgres://app:secret@127.0.0.1:${port}/app` }),
  'postgres.js': (port: number) =>
    postgres.postgresStore({ url: `postgres://app:secret@127.0.0.1:${port}/app` }),
  mysql2: (port: number) => mysql2.mysqlStore({ url: `mysql://app:secret@127.0.0.1:${port}/app` }),
}

test.each(Object.entries(STORES))(
  'The error for a server that does not run names its address, and no password: %s',
  async (_name, open) => {
    const port = await freePort()
    const store = open(port)
    onTestFinished(() => store.sessions.close())
    await expect(store.sessions.get(handle('any'))).rejects.toMatchObject({
      code: 'store_unavailable',
      cause: { message: `ECONNREFUSED 127.0.0.1:${port}` },
    })
  },
)
