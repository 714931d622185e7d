import { describe, expect, it } from 'vitest'
import { memoryStore } from '../../../store-memory/src/index.ts'
import { BffError, type Session } from '../../src/index.ts'
import { apiProxy, type ClientTokenSource, type TokenRequest } from '../../src/proxy/index.ts'
import { fakeSession, setUp, tokensOf } from './support.ts'

/** A source of the BFF's own tokens, a new one whenever an API refused the last. */
function source() {
  const asked: TokenRequest[] = []
  const clientToken: ClientTokenSource = async (request) => {
    asked.push(request)
    return tokensOf(request.rejected === null ? 'own-1' : 'own-2')
  }
  return { asked, clientToken }
}

const authorizations = ({ sent }: ReturnType<typeof setUp>['upstream']) =>
  sent.map(({ headers }) => new Map(headers).get('authorization'))

const refuses = (tokens: string[]) => (request: { headers: readonly (readonly [string, string])[] }) => ({
  status: tokens.includes(new Map(request.headers).get('authorization') ?? '') ? 401 : 200,
})

describe('duende 1.7 RequiredTokenType', () => {
  it('client: the BFF’s own token, whoever is signed in', async () => {
    const { asked, clientToken } = source()
    const { upstream, call } = setUp({ token: 'client', clientToken })
    await call('/api/x', {}, null)
    await call('/api/x', {}, fakeSession())
    expect(authorizations(upstream)).toEqual(['Bearer own-1', 'Bearer own-1'])
    expect(asked).toMatchObject([{ rejected: null }, { rejected: null }])
  })

  it('user-or-client: the user’s where there is one, else the BFF’s own', async () => {
    const { clientToken } = source()
    const { upstream, call } = setUp({ token: 'user-or-client', clientToken })
    await call('/api/x', {}, fakeSession())
    await call('/api/x', {}, fakeSession({ tokens: null }))
    await call('/api/x', {}, null)
    expect(authorizations(upstream)).toEqual(['Bearer at-1', 'Bearer own-1', 'Bearer own-1'])
  })

  it('user-or-client: a user whose token died is not replaced by the BFF itself', async () => {
    const { asked, clientToken } = source()
    const { upstream, call } = setUp({ token: 'user-or-client', clientToken })
    const tokens = async () => {
      throw new BffError('refresh_rejected')
    }
    await expect(call('/api/x', {}, fakeSession({ tokens }))).rejects.toMatchObject({
      code: 'refresh_rejected',
    })
    expect([upstream.sent, asked]).toEqual([[], []])
  })

  it('a refused token of the BFF’s own is renewed once, and the call repeated [PRX-21]', async () => {
    const { asked, clientToken } = source()
    const { upstream, call } = setUp({ token: 'client', clientToken }, refuses(['Bearer own-1']))
    expect(await call('/api/x', {}, null)).toMatchObject({ status: 200 })
    expect(authorizations(upstream)).toEqual(['Bearer own-1', 'Bearer own-2'])
    expect(asked.map(({ rejected }) => rejected)).toEqual([null, 'own-1'])
  })

  it('a source with nothing newer lets the refusal through [PRX-21]', async () => {
    const clientToken = async () => tokensOf('own-1')
    const { upstream, call } = setUp({ token: 'client', clientToken }, refuses(['Bearer own-1']))
    expect(await call('/api/x', {}, null)).toMatchObject({ status: 401 })
    expect(upstream.sent).toHaveLength(1)
  })

  it('what a source throws reaches the caller, and nothing the API', async () => {
    const clientToken = () => Promise.reject(new BffError('provider_unavailable'))
    const { upstream, call } = setUp({ token: 'client', clientToken })
    await expect(call('/api/x', {}, null)).rejects.toMatchObject({ code: 'provider_unavailable' })
    expect(upstream.sent).toEqual([])
  })

  it('tells the pipeline when to look for a session', () => {
    const { clientToken } = source()
    const kinds = ['user', 'user-or-none', 'none', 'client', 'user-or-client'] as const
    const routes = kinds.map((token) => ({
      path: `/${token}`,
      target: 'https://orders.internal',
      token,
      ...(/lient$/.test(token) && { clientToken }),
    }))
    const { clock, proxy: _, ...rest } = setUp()
    const proxy = apiProxy({ routes, upstream: rest.upstream })({
      originOf: () => 'https://app.example.com',
      cookieNames: [],
      clock,
      clientAddress: () => null,
      emit: () => {},
      stores: memoryStore(),
      tokens: { replaceRefused: async () => null },
    })
    expect(kinds.map((token) => proxy.match(`/${token}`)?.token)).toEqual([
      'user',
      'user-or-none',
      'none',
      'none',
      'user-or-none',
    ])
  })

  it('clientToken stands exactly on routes that send it', () => {
    const { clientToken } = source()
    for (const route of [
      { token: 'client' },
      { token: 'user-or-client' },
      { token: 'user', clientToken },
      { clientToken },
    ] as const)
      expect(() => setUp(route)).toThrowError(expect.objectContaining({ code: 'invalid_config' }))
  })
})

describe('duende 1.7 IAccessTokenRetriever', () => {
  const onBehalfOf = async ({ userId }: Session, { rejected }: TokenRequest) =>
    userId === 'alice' ? tokensOf(rejected === null ? 'for-alice' : 'again-for-alice') : null

  it('userToken takes the place of the session’s own token', async () => {
    const { upstream, call } = setUp({ userToken: onBehalfOf }, refuses(['Bearer for-alice']))
    expect(await call('/api/x')).toMatchObject({ status: 200 })
    expect(authorizations(upstream)).toEqual(['Bearer for-alice', 'Bearer again-for-alice'])
  })

  it('a user it has no token for is refused where one is needed, and anonymous where not', async () => {
    const bob = { ...fakeSession(), userId: 'bob' }
    const strict = setUp({ userToken: onBehalfOf })
    await expect(strict.call('/api/x', {}, bob)).rejects.toMatchObject({ code: 'token_expired' })
    const lax = setUp({ userToken: onBehalfOf, token: 'user-or-none' })
    await lax.call('/api/x', {}, bob)
    expect(authorizations(lax.upstream)).toEqual([undefined])
  })
})
