import { spawn } from 'node:child_process'
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { generateEncryptionKey } from '@bff/core'
import { startOrdersApi } from '@bff/orders-api'
import { freePort } from '@bff/servers'
import { signIn, startProvider } from '@bff/testing'
import { expect, it, onTestFinished } from 'vitest'
import { extractBlocks } from '../../../tools/docs-code.mjs'

const root = fileURLToPath(new URL('../../..', import.meta.url))
const blocksOf = (document: string) => extractBlocks(document, readFileSync(join(root, document), 'utf8'))
const TUTORIAL = blocksOf('docs/start/tutorial.md')
const SKILL = blocksOf('docs/SKILL.md')

/** The files of each app, by a text that is in the block of no other. */
const APPS = {
  'The tutorial for Fastify': {
    framework: 'fastify',
    blocks: TUTORIAL,
    files: { 'bff.ts': '// bff.ts', 'main.ts': 'import { bffPlugin' },
  },
  'The tutorial for Express': {
    framework: 'express',
    blocks: TUTORIAL,
    files: { 'bff.ts': '// bff.ts', 'main.ts': 'import { expressBff' },
  },
  'The skill for assistants': {
    framework: 'fastify',
    blocks: SKILL,
    files: { 'app.ts': '// app.ts', 'main.ts': '// main.ts' },
  },
}

/** Writes the files of a document beside the example of the same framework, which has its packages. */
function writeApp({ framework, blocks, files }: (typeof APPS)[keyof typeof APPS]): string {
  const folder = join(root, 'examples', framework, '.tutorial')
  mkdirSync(folder, { recursive: true })
  onTestFinished(() => rmSync(folder, { recursive: true }))
  for (const [file, text] of Object.entries(files)) {
    const code = blocks.find((block) => block.code.includes(text))?.code
    if (code === undefined) throw new Error(`No block has ${text}.`)
    writeFileSync(join(folder, file), code)
  }
  return folder
}

it.each(Object.entries(APPS))('%s ends with a signed-in page and a call to the API', async (_, document) => {
  const [port, apiPort] = [await freePort(), await freePort()]
  const origin = `http://localhost:${port}`
  const provider = await startProvider({ appOrigins: [origin], apiAudience: `http://localhost:${apiPort}` })
  onTestFinished(() => provider.close())
  const api = await startOrdersApi({ port: apiPort, issuer: provider.issuer })
  onTestFinished(() => api.close())

  const app = spawn(process.execPath, ['--import', 'tsx', '--conditions=@bff/source', 'main.ts'], {
    cwd: writeApp(document),
    env: {
      PATH: process.env['PATH'],
      PORT: String(port),
      ORIGIN: origin,
      ISSUER: provider.issuer,
      OIDC_CLIENT_ID: provider.clients.basic.clientId,
      OIDC_CLIENT_SECRET: provider.clients.basic.clientSecret,
      API_ORIGIN: api.origin,
      BFF_ENCRYPTION_KEY: generateEncryptionKey(),
    },
    stdio: 'inherit',
  })
  onTestFinished(() => void app.kill('SIGKILL'))
  const pageOf = async (headers: Record<string, string> = {}) => (await fetch(origin, { headers })).text()

  await expect
    .poll(() => pageOf().catch(() => ''), { timeout: 60_000 })
    .toContain('<a href="/bff/login">Sign in</a>')
  const { cookie, headers } = await signIn(origin, 'alice')
  expect(await pageOf({ cookie })).toContain('<h1>Hello alice</h1>')
  expect((await fetch(`${origin}/api/orders`, { headers })).status).toBe(200)
})
