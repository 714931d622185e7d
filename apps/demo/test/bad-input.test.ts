import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { createBff, generateEncryptionKey } from '@bff/core'
import { apiProxy } from '@bff/core/proxy'
import { nodeListener } from '@bff/node'
import { memoryStore } from '@bff/store-memory'
import { type HttpClient, httpClient } from '@bff/test-support/http-client'
import { describe, expect, it, onTestFinished } from 'vitest'
import { jumpClock } from './support/clock.ts'
import { type TestStack, testStack } from './support/test-stack.ts'

const COOKIE = 'bff'
const MAX_BODY_BYTES = 10_485_760

interface SignedIn extends TestStack {
  readonly client: HttpClient
}

async function signedIn(): Promise<SignedIn> {
  const stack = await testStack()
  const client = httpClient(stack.origin)
  await client.signIn()
  return { ...stack, client }
}

/** The session is as good as before. */
const expectNothingLost = async (client: HttpClient) =>
  expect((await client.call('/api/orders')).status).toBe(200)

describe('cookie and row', () => {
  it('a tampered cookie is 401 and ends nobody else’s session [CKS-05]', async () => {
    const { client, origin } = await signedIn()
    const real = client.cookies.get(COOKIE) ?? ''
    const stranger = httpClient(origin)
    for (const [tampered, error] of [
      [`${real.slice(0, -1)}${real.endsWith('A') ? 'B' : 'A'}`, 'invalid_session'],
      [`${real}x`, 'no_session'],
      ['%00', 'no_session'],
    ] as const) {
      stranger.cookies.set(COOKIE, tampered)
      const { status, error: code } = await stranger.call('/api/orders')
      expect([tampered, status, code]).toEqual([tampered, 401, error])
    }
    await expectNothingLost(client)
  })

  it('a tampered row is 401 seal_broken, and other sessions do not notice [CRY-05]', async () => {
    const { client, origin, store, events } = await signedIn()
    const other = httpClient(origin)
    await other.signIn('bob')
    const [record] = (await store.sessions.list({ userId: 'alice' })).records
    const sealed = Uint8Array.from(record?.accessTokenEncrypted ?? [])
    sealed[sealed.length - 1] = (sealed.at(-1) ?? 0) ^ 1
    if (record !== undefined) {
      const patch = { accessTokenEncrypted: sealed, updatedAt: Date.now() }
      await store.sessions.update(record.handle, patch, record.version)
    }
    const { status, error, headers } = await client.call('/api/orders')
    expect([status, error, headers['set-cookie']]).toEqual([401, 'seal_broken', undefined])
    expect(events.map(({ type }) => type)).toContain('crypto.decrypt_failed')
    await expectNothingLost(other)
  })
})

describe('sign-in', () => {
  it('a stale transaction is 400 login_expired for a script, and a way home for a person [BFF-25]', async () => {
    const clock = jumpClock()
    const { origin, tap } = await testStack({ clock })
    const client = httpClient(origin)
    await client.open('/bff/login')
    const callback = `/bff/callback?code=any&state=${tap.state()}`
    clock.jump(600_001)
    const { status, error } = await client.call(callback, { headers: { 'sec-fetch-mode': 'cors' } })
    expect([status, error]).toEqual([400, 'login_expired'])
    expect((await client.open(callback)).headers.location).toBe('/?error=login_expired')
    await client.signIn()
    await expectNothingLost(client)
  })

  it('a replayed callback is login_expired, and the session it made goes on [BFF-25]', async () => {
    const { origin } = await testStack()
    const client = httpClient(origin)
    const callback = await client.signIn()
    expect((await client.open(callback)).headers.location).toBe('/?error=login_expired')
    await expectNothingLost(client)
  })

  it('A sign-in cancelled at the provider leads to the error path, and the session before goes on [BFF-24]', async () => {
    const { client, tap, idp } = await signedIn()
    await client.open('/bff/login')
    const query = new URLSearchParams({ error: 'access_denied', state: tap.state(), iss: idp.issuer })
    const { headers } = await client.open(`/bff/callback?${query}`)
    expect(headers.location).toBe('/?error=login_cancelled')
    await expectNothingLost(client)
  })

  it('a provider that does not answer is provider_unavailable, and the session before goes on', async () => {
    const { client, idp } = await signedIn()
    idp.fail('500', 'all')
    expect(await client.open('/bff/login')).toMatchObject({ status: 503, error: 'provider_unavailable' })
    idp.fail('none')
    await expectNothingLost(client)
  })
})

describe('requests', () => {
  it('a wrong method is 405 and names the right ones', async () => {
    const { client } = await signedIn()
    for (const [path, method, allow] of [
      ['/bff/session', 'DELETE', 'GET, HEAD'],
      ['/bff/logout', 'PUT', 'POST, GET'],
      ['/api/orders', 'TRACE', 'GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS'],
    ] as const) {
      const { status, error, headers } = await client.call(path, { method })
      expect([path, status, error, headers['allow']]).toEqual([path, 405, 'method_not_allowed', allow])
    }
    await expectNothingLost(client)
  })

  it('a path that climbs is 400 invalid_path and never reaches the API [PRX-03]', async () => {
    const { client, api } = await signedIn()
    const before = api.requests.length
    for (const path of [
      '/api/../orders',
      '/api/orders/..%2f..%2fwhoami',
      '/api/%2e%2e/whoami',
      '/api/orders%5c..%5cwhoami',
      '/api//localhost/orders',
      '/api/orders%00',
    ]) {
      const { status, error } = await client.call(path)
      expect([path, status, error]).toEqual([path, 400, 'invalid_path'])
    }
    expect(api.requests).toHaveLength(before)
    await expectNothingLost(client)
  })

  it('an oversize body is 413, and the API does not hear of it [PRX-10]', async () => {
    const { client, api } = await signedIn()
    const before = api.requests.length
    const body = new Uint8Array(MAX_BODY_BYTES + 1)
    const headers = { 'content-type': 'application/json', 'content-length': String(body.length) }
    const { status, error } = await client.call('/api/orders', { method: 'POST', body, headers })
    expect([status, error]).toEqual([413, 'payload_too_large'])
    expect(api.requests).toHaveLength(before)
    await expectNothingLost(client)
  })

  it('a call without the header is 403, also to a route of the app [CSR-01]', async () => {
    const { client } = await signedIn()
    for (const path of ['/api/orders', '/bff/user', '/bff/demo/server']) {
      const { status, error } = await client.call(path, { headers: { 'x-csrf': '' } })
      expect([path, status, error]).toEqual([path, 403, 'csrf_violation'])
    }
    await expectNothingLost(client)
  })

  it('a body that a parser has read before the BFF is 500 body_consumed, and says what to change', async () => {
    const bff = createBff({
      origin: 'http://localhost:3000',
      store: memoryStore(),
      encryptionKeys: [generateEncryptionKey()],
      proxy: apiProxy({ routes: [{ path: '/api', target: 'http://localhost:3002', token: 'none' }] }),
      onEvent: () => {},
    })
    const serve = nodeListener(bff)
    const server = createServer(async (request, response) => {
      for await (const _ of request);
      serve(request, response)
    })
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    onTestFinished(async () => {
      server.close()
      server.closeAllConnections()
      await bff.close()
    })
    const client = httpClient(`http://localhost:${(server.address() as AddressInfo).port}`)
    const headers = { origin: 'http://localhost:3000' }
    const { status, error, text } = await client.call('/api/orders', { method: 'POST', body: '{}', headers })
    expect([status, error]).toEqual([500, 'body_consumed'])
    expect(text).toContain('ahead of any body parser')
  })
})
