import { createServer } from 'node:http'
import { describe, expect, it } from 'vitest'
import { failureOf } from './support/failure.ts'
import { scripted } from './support/provider-of-the-test.ts'
import { type Answer, hang, json, reset, text } from './support/scripted-provider.ts'
import { begin, providerFor, refreshRequest, TOKENS } from './support/sign-in.ts'

const REQUEST = refreshRequest()
const GOOD = json(200, TOKENS)
const USERS = ['alice', 'bob', 'carol', 'dave', 'erin']

describe('a call to the provider [RFT-16]', () => {
  const stuckInTheBody: Answer = (response) => {
    response.writeHead(200, { 'content-type': 'application/json' }).write('{"access_token":')
  }

  it.each([
    ['never answers', hang],
    ['stops in the middle of its answer', stuckInTheBody],
  ])('ends at its deadline when the provider %s', async (_name, answer) => {
    scripted.on('/token', answer)
    const failure = failureOf(providerFor(scripted, { timeoutMs: 5_000 }).refresh(REQUEST))
    await scripted.received('/token')
    scripted.clock.jump(5_000)
    expect((await failure).code).toBe('provider_unavailable')
    expect(String((await failure).cause)).toContain(`no answer from ${scripted.issuer}/token`)
    expect(String((await failure).cause)).toContain('5000 ms')
  })

  it('has one deadline for all its requests, discovery included, of 10 seconds by default', async () => {
    scripted.on('/.well-known/openid-configuration', hang)
    const failure = failureOf(providerFor(scripted).refresh(REQUEST))
    await scripted.received('/.well-known/openid-configuration')
    scripted.clock.jump(10_000)
    expect((await failure).code).toBe('provider_unavailable')
  })

  it('leaves no timer behind', async () => {
    scripted.on('/token', GOOD, reset)
    const provider = providerFor(scripted)
    await provider.refresh(REQUEST)
    await failureOf(provider.refresh(REQUEST))
    expect(scripted.clock.sleepers).toBe(0)
  })

  it('ends when its caller gives up', async () => {
    scripted.on('/token', hang)
    const caller = new AbortController()
    const failure = failureOf(providerFor(scripted).refresh({ ...REQUEST, signal: caller.signal }))
    await scripted.received('/token')
    caller.abort()
    expect((await failure).code).toBe('provider_unavailable')
  })

  it('a caller that gives up does not take the shared discovery with it', async () => {
    let answer = async () => {}
    scripted.on('/.well-known/openid-configuration', (response, request) => {
      answer = async () => json(200, scripted.metadata)(response, request)
    })
    scripted.on('/token', GOOD)
    const provider = providerFor(scripted)
    const caller = new AbortController()
    const failure = failureOf(provider.refresh({ ...REQUEST, signal: caller.signal }))
    const other = provider.refresh(REQUEST)
    await scripted.received('/.well-known/openid-configuration')
    caller.abort()
    await failure
    await answer()
    expect((await other).accessToken).toBe('access-1')
  })

  it('reads no more than 1 MiB', async () => {
    scripted.on(
      '/token',
      text(200, 'application/json', JSON.stringify({ ...TOKENS, more: 'x'.repeat(1024 * 1024) })),
    )
    const error = await failureOf(providerFor(scripted).refresh(REQUEST))
    expect(error.code).toBe('provider_unavailable')
    expect(error.message).toContain('too large')
    scripted.on('/token', json(200, { ...TOKENS, more: 'x'.repeat(1024 * 1000) }))
    expect((await providerFor(scripted).refresh(REQUEST)).accessToken).toBe('access-1')
  })

  it.each([301, 302, 303, 307, 308])(
    'follows no redirect (%i), so that credentials go nowhere else',
    async (status) => {
      let visited = false
      const elsewhere = createServer((_request, response) => {
        visited = true
        response.end()
      })
      await new Promise<void>((resolve) => {
        elsewhere.listen(0, '127.0.0.1', resolve)
      })
      const address = elsewhere.address()
      const port = typeof address === 'object' && address !== null ? address.port : 0
      try {
        scripted.on('/token', text(status, 'text/plain', '', { location: `http://127.0.0.1:${port}/token` }))
        const error = await failureOf(providerFor(scripted).refresh(REQUEST))
        expect(error.code).toBe('provider_unavailable')
        expect(error.message).toContain('redirect')
        expect(visited).toBe(false)
      } finally {
        elsewhere.close()
      }
    },
  )

  it('a name that does not resolve, a refused connection and a broken TLS are passing', async () => {
    const tls = providerFor(scripted, { issuer: scripted.issuer.replace('http:', 'https:') })
    expect((await failureOf(tls.refresh(REQUEST))).code).toBe('provider_unavailable')
    await scripted.close()
    expect((await failureOf(providerFor(scripted).refresh(REQUEST))).code).toBe('provider_unavailable')
    const unknown = providerFor(scripted, {
      issuer: 'https://id.example.com',
      fetch: () =>
        Promise.reject(Object.assign(new TypeError('fetch failed'), { cause: { code: 'ENOTFOUND' } })),
    })
    expect((await failureOf(unknown.refresh(REQUEST))).code).toBe('provider_unavailable')
  })
})

