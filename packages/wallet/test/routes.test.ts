import { decodeJwt, decodeProtectedHeader } from 'jose'
import { describe, expect, it } from 'vitest'
import { signingKeyPem } from './support/keys.ts'
import {
  bearer,
  type ChallengeView,
  headerOf,
  jsonOf,
  newAccount,
  outcomeOf,
  siweOf,
  world,
} from './support/world.ts'

const UUID4 = /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/

describe('POST /auth/challenge', () => {
  it('answers one signed question and nothing else [S4-1, S4-11, S4-15, JWT-01]', async () => {
    const { post, clock } = await world()
    const reply = await post('/auth/challenge')
    expect(reply.status).toBe(200)
    expect(Object.keys(jsonOf(reply))).toEqual(['token'])
    const token = String(jsonOf(reply)['token'])
    expect(decodeProtectedHeader(token)).toEqual({
      alg: 'ES256',
      typ: 'challenge+jwt',
      kid: expect.any(String),
    })
    const claims = decodeJwt<ChallengeView>(token)
    const now = clock.now() / 1000
    expect(claims).toEqual({
      iss: 'https://app.example.com',
      aud: 'session:challenge',
      sub: '',
      jti: expect.stringMatching(UUID4),
      iat: now,
      nbf: now,
      exp: now + 300,
      nonce: expect.stringMatching(/^[\w-]{43}=$/),
      domain: 'app.example.com',
      uri: 'https://app.example.com/',
      chain_id: 1,
      statement: 'Sign in to app.example.com.',
    })
  })

  it('names address and chain when asked to, and only what the app allows', async () => {
    const { post, challenge } = await world({ chainIds: [1, 10] })
    const { address } = newAccount()
    const claims = decodeJwt(await challenge({ address: address.toLowerCase(), chain_id: 10 }))
    expect([claims.sub, claims['chain_id']]).toEqual([address, 10])
    for (const body of [
      { chain_id: 5 },
      { chain_id: '1' },
      { address: '0x12' },
      { address: null },
      '[]',
      'null',
      '{',
      '"x"',
    ])
      expect(outcomeOf(await post('/auth/challenge', body)), JSON.stringify(body)).toBe('400 invalid request')
  })
})

describe('POST /auth/login', () => {
  it('to S4-14, JWT-03: answers an access and a refresh token of one new family [S4-2, S4-9, S4-12]', async () => {
    const { signIn, clock } = await world()
    const account = newAccount()
    const pair = await signIn(account)
    expect(Object.keys(pair)).toEqual(['access_token', 'refresh_token'])
    const [access, refresh] = [decodeJwt(pair.access_token), decodeJwt(pair.refresh_token)]
    const now = clock.now() / 1000
    const common = {
      iss: 'https://app.example.com',
      sub: account.address,
      iat: now,
      nbf: now,
      jti: expect.stringMatching(UUID4),
      sid: expect.stringMatching(UUID4),
    }
    expect(access).toEqual({ ...common, aud: 'session:access', exp: now + 300, rid: refresh.jti })
    expect(refresh).toEqual({
      ...common,
      aud: 'session:refresh',
      exp: now + 120 * 3600,
      family_exp: now + 30 * 86_400,
      holder: 'client',
      wallet: 'key',
    })
    expect(access['sid']).toBe(refresh['sid'])
    expect(decodeProtectedHeader(pair.access_token).typ).toBe('at+jwt')
    expect(decodeProtectedHeader(pair.refresh_token).typ).toBe('refresh+jwt')
  })

  it('tells the three ways to be refused apart [S4-3]', async () => {
    const { post, challenge } = await world()
    const account = newAccount()
    const token = await challenge()
    const signature = await account.signMessage({ message: siweOf(token, account.address) })
    const good = { challenge: token, signature, address: account.address }
    const { challenge: _, ...noChallenge } = good
    for (const body of [
      undefined,
      '{',
      noChallenge,
      { ...good, challenge: 1 },
      { ...good, challenge: '' },
      { ...good, signature: '' },
      { ...good, signature: '0x' },
      { ...good, signature: '0xzz' },
      { ...good, signature: signature.slice(2) },
      { ...good, signature: signature.slice(0, -1) },
      { ...good, address: '' },
      { ...good, address: '0x0000000000000000000000000000000000000000' },
      { ...good, address: account.address.slice(0, -1) },
    ])
      expect(outcomeOf(await post('/auth/login', body)), JSON.stringify(body)).toBe('400 invalid request')
    expect(outcomeOf(await post('/auth/login', { ...good, challenge: 'x.y.z' }))).toBe(
      '400 invalid challenge token',
    )
    const other = newAccount().address
    expect(outcomeOf(await post('/auth/login', { ...good, address: other }))).toBe(
      '401 invalid challenge or signature',
    )
  })

  it('takes an address in lower case, and in mixed case only with its checksum [WAL-07, flaw 38]', async () => {
    const { post, challenge } = await world()
    const account = newAccount()
    const attempt = async (address: string) => {
      const token = await challenge()
      const signature = await account.signMessage({ message: siweOf(token, account.address) })
      return post('/auth/login', { challenge: token, signature, address })
    }
    const lower = await attempt(account.address.toLowerCase())
    expect(decodeJwt(String(jsonOf(lower)['access_token'])).sub).toBe(account.address)
    const swapped = `0x${[...account.address.slice(2)].map(swapCase).join('')}`
    expect(outcomeOf(await attempt(swapped))).toBe('400 invalid request')
  })

  it('refuses a body beyond 64 KiB with 413', async () => {
    const { post } = await world()
    const reply = await post('/auth/login', { signature: `0x${'00'.repeat(40_000)}` })
    expect(outcomeOf(reply)).toBe('413 payload_too_large')
  })
})

