import { createHash, randomBytes } from 'node:crypto'
import { testOptions } from '@bff/test-support/options'
import { describe, expect, it } from 'vitest'
import { memoryStore } from '../../../store-memory/src/index.ts'
import { deviceBinding } from '../../src/device-binding/index.ts'
import { type EmbeddingOptions, embedding } from '../../src/embedding/index.ts'
import { type BffConfig, BffError, createBff, createParts, type Reply } from '../../src/index.ts'
import { type Browser, headerOf, jsonOf, ORIGIN, request, setCookies, world } from '../world.ts'

const PORTAL = 'https://portal.example.com'
const COOKIE = { sameSite: 'none', partitioned: true } as const
const SESSION = '__Host-Http-bff'

const secret = () => {
  const verifier = randomBytes(32).toString('base64url')
  return { verifier, challenge: createHash('sha256').update(verifier).digest('base64url') }
}

function embedded(config: Partial<BffConfig> = {}) {
  const all = world({ cookie: COOKIE, plugins: [embedding({ ancestors: [PORTAL] })], ...config })
  // Their cookies are kept apart, as those of a window and of a frame.
  const [popup, frame] = [all.browser(), all.browser()]

  /** What the last page of the popup posts, and to which origin. */
  const posted = (page: Reply) => {
    const [, message = '', origin] = /postMessage\((\{.*?\}), "(.*?)"\)/.exec(String(page.body)) ?? []
    return { ...(JSON.parse(message) as { type: string; code?: string; error?: string }), origin }
  }
  async function signIn(challenge: string, by: Browser = popup): Promise<Reply> {
    const begun = await by.navigate(`/bff/embedded?challenge=${challenge}`)
    const state = new URL(headerOf(begun, 'location') ?? '').searchParams.get('state') ?? ''
    return by.navigate(`/bff/callback?code=c&state=${state}`)
  }
  const redeem = (form: Record<string, string>, headers = {}, by: Browser = frame) => {
    const body = new TextEncoder().encode(new URLSearchParams(form).toString())
    const view = by.view('POST', '/bff/embedded', {
      'content-type': 'application/x-www-form-urlencoded',
      ...headers,
    })
    return by.send({
      ...view,
      body: async function* () {
        yield body
      },
    })
  }
  const isSignedIn = async (by: Browser) => jsonOf(await by.fetch('GET', '/bff/session')).authenticated
  return { ...all, popup, frame, posted, signIn, redeem, isSignedIn }
}

describe('the hand-over of a sign-in from a popup to a frame', () => {
  it('gives the frame the session, and the popup none [EMB-01]', async () => {
    const { popup, frame, posted, signIn, redeem, isSignedIn } = embedded()
    const { verifier, challenge } = secret()
    const page = await signIn(challenge)
    const { type, code = '', origin } = posted(page)
    expect([type, origin]).toEqual(['bff-embedded', ORIGIN])
    expect(setCookies(page).filter((cookie) => cookie.startsWith(`${SESSION}=`))).toEqual([])
    expect(headerOf(page, 'content-security-policy')).toContain("frame-ancestors 'none'")
    expect(await isSignedIn(popup)).toBe(false)

    const reply = await redeem({ code, verifier })
    expect(setCookies(reply)[0]).toMatch(/; HttpOnly; Secure; SameSite=None; Partitioned$/)
    expect(await isSignedIn(frame)).toBe(true)
  })

  it('redeems a code once, within a minute, and only with the secret of the frame that asked [EMB-02]', async () => {
    const { clock, store, frame, posted, signIn, redeem, isSignedIn } = embedded()
    const { verifier, challenge } = secret()
    const refused = { status: 400, error: 'login_expired' }
    const outcome = async (form: Record<string, string>) => {
      const reply = await redeem(form)
      return { status: reply.status, error: jsonOf(reply).error }
    }
    const stolen = posted(await signIn(challenge)).code ?? ''
    expect(await outcome({ code: stolen, verifier: secret().verifier })).toEqual(refused)
    // Whoever tried had the code: its session ends, also for the frame.
    expect(await outcome({ code: stolen, verifier })).toEqual(refused)
    const { records } = await store.sessions.list({ userId: 'alice' })
    expect(records.map(({ revocation }) => revocation?.reasonCode)).toEqual(['handover_failed'])

    const late = posted(await signIn(challenge)).code ?? ''
    await clock.advance(60_001)
    expect(await outcome({ code: late, verifier })).toEqual(refused)

    const used = posted(await signIn(challenge)).code ?? ''
    expect((await redeem({ code: used, verifier })).status).toBe(200)
    expect(await outcome({ code: used, verifier })).toEqual(refused)
    expect(await isSignedIn(frame)).toBe(true)
  })

  it('wants the CSRF header and the own origin of a redemption [EMB-03]', async () => {
    const { posted, signIn, redeem } = embedded()
    const { verifier, challenge } = secret()
    const { code = '' } = posted(await signIn(challenge))
    for (const headers of [{ 'x-csrf': '' }, { 'sec-fetch-site': 'cross-site', origin: PORTAL }])
      expect(jsonOf(await redeem({ code, verifier }, headers)).error).toBe('csrf_violation')
    expect((await redeem({ code, verifier })).status).toBe(200)
  })

  it('replaces the session of the frame, and leaves that of the window alone [EMB-04]', async () => {
    const { bff, popup, frame, posted, signIn, redeem, isSignedIn } = embedded()
    await popup.signIn()
    for (let round = 0; round < 2; round++) {
      const { verifier, challenge } = secret()
      await redeem({ code: posted(await signIn(challenge)).code ?? '', verifier })
    }
    expect([await isSignedIn(popup), await isSignedIn(frame)]).toEqual([true, true])
    expect(await bff.sessions.countActive({ userId: 'alice' })).toBe(2)
    const { sessions } = await bff.sessions.list({ userId: 'alice' })
    const reasons = sessions.flatMap(({ revocation }) => revocation?.reasonCode ?? [])
    expect(reasons).toEqual(['replaced_by_login'])
  })

  it('keeps neither the code nor the session id in the store [EMB-05]', async () => {
    const store = memoryStore()
    const written: string[] = []
    const ttl = new Proxy(store.ttl, {
      get: (target, name) =>
        name === 'set'
          ? async (...given: Parameters<typeof store.ttl.set>) => {
              written.push(...given.slice(0, 2).map(String))
              return store.ttl.set(...given)
            }
          : Reflect.get(target, name).bind(target),
    })
    const { posted, signIn, redeem } = embedded({ store: { ...store, ttl } })
    const { verifier, challenge } = secret()
    const { code = '' } = posted(await signIn(challenge))
    const cookie = setCookies(await redeem({ code, verifier }))[0] ?? ''
    const id = cookie.slice(SESSION.length + 1, SESSION.length + 44)
    expect(id).toMatch(/^[\w-]{43}$/)
    expect(written.some((text) => text.startsWith('handover:'))).toBe(true)
    expect(written.filter((text) => text.includes(code) || text.includes(id.slice(16)))).toEqual([])
  })

  it('tells the frame why a sign-in failed, and begins none that no person has opened [EMB-06]', async () => {
    const { popup, provider, posted, signIn } = embedded()
    provider.onExchange = () => {
      throw new BffError('login_failed')
    }
    expect(posted(await signIn(secret().challenge))).toMatchObject({ error: 'login_failed', origin: ORIGIN })
    for (const [challenge, headers] of [
      ['short', {}],
      [secret().challenge, { 'sec-fetch-dest': 'iframe' }],
      [secret().challenge, { 'sec-purpose': 'prefetch' }],
    ] as const) {
      const page = await popup.navigate(`/bff/embedded?challenge=${challenge}`, headers)
      expect(posted(page)).toMatchObject({ error: 'login_refused' })
    }
  })
})