describe('the breaker [RFT-16]', () => {
  const tokenRequests = () => scripted.requestsTo('/token').length

  it('opens after five failures in a row, probes once, and closes on success', async () => {
    scripted.on('/token', json(500, {}))
    const provider = providerFor(scripted)
    for (let call = 0; call < 5; call += 1) await failureOf(provider.refresh(REQUEST))
    expect(tokenRequests()).toBe(5)
    expect(await failureOf(provider.refresh(REQUEST))).toMatchObject({
      code: 'provider_unavailable',
      retryAfter: 1,
    })
    expect(tokenRequests()).toBe(5)

    scripted.clock.jump(1_000)
    const calls = await Promise.all([1, 2, 3].map(() => failureOf(provider.refresh(REQUEST))))
    expect(calls.every((error) => error.code === 'provider_unavailable')).toBe(true)
    expect(tokenRequests()).toBe(6)
    expect(await failureOf(provider.refresh(REQUEST))).toMatchObject({ retryAfter: 2 })

    scripted.on('/token', GOOD)
    scripted.clock.jump(2_000)
    expect((await provider.refresh(REQUEST)).accessToken).toBe('access-1')
    await Promise.all([1, 2, 3].map(() => provider.refresh(REQUEST)))
    expect(tokenRequests()).toBe(10)
  })

  it('does not count answers, nor callers that gave up', async () => {
    scripted.on('/token', json(400, { error: 'invalid_grant' }))
    const provider = providerFor(scripted)
    for (let call = 0; call < 6; call += 1) {
      expect((await failureOf(provider.refresh(REQUEST))).code).toBe('refresh_rejected')
    }
    scripted.on('/token', hang)
    for (let call = 0; call < 6; call += 1) {
      const caller = new AbortController()
      const failure = failureOf(provider.refresh({ ...REQUEST, signal: caller.signal }))
      await scripted.received('/token', 7 + call)
      caller.abort()
      await failure
    }
    scripted.on('/token', GOOD)
    expect((await provider.refresh(REQUEST)).accessToken).toBe('access-1')
  })

  it('an attempt at sign-in that needs no request neither waits for it nor closes it', async () => {
    scripted.on('/token', reset)
    const provider = providerFor(scripted)
    for (let call = 0; call < 5; call += 1) await failureOf(provider.refresh(REQUEST))
    expect((await begin(provider)).url.pathname).toBe('/authorize')
    await failureOf(provider.refresh(REQUEST))
    expect(tokenRequests()).toBe(5)
  })

  it('holds up no sign-out: revocation fails at once and does not count, the sign-out URL is there [LGO-17]', async () => {
    scripted.on('/token', reset)
    scripted.on('/revoke', reset)
    const provider = providerFor(scripted)
    const revocation = { issuer: null, token: 'r', hint: 'refresh_token', dpopKeyPair: null } as const
    for (let call = 0; call < 6; call += 1) await failureOf(provider.revoke(revocation))
    expect(scripted.requestsTo('/revoke')).toHaveLength(6)
    for (const subject of USERS) await failureOf(provider.refresh({ ...REQUEST, subject }))
    expect(await failureOf(provider.revoke(revocation))).toMatchObject({
      code: 'provider_unavailable',
      retryAfter: 1,
    })
    expect(scripted.requestsTo('/revoke')).toHaveLength(6)
    const request = {
      issuer: null,
      idToken: null,
      postLogoutRedirectUri: 'http://localhost:3000/',
      state: null,
      subject: null,
    }
    expect(await provider.endSessionUrl(request)).toContain('/logout?')
  })
})
