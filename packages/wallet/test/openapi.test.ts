import { createBff, generateEncryptionKey } from '@bff/core'
import { type OpenApiDocument, openapi } from '@bff/core/openapi'
import { rateLimit } from '@bff/core/rate-limit'
import { memoryStore } from '@bff/store-memory'
import { describe, expect, it } from 'vitest'
import { wallet } from '../src/index.ts'
import { signingKeyPem } from './support/keys.ts'

async function bffWith(paths = {}) {
  const ethereum = wallet({ keys: [await signingKeyPem()], tokens: 'client', paths })
  return createBff({
    origin: 'https://app.example.com',
    store: memoryStore(),
    encryptionKeys: [generateEncryptionKey()],
    provider: ethereum.provider(),
    plugins: [rateLimit({ burst: 5 }), ethereum, openapi()],
    session: { maxPerUser: 20 },
  })
}

const view = (method: string, target: string) => ({
  method,
  target,
  remoteAddress: '192.0.2.7',
  header: () => undefined,
  headers: () => [],
  body: () => undefined,
  signal: new AbortController().signal,
})

describe('The endpoints of a wallet', () => {
  it('describe themselves in the OpenAPI document of their BFF', async () => {
    const bff = await bffWith()
    const reply = await bff.handle(view('GET', '/bff/openapi.json'))
    const { paths } = JSON.parse(String(reply?.body)) as OpenApiDocument
    const described = Object.entries(paths)
      .filter(([path]) => !path.startsWith('/bff/'))
      .flatMap(([path, item]) =>
        Object.entries(item).map(([method, { operationId }]) => [operationId, `${method} ${path}`]),
      )
    expect(Object.fromEntries(described)).toEqual({
      'wallet-challenge': 'post /auth/challenge',
      'wallet-login': 'post /auth/login',
      'wallet-refresh': 'post /auth/refresh',
      'wallet-logout': 'post /auth/logout',
      'wallet-me': 'get /api/me',
      'wallet-authorize': 'get /api/authorize',
      'wallet-jwks': 'get /.well-known/jwks.json',
    })
  })

  it('are limited like sign-in wherever they are mounted', async () => {
    const bff = await bffWith({ auth: '/ethereum' })
    const ask = async () => (await bff.handle(view('POST', '/ethereum/challenge')))?.status
    const statuses = []
    for (let i = 0; i < 6; i++) statuses.push(await ask())
    expect(statuses).toEqual([200, 200, 200, 200, 200, 429])
  })
})
