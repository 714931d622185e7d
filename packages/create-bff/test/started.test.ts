import { symlinkSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { startPostgres, startRedis } from '@bff/servers'
import { expect, it, onTestFinished } from 'vitest'
import type { Framework, Store } from '../src/index.ts'
import { written } from './apps.ts'
import { expectJourney, runScript, startApp } from './started-app.ts'

const FROM_SOURCE = { NODE_OPTIONS: '--conditions=@bff/source' }

/** An app with the packages of the workspace in place of installed ones. */
function linked(framework: Framework, store: Store): string {
  const app = written({ folder: 'shop', framework, store, provider: 'test' })
  symlinkSync(fileURLToPath(new URL('../node_modules', import.meta.url)), join(app, 'node_modules'))
  return app
}

it('An app on Express with SQLite makes its tables, signs a user in, calls its API and signs out', {
  timeout: 300_000,
}, async () => {
  await expectJourney(await startApp(linked('express', 'sqlite'), FROM_SOURCE))
})

it('An app on Hono with Postgres does the same', { timeout: 300_000 }, async () => {
  const server = await startPostgres()
  onTestFinished(() => server.stop())
  const origin = await startApp(linked('hono', 'postgres'), { ...FROM_SOURCE, DATABASE_URL: server.url })
  await expectJourney(origin)
})

it('An app on Fastify with Redis does the same', { timeout: 300_000 }, async () => {
  const server = await startRedis()
  onTestFinished(() => server.stop())
  const origin = await startApp(linked('fastify', 'redis'), { ...FROM_SOURCE, REDIS_URL: server.url })
  await expectJourney(origin)
})

it("An app's own tests pass", { timeout: 300_000 }, async () => {
  expect(await runScript(linked('hono', 'memory'), 'test', FROM_SOURCE)).toBe(0)
})
