import { describe, expect, it } from 'vitest'
import { failureOf } from './support/failure.ts'
import { scripted } from './support/provider-of-the-test.ts'
import { scriptedBff } from './support/scripted-bff.ts'
import { bare, json, text } from './support/scripted-provider.ts'
import { begin, callback, providerFor, refreshRequest, signIn, TOKENS } from './support/sign-in.ts'

const refreshed = async (answer: Record<string, unknown>) => {
  scripted.on('/token', json(200, { ...TOKENS, ...answer }))
  return providerFor(scripted).refresh(refreshRequest({ issuer: scripted.issuer }))
}

describe('The lifetime of a token', () => {
  it.each([
    ['as a number in a text, as older Microsoft endpoints write it', '3599', 3599],
    ['as a number with a fraction', 59.5, 59.5],
    ['as zero', 0, 0],
    ['as a word', 'never', null],
    ['as a negative number', -1, null],
    ['as a list', [3600], null],
    ['as a truth value', true, null],
  ])('is read %s', async (_name, expires_in, expected) => {
    expect((await refreshed({ expires_in })).expiresIn).toBe(expected)
    expect((await signIn(scripted, providerFor(scripted), { answer: { expires_in } })).expiresIn).toBe(
      expected,
    )
  })

  it.each([
    ['refresh_expires_in, as Keycloak names it', { refresh_expires_in: 1800 }, 1800],
    [
      'refresh_token_expires_in, as Azure AD B2C names it',
      { refresh_token_expires_in: 1_209_600 },
      1_209_600,
    ],
    ['either of them as a text', { refresh_expires_in: '1800' }, 1800],
    ['zero, which Keycloak writes for tokens that do not expire', { refresh_expires_in: 0 }, null],
    ['a word', { refresh_expires_in: 'session' }, null],
  ])('of a refresh token is read from %s', async (_name, answer, expected) => {
    expect((await refreshed(answer)).refreshTokenExpiresIn).toBe(expected)
    expect((await signIn(scripted, providerFor(scripted), { answer })).refreshTokenExpiresIn).toBe(expected)
  })
})

describe('The granted scope', () => {
  it('is read from a list, as Twitch writes it', async () => {
    expect((await refreshed({ scope: ['openid', 'profile'] })).scope).toBe('openid profile')
  })

  it('is unknown when it is neither a text nor a list of texts', async () => {
    expect((await refreshed({ scope: { openid: true } })).scope).toBeNull()
  })
})

describe('A session at a provider', () => {
  it('that sends a refresh token and an ID token only once keeps both, and its scope', async () => {
    const { browser, signIn, session, bff } = scriptedBff(scripted, { idTokenHint: true })
    expect(await signIn({ name: 'Alice' }, { scope: 'openid profile' })).toBe('/')
    for (const access_token of ['access-2', 'access-3']) {
      scripted.on('/token', json(200, { access_token, token_type: 'Bearer' }))
      expect(await browser.refresh()).toBe(200)
      expect(scripted.requestsTo('/token').at(-1)?.form.get('refresh_token')).toBe('refresh-1')
      expect((await (await session()).tokens())?.accessToken).toBe(access_token)
    }
    const { claims, scope } = await (await session()).identity()
    expect([claims['name'], scope]).toEqual(['Alice', 'openid profile'])
    const { logout_url } = (await (await browser.call('POST', '/bff/logout')).json()) as {
      logout_url: string
    }
    expect(new URL(logout_url).searchParams.get('id_token_hint')).toMatch(/^ey/)
    expect(await bff.sessions.countActive({ userId: 'alice' })).toBe(0)
  })

  it('whose tokens have 8 kB each is signed in and refreshed', async () => {
    const long = (name: string) => `${name}-${'x'.repeat(8_192)}`
    const { browser, signIn, session } = scriptedBff(scripted, { idTokenHint: true })
    const groups = Array.from({ length: 400 }, (_, at) => `department-of-something-${at}`)
    expect(await signIn({ groups }, { access_token: long('a'), refresh_token: long('r') })).toBe('/')
    expect((await (await session()).tokens())?.accessToken).toBe(long('a'))
    expect((await (await session()).identity()).claims['groups']).toHaveLength(400)
    const id_token = await scripted.idToken({ groups })
    expect(id_token.length).toBeGreaterThan(8_192)
    scripted.on(
      '/token',
      json(200, { ...TOKENS, access_token: long('b'), refresh_token: long('s'), id_token }),
    )
    expect(await browser.refresh()).toBe(200)
    expect(scripted.requestsTo('/token').at(-1)?.form.get('refresh_token')).toBe(long('r'))
    expect((await (await session()).tokens())?.accessToken).toBe(long('b'))
  })
})

describe('A media type that is not the content’s', () => {
  it.each(['text/html', 'text/plain;charset=UTF-8', 'application/octet-stream', null])(
    'is no obstacle at sign-in and at a refresh: %s',
    async (type) => {
      const answer = (body: unknown) =>
        type === null ? bare(200, JSON.stringify(body)) : text(200, type, JSON.stringify(body))
      const provider = providerFor(scripted)
      const { nonce, transaction } = await begin(provider)
      scripted.on('/token', answer({ ...TOKENS, id_token: await scripted.idToken({ nonce }) }))
      expect((await provider.exchange(callback(scripted), transaction)).accessToken).toBe('access-1')
      scripted.on('/token', answer(TOKENS))
      expect((await provider.refresh(refreshRequest({ issuer: scripted.issuer }))).accessToken).toBe(
        'access-1',
      )
    },
  )

  it('is no obstacle for metadata and keys', async () => {
    const { metadata } = scripted
    const keys = await (await fetch(`${scripted.issuer}/jwks`)).text()
    scripted.on('/.well-known/openid-configuration', text(200, 'text/plain', JSON.stringify(metadata)))
    scripted.on('/jwks', text(200, 'text/plain', keys))
    expect((await signIn(scripted, providerFor(scripted))).subject).toBe('alice')
  })
})

describe('A page in place of an answer is an outage, and ends nothing', () => {
  const PAGES = [200, 400, 401, 403, 404, 500, 502, 503].map(
    (status) => [status, text(status, 'text/html', '<h1>Sorry</h1>')] as const,
  )

  it.each(PAGES)('with %i from the token endpoint', async (_status, sorry) => {
    const { browser, signIn, bff } = scriptedBff(scripted)
    await signIn()
    scripted.on('/token', sorry)
    expect(await browser.refresh()).toBe(503)
    expect(await bff.sessions.countActive({ userId: 'alice' })).toBe(1)
    const provider = providerFor(scripted)
    const { transaction } = await begin(provider)
    const error = await failureOf(provider.exchange(callback(scripted), transaction))
    expect(error.code).toBe('provider_unavailable')
    expect(error.message).not.toContain('Sorry')
  })

  it.each(PAGES)('with %i in place of metadata', async (_status, sorry) => {
    scripted.on('/.well-known/openid-configuration', sorry)
    expect((await failureOf(begin(providerFor(scripted)))).code).toBe('provider_unavailable')
  })

  it.each(PAGES)('with %i in place of keys', async (_status, sorry) => {
    scripted.on('/jwks', sorry)
    expect((await failureOf(signIn(scripted, providerFor(scripted)))).code).toBe('provider_unavailable')
  })
})
