import { createHash, randomBytes } from 'node:crypto'
import { signInAtProvider, startProvider, type TestProvider } from '@bff/testing'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { type OrdersApi, startOrdersApi } from '../src/index.ts'
import { bearer, dpop, proofKey } from './support.ts'

const AUDIENCE = 'http://localhost:3002'
const REDIRECT_URI = 'http://localhost:3000/bff/callback'
let idp: TestProvider
let api: OrdersApi
beforeAll(async () => {
  idp = await startProvider({ apiAudience: AUDIENCE })
  api = await startOrdersApi({ issuer: idp.issuer, audience: AUDIENCE })
})
afterAll(async () => {
  await api.close()
  await idp.close()
})

async function accessToken(headers: Record<string, string>): Promise<string> {
  const verifier = randomBytes(32).toString('base64url')
  const client = { client_id: idp.clients.public.clientId, redirect_uri: REDIRECT_URI }
  const request = new URLSearchParams({
    ...client,
    response_type: 'code',
    scope: 'openid orders',
    code_challenge: createHash('sha256').update(verifier).digest('base64url'),
    code_challenge_method: 'S256',
  })
  const callback = new URL(await signInAtProvider(`${idp.issuer}/auth?${request}`, 'alice'))
  const response = await fetch(`${idp.issuer}/token`, {
    method: 'POST',
    headers,
    body: new URLSearchParams({
      ...client,
      grant_type: 'authorization_code',
      code: callback.searchParams.get('code') ?? '',
      code_verifier: verifier,
    }),
  })
  const body: unknown = await response.json()
  if (typeof body !== 'object' || body === null || !('access_token' in body))
    throw new Error('no access token')
  return String(body.access_token)
}

it('takes the Bearer tokens of the provider', async () => {
  const response = await fetch(`${api.origin}/whoami`, { headers: bearer(await accessToken({})) })
  expect(await response.json()).toMatchObject({ sub: 'alice', scopes: ['orders'], scheme: 'Bearer' })
})

it('takes the DPoP tokens of the provider, and as DPoP only', async () => {
  const key = await proofKey(Date.now)
  const token = await accessToken({ dpop: await key.proof('', { htm: 'POST', htu: `${idp.issuer}/token` }) })
  const proof = await key.proof(token, { htu: `${api.origin}/orders` })
  expect((await fetch(`${api.origin}/orders`, { headers: dpop(token, proof) })).status).toBe(200)
  expect((await fetch(`${api.origin}/orders`, { headers: bearer(token) })).status).toBe(401)
})
