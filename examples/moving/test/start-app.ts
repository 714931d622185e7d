import { type ChildProcessByStdio, spawn } from 'node:child_process'
import { once } from 'node:events'
import { createRequire } from 'node:module'
import { createInterface } from 'node:readline'
import type { Readable } from 'node:stream'
import { fileURLToPath } from 'node:url'
import { generateEncryptionKey } from '@bff/core'
import { startOrdersApi } from '@bff/orders-api'
import { freePort, startRedis } from '@bff/servers'
import { startProvider } from '@bff/testing'
import { exportJWK, generateKeyPair } from 'jose'
import { onTestFinished } from 'vitest'
import { buildNext } from '../../../tools/next-build.mjs'
import { startRealm } from './keycloak-realm.ts'
import type { Move } from './moves.ts'

const EXAMPLE = fileURLToPath(new URL('..', import.meta.url))
const SOURCE = ['--import', 'tsx', '--conditions=@bff/source']
const AUDIENCE = 'http://orders.test'
/** Of the callbacks of the packages before. */
const CALLBACKS = [
  '/callback',
  '/auth/callback',
  '/auth/callback/shop',
  '/api/auth/callback/shop',
  '/bff/callback',
]

/** Starts one of the two apps beside a provider and an API, until the test is over. Returns its origin. */
export async function startApp(move: Move, side: 'before' | 'after'): Promise<string> {
  const port = await freePort()
  const origin = `http://localhost:${port}`
  const settings = await startServices(move, origin)
  await start(await commandOf(move, side, port), { ...settings, PORT: String(port) })
  return origin
}

/** Starts the provider, the API and the store of an app, until the test is over. Returns the settings of the app. */
export async function startServices(move: Move, origin: string): Promise<Record<string, string>> {
  const { issuer, clientId, clientSecret } = await startIssuer(move, origin)
  const api = await startOrdersApi({ issuer, audience: AUDIENCE })
  onTestFinished(() => api.close())
  const redis = await startRedis()
  onTestFinished(() => redis.stop())
  return {
    ORIGIN: origin,
    ISSUER: issuer,
    CLIENT_ID: clientId,
    CLIENT_SECRET: clientSecret,
    SECRET: 'a secret of the app before that is long enough',
    AUDIENCE,
    API: api.origin,
    REDIS_URL: redis.url,
    BFF_ENCRYPTION_KEY: generateEncryptionKey(),
  }
}

/** Starts a file of the examples, until the test is over. Resolves when it says that it is ready, with what stops it sooner. */
export const startFile = (
  file: string,
  settings: Readonly<Record<string, string>>,
): Promise<() => Promise<void>> => start([...SOURCE, file], settings)

async function start(
  args: readonly string[],
  settings: Readonly<Record<string, string>>,
): Promise<() => Promise<void>> {
  const app = spawn(process.execPath, args, {
    cwd: EXAMPLE,
    env: {
      NODE_ENV: 'production',
      PATH: process.env['PATH'],
      NEXT_TELEMETRY_DISABLED: '1',
      ...settings,
    },
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  const stop = async () => {
    if (app.kill('SIGKILL')) await once(app, 'exit')
  }
  onTestFinished(stop)
  await ready(app)
  return stop
}

async function startIssuer({ provider }: Move, origin: string) {
  if (provider === 'realm') {
    const { issuer, clients } = await startRealm(await freePort(), origin, AUDIENCE)
    return { issuer, ...clients.basic }
  }
  const { privateKey } = await generateKeyPair('RS256', { extractable: true })
  const idp = await startProvider({
    appOrigins: [origin],
    redirectUris: CALLBACKS.map((path) => origin + path),
    postLogoutRedirectUris: [origin, `${origin}/bff/logout/callback`],
    apiAudience: AUDIENCE,
    jwks: { keys: [{ ...(await exportJWK(privateKey)), use: 'sig', alg: 'RS256' }] },
  })
  onTestFinished(() => idp.close())
  return { issuer: idp.issuer, ...idp.clients[provider ?? 'basic'] }
}

async function commandOf({ folder, next }: Move, side: 'before' | 'after', port: number): Promise<string[]> {
  if (next !== true) return [...SOURCE, `${folder}/${side === 'before' ? 'before.js' : 'after.ts'}`]
  const app = `${EXAMPLE}${folder}/${side}`
  await buildNext(app)
  return [
    createRequire(`${EXAMPLE}package.json`).resolve('next/dist/bin/next'),
    'start',
    app,
    '-p',
    String(port),
  ]
}

/** Resolves when the app says that it is ready. */
async function ready(app: ChildProcessByStdio<null, Readable, null>): Promise<void> {
  for await (const line of createInterface({ input: app.stdout })) if (/ready/i.test(line)) return
  throw new Error('The app ended before it was ready.')
}
