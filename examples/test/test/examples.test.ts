import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { createServer } from 'node:http'
import { createRequire } from 'node:module'
import type { AddressInfo } from 'node:net'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { type Idp, startIdp } from '@bff/idp'
import { type OrdersApi, startOrdersApi } from '@bff/orders-api'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { httpClient } from '../../../apps/demo/test/support/http-client.ts'

const SERVERS = ['express', 'fastify', 'hono', 'node-http'] as const
const EXAMPLES = [...SERVERS, 'next'] as const
type Example = (typeof EXAMPLES)[number]

const folderOf = (example: Example) => fileURLToPath(new URL(`../../${example}`, import.meta.url))
const FROM_SOURCE = ['--import', 'tsx', '--conditions=@bff/source', 'src/main.ts']

const ports = new Map<Example, number>()
let idp: Idp
let api: OrdersApi

beforeAll(async () => {
  for (const example of EXAMPLES) ports.set(example, await freePort())
  const appOrigins = [...ports.values()].map((port) => `http://localhost:${port}`)
  const apiPort = await freePort()
  idp = await startIdp({ appOrigins, apiAudience: `http://localhost:${apiPort}` })
  api = await startOrdersApi({ port: apiPort, issuer: idp.issuer })
})

afterAll(async () => {
  await api.close()
  await idp.close()
})

async function freePort(): Promise<number> {
  const server = createServer()
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  await new Promise((resolve) => server.close(resolve))
  return port
}

/** Starts an example as its README says, with the real provider and API; resolves once it listens. */
async function start(example: Example): Promise<{ origin: string; process: ChildProcess }> {
  const cwd = folderOf(example)
  const port = String(ports.get(example))
  const next = () => [createRequire(`${cwd}/package.json`).resolve('next/dist/bin/next'), 'dev', '-p', port]
  const child = spawn(process.execPath, example === 'next' ? next() : FROM_SOURCE, {
    cwd,
    env: {
      PATH: process.env['PATH'],
      NEXT_TELEMETRY_DISABLED: '1',
      PORT: port,
      ISSUER: idp.issuer,
      API_ORIGIN: api.origin,
    },
    stdio: ['ignore', 'pipe', 'ignore'],
  })
  const listens = example === 'next' ? /Ready in/ : new RegExp(`localhost:${port}`)
  await new Promise<void>((resolve, reject) => {
    createInterface(child.stdout).on('line', (line) => listens.test(line) && resolve())
    child.once('exit', (code) => reject(new Error(`The example ended with ${code} before it listened.`)))
  })
  return { origin: `http://localhost:${port}`, process: child }
}

it.each(EXAMPLES)(
  '%s: signs in, knows the user, calls the API, signs out, and ends when told to',
  async (example) => {
    const { origin, process: child } = await start(example)
    try {
      const browser = httpClient(origin)
      expect((await browser.open('/')).text).toContain('<html lang="en">')
      expect(await browser.call('/bff/user')).toMatchObject({ status: 401, error: 'no_session' })
      expect(await browser.call('/profile')).toMatchObject({ status: 401, error: 'no_session' })

      await browser.signIn('alice')
      const { status, text } = await browser.call('/bff/user')
      expect(status).toBe(200)
      const claims = new Map<string, string>(
        JSON.parse(text).map(({ type, value }: { type: string; value: string }) => [type, value]),
      )
      expect(claims.get('sub')).toBe('alice')
      expect(await browser.call('/profile')).toMatchObject({
        status: 200,
        text: JSON.stringify({ user: 'alice' }),
      })
      expect(await browser.call('/profile', { headers: { 'x-csrf': '' } })).toMatchObject({
        error: 'csrf_violation',
      })
      expect(await browser.call('/api/orders')).toMatchObject({ status: 200 })
      expect(api.requests.at(-1)).toMatchObject({ path: '/orders', hadCookie: false, authScheme: 'DPoP' })

      expect((await browser.open(claims.get('bff:logout_url') ?? '')).status).toBe(303)
      expect(await browser.call('/bff/user')).toMatchObject({ status: 401 })
      const ended = once(child, 'exit')
      child.kill('SIGTERM')
      expect((await ended)[0]).toBe(0)
    } finally {
      child.kill('SIGKILL')
    }
  },
)
