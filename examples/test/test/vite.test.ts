import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createBff, generateEncryptionKey } from '@bff/core'
import { bffPlugin } from '@bff/fastify'
import { oidc } from '@bff/oidc'
import { freePort } from '@bff/servers'
import { memoryStore } from '@bff/store-memory'
import { signIn, startProvider } from '@bff/testing'
import fastify from 'fastify'
import { expect, it, onTestFinished } from 'vitest'
import { createViteServer } from 'vitest/node'

const GUIDE = new URL('../../../docs/guides/single-page-app.md', import.meta.url)

/** The configuration of the guide, with the ports of this test. */
function writeConfig(folder: string, vitePort: number, bffPort: number): string {
  const [, code = ''] =
    /```js\n(\/\/ vite\.config\.js.*\n[\s\S]*?)```/.exec(readFileSync(GUIDE, 'utf8')) ?? []
  const file = join(folder, 'vite.config.mjs')
  writeFileSync(file, code.replaceAll('5173', String(vitePort)).replaceAll(':3000', `:${bffPort}`))
  return file
}

it('The development server of the guide passes a sign-in and a session on', async () => {
  const [vitePort, bffPort] = [await freePort(), await freePort()]
  const origin = `http://localhost:${vitePort}`
  const provider = await startProvider({ appOrigins: [origin], backchannelLogoutUri: null })
  onTestFinished(() => provider.close())
  const bff = createBff({
    origin,
    store: memoryStore(),
    encryptionKeys: [generateEncryptionKey()],
    onEvent: () => {},
    provider: oidc({ issuer: provider.issuer, ...provider.clients.basic }),
  })
  const app = fastify()
  await app.register(bffPlugin, { bff })
  onTestFinished(() => app.close())
  await app.listen({ port: bffPort, host: 'localhost' })

  const folder = mkdtempSync(join(tmpdir(), 'bff-vite-'))
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
  writeFileSync(join(folder, 'index.html'), '<!doctype html><div id="app"></div>')
  const vite = await createViteServer({
    root: folder,
    configFile: writeConfig(folder, vitePort, bffPort),
    logLevel: 'silent',
  })
  onTestFinished(() => vite.close())
  await vite.listen()

  const { headers } = await signIn(origin, 'alice')
  const session = await fetch(`${origin}/bff/session`, { headers })
  expect(await session.json()).toMatchObject({ authenticated: true, user_id: 'alice' })
  expect(await (await fetch(origin, { headers: { accept: 'text/html' } })).text()).toContain('/@vite/client')
})
