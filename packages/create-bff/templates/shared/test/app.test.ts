import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import { type Bff, generateEncryptionKey } from '@bff/core'
import { memoryStore } from '@bff/store-memory'
import { signIn, startProvider, type TestProvider } from '@bff/testing'
import { startApi } from '../dev/api.ts'
import { makeBff } from '../src/bff.ts'

const ORIGIN = 'http://localhost:3000'

describe('The app', () => {
  let provider: TestProvider
  let api: Awaited<ReturnType<typeof startApi>>
  let bff: Bff

  before(async () => {
    api = await startApi(0)
    provider = await startProvider({ appOrigins: [ORIGIN], apiAudience: api.origin })
    const { clientId, clientSecret } = provider.clients.basic
    const env = {
      ORIGIN,
      ISSUER: provider.issuer,
      OIDC_CLIENT_ID: clientId,
      OIDC_CLIENT_SECRET: clientSecret,
      OIDC_SCOPE: 'openid profile offline_access',
      API_ORIGIN: api.origin,
      BFF_ENCRYPTION_KEYS: generateEncryptionKey(),
    }
    bff = makeBff(env, memoryStore())
  })
  after(async () => {
    await bff.close()
    await provider.close()
    await api.close()
  })

  const ask = (path: string, init: RequestInit) => bff.fetch(new Request(`${ORIGIN}${path}`, init))

  it('refuses a call to the API without a session', async () => {
    const response = await ask('/api/hello', { headers: { 'x-csrf': '1' } })
    assert.equal(response.status, 401)
  })

  it('calls the API with the token of the user, and without the cookie', async () => {
    const { headers } = await signIn(bff, 'alice')
    const response = await ask('/api/hello', { headers })
    assert.deepEqual(await response.json(), { path: '/hello', token: 'Bearer', cookie: false })
  })

  it('ends the session at the sign-out', async () => {
    const { headers } = await signIn(bff, 'alice')
    assert.equal((await ask('/bff/logout', { method: 'POST', headers })).status, 200)
    assert.equal((await ask('/api/hello', { headers })).status, 401)
  })
})
