import { type ChildProcess, execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import { createRequire } from 'node:module'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { type OrdersApi, startOrdersApi } from '@bff/orders-api'
import { freePort } from '@bff/servers'
import { httpClient } from '@bff/test-support/http-client'
import { newerNode } from '@bff/test-support/newer-node'
import { startProvider, type TestProvider } from '@bff/testing'
import { afterAll, beforeAll, expect, it } from 'vitest'

const SERVERS = ['express', 'fastify', 'hono', 'koa', 'nest', 'node-http'] as const
const EXAMPLES = [...SERVERS, 'astro', 'next', 'nuxt', 'react-router', 'sveltekit', 'tanstack-start'] as const
type Example = (typeof EXAMPLES)[number]

/** The exit code and the signal after SIGTERM, where a framework ends the process itself. */
const OWN_ENDS = new Map<Example, readonly [code: number | null, signal: string | null]>([
  ['nest', [null, 'SIGTERM']],
  ['react-router', [128 + 15, null]],
  ['sveltekit', [128 + 15, null]],
])

/** What a framework prints once it listens, where it does not print its address as a browser knows it. */
const LISTENS = new Map<Example, RegExp>([
  ['next', /Ready in/],
  ['nuxt', /Listening on/],
])

/** Frameworks that need a newer Node than this repository. */
const NEWER_NODE: readonly Example[] = ['astro', 'nuxt', 'tanstack-start']

const folderOf = (example: Example) => fileURLToPath(new URL(`../../${example}`, import.meta.url))
const FROM_SOURCE = ['--import', 'tsx', '--conditions=@bff/source', 'src/main.ts']

const ports = new Map<Example, number>()
let idp: TestProvider
let api: OrdersApi

beforeAll(async () => {
  for (const example of EXAMPLES) ports.set(example, await freePort())
  const appOrigins = [...ports.values()].map((port) => `http://localhost:${port}`)
  const apiPort = await freePort()
  idp = await startProvider({ appOrigins, apiAudience: `http://localhost:${apiPort}` })
  api = await startOrdersApi({ port: apiPort, issuer: idp.issuer })
})

afterAll(async () => {
  await api.close()
  await idp.close()
})

/** Starts an example as its README says, with the real provider and API; resolves once it listens. */
async function start(example: Example): Promise<{ origin: string; process: ChildProcess }> {
  const cwd = folderOf(example)
  const port = String(ports.get(example))
  const fileOf = (file: string) => createRequire(`${cwd}/package.json`).resolve(file)
  const program = NEWER_NODE.includes(example) ? await newerNode() : process.execPath
  const env = {
    PATH: process.env['PATH'],
    NEXT_TELEMETRY_DISABLED: '1',
    ASTRO_TELEMETRY_DISABLED: '1',
    NUXT_TELEMETRY_DISABLED: '1',
  }
  const command = async () => {
    if (example === 'astro') {
      const build = [join(fileOf('astro/package.json'), '../bin/astro.mjs'), 'build']
      await promisify(execFile)(program, build, { cwd, env })
      return ['dist/server/entry.mjs']
    }
    if (example === 'nuxt') {
      await promisify(execFile)(program, [join(fileOf('nuxt/package.json'), '../bin/nuxt.mjs'), 'build'], {
        cwd,
        env,
      })
      return ['.output/server/index.mjs']
    }
    if (example === 'tanstack-start') {
      const build = [join(fileOf('vite/package.json'), '../bin/vite.js'), 'build']
      await promisify(execFile)(program, build, { cwd, env })
      return ['.output/server/index.mjs']
    }
    if (example === 'next') return [fileOf('next/dist/bin/next'), 'dev', '-p', port]
    if (example === 'react-router')
      return [join(fileOf('@react-router/dev/package.json'), '../bin.js'), 'dev', '--port', port]
    if (example === 'sveltekit')
      return [join(fileOf('vite/package.json'), '../bin/vite.js'), 'dev', '--port', port]
    return FROM_SOURCE
  }
  const child = spawn(program, await command(), {
    cwd,
    env: { ...env, PORT: port, ISSUER: idp.issuer, API_ORIGIN: api.origin },
    stdio: ['ignore', 'pipe', 'ignore'],
  })
  const listens = LISTENS.get(example) ?? new RegExp(`localhost:${port}`)
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
      expect((await browser.open('/')).text).toMatch(/<html +lang="en">/)
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

      expect((await browser.submit('/bff/logout')).status).toBe(303)
      expect(await browser.call('/bff/user')).toMatchObject({ status: 401 })
      const ended = once(child, 'exit')
      child.kill('SIGTERM')
      expect(await ended).toEqual(OWN_ENDS.get(example) ?? [0, null])
    } finally {
      child.kill('SIGKILL')
    }
  },
)