describe('a cookie for frames', () => {
  const config = (over: Partial<BffConfig>) => ({
    origin: ORIGIN,
    store: memoryStore(),
    encryptionKeys: [randomBytes(32).toString('base64')],
    onEvent: () => {},
    ...over,
  })
  const framed = embedding({ ancestors: [PORTAL] })

  it('is refused unless everything that it needs is there [EMB-07]', () => {
    const refusals: Array<Partial<BffConfig>> = [
      { cookie: COOKIE },
      { cookie: { sameSite: 'none' }, plugins: [framed] },
      { cookie: { partitioned: true }, plugins: [framed] },
      { plugins: [framed] },
      { cookie: COOKIE, plugins: [framed], origin: 'http://localhost:3000' },
      { cookie: COOKIE, plugins: [framed, deviceBinding()] },
    ]
    for (const over of refusals)
      expect(() => createBff(config(over)), JSON.stringify(over)).toThrow(
        expect.objectContaining({ code: 'invalid_config' }),
      )
    expect(() => createParts(config({ cookie: COOKIE }))).toThrow(
      expect.objectContaining({ code: 'invalid_config' }),
    )
    expect(() => createBff(config({ cookie: COOKIE, plugins: [framed] }))).not.toThrow()
  })

  it('is not protected by SameSite, so a form needs the CSRF header too [EMB-08]', async () => {
    const post = request('POST', '/transfers', { origin: ORIGIN, 'sec-fetch-site': 'same-origin' })
    const usual = createBff(config({}))
    await expect(usual.requireSession(post, { csrf: 'form' })).rejects.toMatchObject({ code: 'no_session' })
    const none = createBff(config({ cookie: COOKIE, plugins: [framed] }))
    await expect(none.requireSession(post, { csrf: 'form' })).rejects.toMatchObject({
      code: 'csrf_violation',
    })
  })

  it('lets the ancestors frame pages of the BFF, but none of those that sign people in or out [EMB-09]', async () => {
    const { popup } = embedded()
    const policyOf = async (path: string) =>
      headerOf(await popup.navigate(path), 'content-security-policy') ?? ''
    expect(await policyOf('/bff/nothing')).toContain(`frame-ancestors 'self' ${PORTAL}`)
    for (const path of ['/bff/callback', '/bff/login', '/bff/logout', '/bff/embedded'])
      expect(await policyOf(path), path).toContain("frame-ancestors 'none'")
    expect(framed.header).toEqual(['content-security-policy', `frame-ancestors 'self' ${PORTAL}`])
  })

  it('takes sites as ancestors, and nothing wider or without TLS [EMB-07]', () => {
    for (const ancestors of [
      [],
      ['*'],
      ['https://*'],
      ['http://portal.example.com'],
      [`${PORTAL}/path`],
      ["'self'"],
    ])
      expect(() => embedding({ ancestors }), String(ancestors)).toThrow(
        expect.objectContaining({ code: 'invalid_config' }),
      )
    expect(embedding({ ancestors: ['https://*.example.com', 'https://localhost:8443'] }).header[1]).toBe(
      "frame-ancestors 'self' https://*.example.com https://localhost:8443",
    )
  })
})

testOptions<EmbeddingOptions>('EmbeddingOptions', {
  ancestors: {
    set: ['https://one.example.com'],
    instead: ['https://other.example.com'],
    see: ({ ancestors = [] }) => embedding({ ancestors }).header[1],
    shows: [
      "frame-ancestors 'self' https://other.example.com",
      "frame-ancestors 'self' https://one.example.com",
    ],
  },
})