const swapCase = (char: string) => (char === char.toLowerCase() ? char.toUpperCase() : char.toLowerCase())

describe('GET /api/me and /api/authorize', () => {
  it('know the address of a good access token [S4-6, S4-7]', async () => {
    const { signIn, send } = await world()
    const account = newAccount()
    const { access_token } = await signIn(account)
    const me = await send('/api/me', bearer(access_token))
    expect([me.status, jsonOf(me)]).toEqual([200, { address: account.address }])
    const authorized = await send('/api/authorize', bearer(access_token))
    expect([authorized.status, authorized.body]).toEqual([200, null])
  })

  it('say what is wrong with any other request [S4-8, S4-10, S4-28]', async () => {
    const { signIn, send, challenge, clock } = await world()
    const pair = await signIn()
    const forged = `${pair.access_token.slice(0, -4)}AAAA`
    const none = Buffer.from('{"alg":"none","typ":"at+jwt"}').toString('base64url')
    const unsigned = `${none}.${pair.access_token.split('.')[1]}.`
    const cases: ReadonlyArray<readonly [string, Record<string, string>]> = [
      ['401 authorization header is required', {}],
      ['401 invalid authorization header format', { authorization: pair.access_token }],
      ['401 invalid authorization header format', { authorization: 'Basic dTpw' }],
      ['401 invalid authorization header format', { authorization: 'Bearer a b' }],
      ['401 invalid token', { authorization: 'Bearer nonsense' }],
      ['401 unexpected signing method', { authorization: `Bearer ${unsigned}` }],
      ['401 invalid signature', { authorization: `Bearer ${forged}` }],
      ['401 invalid audience', { authorization: `Bearer ${pair.refresh_token}` }],
      ['401 invalid audience', { authorization: `Bearer ${await challenge()}` }],
    ]
    for (const path of ['/api/me', '/api/authorize'])
      for (const [expected, headers] of cases) {
        const reply = await send(path, { headers })
        expect(outcomeOf(reply), `${path} ${JSON.stringify(headers)}`).toBe(expected)
        expect(headerOf(reply, 'www-authenticate')).toMatch(/^Bearer/)
      }
    clock.jump(300_000 + 5_000)
    expect(outcomeOf(await send('/api/me', bearer(pair.access_token)))).toBe('401 token has expired')
  })

  it('answers 405 to other methods, and 404 beside its paths', async () => {
    const { send, post, bff } = await world()
    expect((await post('/api/me')).status).toBe(405)
    expect((await send('/auth/login')).status).toBe(405)
    expect((await bff.fetch(new Request('https://app.example.com/auth/unknown'))).status).toBe(404)
  })
})

