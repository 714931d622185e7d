import { describe, expect, it } from 'vitest'
import { anonymousUser } from '../../src/endpoints/index.ts'
import { BffError } from '../../src/index.ts'
import { jsonOf, request, setCookies, world } from '../world.ts'

const claimsIn = (list: { type: string; value: unknown }[], type: string) =>
  list.filter((claim) => claim.type === type).map(({ value }) => value)

describe('anonymousUser', () => {
  it('answers 200 and null in place of 401 (Duende S#90)', async () => {
    const plain = await world().browser().fetch('GET', '/bff/user')
    expect(plain.status).toBe(401)
    const quiet = await world({ plugins: [anonymousUser()] })
      .browser()
      .fetch('GET', '/bff/user')
    expect([quiet.status, quiet.body]).toEqual([200, 'null'])
  })

  it('leaves the cookie of a dead session alone, and everything else as it is', async () => {
    const { browser, bff, store } = world({ plugins: [anonymousUser()] })
    const user = browser()
    await user.signIn()
    expect(jsonOf(await user.fetch('GET', '/bff/user'))).toContainEqual(
      expect.objectContaining({ type: 'name', value: 'Alice' }),
    )
    expect((await bff.handle(request('GET', '/bff/user')))?.status).toBe(403)
    expect((await browser().fetch('GET', '/api/orders')).status).toBe(401)
    await bff.sessions.revokeAll({ userId: 'alice' })
    const reply = await user.fetch('GET', '/bff/user')
    expect([reply.status, reply.body, setCookies(reply)]).toEqual([200, 'null', []])
    await user.signIn()
    store.sessions.get = () => Promise.reject(new BffError('store_unavailable'))
    expect((await user.fetch('GET', '/bff/user')).status).toBe(503)
  })
})

describe('what /bff/user tells', () => {
  it('is what onUserClaims makes of it, for this session and request', async () => {
    const { browser } = world({
      hooks: {
        onUserClaims: async (claims, session, view) => ({
          name: claims['name'],
          plan: 'pro',
          seen: `${session.userId} ${view.target}`,
        }),
      },
    })
    const user = browser()
    await user.signIn()
    const list = jsonOf(await user.fetch('GET', '/bff/user'))
    expect(list.map(({ type }: { type: string }) => type)).toEqual([
      'name',
      'plan',
      'seen',
      'bff:logout_url',
      'bff:session_expires_in',
      'bff:session_state',
    ])
    expect(claimsIn(list, 'plan')).toEqual(['pro'])
    expect(claimsIn(list, 'seen')).toEqual(['alice /bff/user'])
  })

  it('has no claim of a provider under the name of one of its own, which pages put into links', async () => {
    const { browser, provider } = world()
    const user = browser()
    provider.claims = {
      'bff:logout_url': 'javascript:alert(1)',
      'bff:session_state': ['x'],
      'bff:other': 'kept',
    }
    await user.signIn()
    const list = jsonOf(await user.fetch('GET', '/bff/user'))
    expect(claimsIn(list, 'bff:logout_url')).toEqual([expect.stringMatching(/^\/bff\/logout\?sid=/)])
    expect(claimsIn(list, 'bff:session_state')).toEqual(['state-1'])
    expect(claimsIn(list, 'bff:other')).toEqual(['kept'])
  })

  it('a throw in onUserClaims answers 500 and is reported, and shows nothing', async () => {
    const { browser, events } = world({
      hooks: {
        onUserClaims: () => {
          throw new Error('secret')
        },
      },
    })
    const user = browser()
    await user.signIn()
    const reply = await user.fetch('GET', '/bff/user')
    expect(reply.status).toBe(500)
    expect(reply.body).not.toContain('secret')
    expect(events).toContainEqual(expect.objectContaining({ type: 'request.failed' }))
  })

  it('claims and session_state are those of the last refresh and sign-in (Duende S#467)', async () => {
    const { browser, provider } = world()
    const user = browser()
    await user.signIn()
    const { refresh } = provider
    provider.refresh = async () => ({
      ...(await refresh.call(provider)),
      claims: { sub: 'alice', name: 'Alice Cooper' },
    })
    expect((await user.fetch('POST', '/bff/refresh')).status).toBe(200)
    const list = jsonOf(await user.fetch('GET', '/bff/user'))
    expect(claimsIn(list, 'name')).toEqual(['Alice Cooper'])
    // The refreshed ID token names no roles any more.
    expect(claimsIn(list, 'roles')).toEqual([])
    expect(claimsIn(list, 'bff:session_state')).toEqual(['state-1'])
  })
})
