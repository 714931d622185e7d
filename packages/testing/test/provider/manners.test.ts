import { afterEach, describe, expect, it } from 'vitest'
import { createBrowser, type ProviderOptions, startProvider, type TestProvider } from '../../src/index.ts'
import { basic, codeRequest, exchange, post, refresh } from './support.ts'

let idp: TestProvider | null = null
afterEach(async () => {
  await idp?.close()
  idp = null
})

async function start(options: ProviderOptions): Promise<TestProvider> {
  idp = await startProvider({ backchannelLogoutUri: null, ...options })
  return idp
}

async function tokensOf(started: TestProvider, user: string, browser = createBrowser()) {
  const request = codeRequest(started)
  return (await exchange(started, await browser.signIn(request.url, user), request.verifier)).body
}

const revoke = (started: TestProvider, token: unknown) =>
  post(
    `${started.issuer}/token/revocation`,
    { token: String(token), token_type_hint: 'refresh_token' },
    { authorization: basic(started.clients.basic) },
  )

describe('The manners of other providers', () => {
  it('ends every session of a user with one refresh token, where sign-ins share their grant', async () => {
    const started = await start({ grants: 'user' })
    const [first, second, bob] = [
      await tokensOf(started, 'alice'),
      await tokensOf(started, 'alice'),
      await tokensOf(started, 'bob'),
    ]
    expect(await refresh(started, second['refresh_token'])).toMatchObject({ status: 200 })
    const third = await tokensOf(started, 'alice')
    await revoke(started, first['refresh_token'])
    expect(await refresh(started, third['refresh_token'])).toMatchObject({ body: { error: 'invalid_grant' } })
    expect(await refresh(started, bob['refresh_token'])).toMatchObject({ status: 200 })
    const later = await tokensOf(started, 'alice')
    expect(await refresh(started, later['refresh_token'])).toMatchObject({ status: 200 })
  })

  it('ends one sign-in with its refresh token, where each has a grant of its own', async () => {
    const started = await start({ grants: 'sign-in' })
    const [first, second] = [await tokensOf(started, 'alice'), await tokensOf(started, 'alice')]
    await revoke(started, first['refresh_token'])
    expect(await refresh(started, second['refresh_token'])).toMatchObject({ status: 200 })
  })

  it('answers invalid_grant with 403 and everything else as before', async () => {
    const started = await start({ invalidGrantStatus: 403 })
    const { refresh_token: token } = await tokensOf(started, 'alice')
    expect(await refresh(started, 'unknown')).toMatchObject({ status: 403, body: { error: 'invalid_grant' } })
    expect(await refresh(started, token)).toMatchObject({ status: 200 })
    const authorization = basic({ clientId: 'demo', clientSecret: 'wrong' })
    expect(await refresh(started, token, { authorization })).toMatchObject({ status: 401 })
  })

  it('names the life of each new refresh token', async () => {
    const started = await start({ refreshTokenLifetime: 1800, announceRefreshTokenLifetime: true })
    const tokens = await tokensOf(started, 'alice')
    expect(tokens['refresh_expires_in']).toBe(1800)
    expect(await refresh(started, tokens['refresh_token'])).toMatchObject({
      body: { refresh_expires_in: 1800, refresh_token: expect.any(String) },
    })
  })
})