describe('POST /auth/refresh', () => {
  it('gives the next pair, and the last one is over [S4-4, S4-18, S4-20]', async () => {
    const { signIn, send, post } = await world()
    const first = await signIn()
    const reply = await post('/auth/refresh', { refresh_token: first.refresh_token })
    expect(reply.status).toBe(200)
    expect(Object.keys(jsonOf(reply))).toEqual(['access_token', 'refresh_token'])
    const next = String(jsonOf(reply)['access_token'])
    expect(decodeJwt(next)['sid']).toBe(decodeJwt(first.access_token)['sid'])
    expect((await send('/api/me', bearer(next))).status).toBe(200)
    expect(outcomeOf(await send('/api/me', bearer(first.access_token)))).toBe('401 token has been revoked')
  })

  it('refuses anything but a refresh token of ours [S4-4]', async () => {
    const { signIn, post, clock } = await world()
    const pair = await signIn()
    for (const body of [undefined, {}, '{', { refresh_token: '' }, { refresh_token: 1 }])
      expect(outcomeOf(await post('/auth/refresh', body))).toBe('400 invalid request')
    for (const refresh_token of ['x', pair.access_token, `${pair.refresh_token.slice(0, -4)}AAAA`])
      expect(outcomeOf(await post('/auth/refresh', { refresh_token }))).toBe('400 invalid refresh token')
    clock.jump(120 * 3_600_000 + 5_000)
    expect(outcomeOf(await post('/auth/refresh', pair))).toBe('401 invalid or expired refresh token')
  })
})

describe('POST /auth/logout', () => {
  it('to S4-22: ends this sign-in, no other, and says so [S4-5, S4-20]', async () => {
    const { signIn, send, post, events, store } = await world()
    const account = newAccount()
    const [here, there] = [await signIn(account), await signIn(account)]
    const heard: unknown[] = []
    await store.events.subscribe('auth.logout', (event) => heard.push(event))
    const reply = await post('/auth/logout', here)
    expect([reply.status, jsonOf(reply)]).toEqual([200, { message: 'logged out successfully' }])
    expect(outcomeOf(await send('/api/me', bearer(here.access_token)))).toBe('401 token has been revoked')
    expect(outcomeOf(await post('/auth/refresh', here))).toBe('401 invalid or expired refresh token')
    expect((await send('/api/me', bearer(there.access_token))).status).toBe(200)
    expect((await post('/auth/refresh', there)).status).toBe(200)
    expect(heard).toEqual([
      {
        type: 'auth.logout',
        at: expect.any(Number),
        by: 'wallet',
        user_address: account.address,
        token_id: decodeJwt(here.refresh_token).jti,
      },
    ])
    expect(events.some(({ type }) => type === 'wallet.family_revoked')).toBe(false)
    expect((await post('/auth/logout', here)).status).toBe(200)
    expect(heard).toHaveLength(1)
  })

  it('wants both tokens, of one sign-in, and takes them when they are over [S4-5]', async () => {
    const { signIn, post, clock, send } = await world()
    const [one, two] = [await signIn(), await signIn()]
    for (const body of [{}, { refresh_token: one.refresh_token }, { access_token: one.access_token }])
      expect(outcomeOf(await post('/auth/logout', body))).toBe('400 invalid request')
    expect(outcomeOf(await post('/auth/logout', { ...one, refresh_token: 'x' }))).toBe(
      '400 invalid refresh token',
    )
    expect(outcomeOf(await post('/auth/logout', { ...one, access_token: 'x' }))).toBe(
      '400 invalid access token',
    )
    expect(outcomeOf(await post('/auth/logout', { ...one, access_token: two.access_token }))).toBe(
      '400 invalid access token',
    )
    const next = jsonOf(await post('/auth/refresh', one))
    clock.jump(306_000)
    expect(outcomeOf(await send('/api/me', bearer(one.access_token)))).toBe('401 token has expired')
    expect((await post('/auth/logout', one)).status).toBe(200)
    expect(outcomeOf(await post('/auth/refresh', next))).toBe('401 invalid or expired refresh token')
  })

  it('is not held up by a bus that fails [S4-22]', async () => {
    const { signIn, post, store, events } = await world()
    const pair = await signIn()
    store.events.publish = async () => {
      throw new Error('the bus is down')
    }
    expect((await post('/auth/logout', pair)).status).toBe(200)
    expect(events.at(-1)).toMatchObject({ type: 'bus.failed', topic: 'auth.logout' })
  })
})

describe('GET /.well-known/jwks.json', () => {
  it('publishes the public half of every key [JWT-08]', async () => {
    const keys = [await signingKeyPem(), await signingKeyPem()]
    const { send } = await world({ keys })
    const reply = await send('/.well-known/jwks.json')
    expect(headerOf(reply, 'cache-control')).toBe('public, max-age=300')
    expect(headerOf(reply, 'content-type')).toBe('application/jwk-set+json')
    const published = jsonOf(reply)['keys']
    const shape = { kty: 'EC', crv: 'P-256', alg: 'ES256', use: 'sig' }
    const text = expect.stringMatching(/^[\w-]{43}$/)
    expect(published).toEqual(keys.map(() => ({ ...shape, x: text, y: text, kid: text })))
  })
})
