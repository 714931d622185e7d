import { fileURLToPath } from 'node:url'
import { build } from 'esbuild'
import { Miniflare } from 'miniflare'
import { expect, onTestFinished, test } from 'vitest'
import { backdoor } from './harness.ts'
import { startDynalite } from './servers.ts'

test('One store of a Worker serves all of its requests, one after the other and at once', async () => {
  const server = await startDynalite()
  const back = backdoor(server.endpoint)
  const bindings = { ENDPOINT: server.endpoint, TABLE: await back.makeTable() }
  const worker = new Miniflare({
    modules: true,
    script: await workerScript(),
    compatibilityDate: '2026-01-01',
    compatibilityFlags: ['nodejs_compat'],
    bindings,
  })
  onTestFinished(async () => {
    await worker.dispose()
    back.close()
    await server.stop()
  })
  const send = async (command: string) =>
    (await worker.dispatchFetch(`http://localhost/${command}`, { method: 'POST' })).text()
  expect(await send('create')).toBe('active')
  expect(await Promise.all(Array.from({ length: 20 }, () => send('get')))).toEqual(Array(20).fill('active'))
  expect(await send('revoke')).toBe('ended')
  expect(await send('get')).toBe('ended')
}, 60_000)

/** The Worker in one file, as Wrangler bundles it. */
async function workerScript(): Promise<string> {
  const { outputFiles } = await build({
    entryPoints: [fileURLToPath(new URL('sessions.worker.ts', import.meta.url))],
    bundle: true,
    write: false,
    format: 'esm',
    target: 'es2022',
    platform: 'browser',
    conditions: ['@bff/source', 'workerd', 'worker'],
    external: ['node:*'],
    logLevel: 'error',
  })
  return outputFiles[0]?.text ?? ''
}
