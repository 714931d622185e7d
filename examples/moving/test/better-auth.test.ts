import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { freePort } from '@bff/servers'
import { launchChromium, newContext, signInAtProvider } from '@bff/test-support/browser'
import { temporaryFolder } from '@bff/test-support/temporary-folder'
import Database from 'better-sqlite3'
import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { call } from './journey.ts'
import { BETTER_AUTH } from './moves.ts'
import { startFile, startServices } from './start-app.ts'

const MIGRATIONS = fileURLToPath(new URL('../../../packages/store-sql/migrations/sqlite/', import.meta.url))

let browser: Browser
beforeAll(async () => {
  browser = await launchChromium()
})
afterAll(() => browser?.close())

/** Both apps, one after the other, on one origin and with one database. */
async function prepareMove() {
  const port = await freePort()
  const origin = `http://localhost:${port}`
  const database = join(temporaryFolder(), 'shop.db')
  const settings = { ...(await startServices(BETTER_AUTH, origin)), DATABASE: database, PORT: String(port) }
  const start = (file: string) => startFile(`${BETTER_AUTH.folder}/${file}`, settings)
  return { origin, database, start }
}

/** As `npx @bff/cli schema sql sqlite | sqlite3 shop.db` does. */
function addTables(path: string): void {
  const database = new Database(path)
  for (const file of readdirSync(MIGRATIONS).sort()) database.exec(readFileSync(MIGRATIONS + file, 'utf8'))
  database.close()
}

async function signIn(page: Page, origin: string, path: string, user: string): Promise<void> {
  await page.goto(origin + path)
  await signInAtProvider(page, user)
  await page.waitForURL(`${origin}/profile`)
}

async function jsonOf(page: Page, url: string): Promise<unknown> {
  return JSON.parse((await call(page, url)).text)
}

it('A user of better-auth signs in once more after the move, without a question, keeps the id, and can go back', {
  timeout: 600_000,
}, async () => {
  const { origin, database, start } = await prepareMove()
  const page = await (await newContext(browser)).newPage()
  const stop = await start('before.js')
  await signIn(page, origin, '/login', 'alice')
  const alice = await jsonOf(page, `${origin}/profile`)
  expect(alice).toEqual({ id: expect.any(String), name: 'Alice Liddell' })
  expect((await call(page, `${origin}/orders`)).text).toContain('2BD8-1001')

  await stop()
  addTables(database)
  const stopAfter = await start('after.ts')
  expect(await page.context().cookies(origin)).toContainEqual(
    expect.objectContaining({ name: 'better-auth.session_token' }),
  )
  expect((await call(page, `${origin}/profile`)).status).toBe(401)
  await page.goto(`${origin}/bff/login?returnTo=/profile`)
  await page.waitForURL(`${origin}/profile`)
  expect(await jsonOf(page, `${origin}/profile`)).toEqual(alice)
  expect((await call(page, `${origin}/orders`)).text).toContain('2BD8-1001')
  expect((await call(page, `${origin}/bff/logout`, 'POST')).status).toBe(200)
  expect((await call(page, `${origin}/profile`)).status).toBe(401)

  await stopAfter()
  await start('before.js')
  expect(await jsonOf(page, `${origin}/profile`)).toEqual(alice)
})

it('A user who signs in for the first time after the move gets a row in the tables of better-auth', {
  timeout: 600_000,
}, async () => {
  const { origin, database, start } = await prepareMove()
  await (await start('before.js'))()
  addTables(database)
  await start('after.ts')
  const ids = []
  for (let visit = 0; visit < 2; visit++) {
    const page = await (await newContext(browser)).newPage()
    await signIn(page, origin, '/bff/login?returnTo=/profile', 'bob')
    ids.push(await jsonOf(page, `${origin}/profile`))
  }
  expect(ids[0]).toEqual({ id: expect.any(String), name: 'Bob Cratchit' })
  expect(ids[1]).toEqual(ids[0])
})
