import { describe, expect, it } from 'vitest'
import { silentLogin } from '../../src/endpoints/index.ts'
import { BffError, jsonReply, type PluginFactory, type Reply } from '../../src/index.ts'
import { type Browser, headerOf, request, setCookies, world } from '../world.ts'

const ORIGIN = 'https://app.example.com'
/** What a browser sends for a frame in a page of the app itself. */
const FRAME = {
  'sec-fetch-mode': 'navigate',
  'sec-fetch-dest': 'iframe',
  'sec-fetch-site': 'same-origin',
  accept: 'text/html',
}
/** And when the provider has sent that frame back. */
const BACK = { ...FRAME, 'sec-fetch-site': 'cross-site' }

/** The message of a page, and the origin it is for. */
function messageOf(reply: Reply) {
  const nonce = /'nonce-([\w-]{22})'/.exec(headerOf(reply, 'content-security-policy') ?? '')?.[1]
  const script =
    /<script nonce="([\w-]{22})">\(opener \?\? parent\)\.postMessage\((.*), ("[^"]*")\)<\/script><\/html>$/.exec(
      String(reply.body),
    )
  expect(script?.[1]).toBe(nonce)
  return { message: JSON.parse(script?.[2] ?? 'null'), target: JSON.parse(script?.[3] ?? 'null') }
}

const begin = (browser: Browser, headers: Record<string, string> = FRAME) =>
  browser.send(request('GET', '/bff/silent-login', { ...browser.cookieHeader, ...headers }))

async function beginAndReturn(browser: Browser, query = 'code=c'): Promise<Reply> {
  const begun = await begin(browser)
  const state = new URL(headerOf(begun, 'location') ?? '').searchParams.get('state') ?? ''
  return browser.send(
    request('GET', `/bff/callback?${query}&state=${state}`, { ...browser.cookieHeader, ...BACK }),
  )
}

const silentWorld = (allowedOrigins?: readonly string[]) =>
  world({ plugins: [silentLogin(allowedOrigins === undefined ? {} : { allowedOrigins })] })

describe('a silent sign-in', () => {
  it('asks with prompt=none, signs in, and tells the page of exactly this origin', async () => {
    const { browser, provider } = silentWorld()
    const user = browser()
    const reply = await beginAndReturn(user)
    expect(provider.asked).toEqual([{ prompt: 'none' }])
    expect(messageOf(reply)).toEqual({
      message: { source: 'bff-silent-login', isLoggedIn: true },
      target: ORIGIN,
    })
    expect([...user.cookies.keys()]).toEqual(['__Host-Http-bff'])
    expect((await user.fetch('GET', '/bff/user')).status).toBe(200)
  })

  it('tells the page also of an answer whose text has a question mark in it', async () => {
    const { browser } = silentWorld()
    const reply = await beginAndReturn(browser(), 'error_description=who?&error=login_required')
    expect(messageOf(reply).message).toMatchObject({ isLoggedIn: true })
  })

  it('its page runs one script, in frames of this origin alone, and is never stored [CKS-19]', async () => {
    const { browser } = silentWorld()
    const reply = await beginAndReturn(browser())
    expect(reply.status).toBe(200)
    expect(Object.fromEntries(reply.headers)).toMatchObject({
      'content-type': 'text/html; charset=utf-8',
      'cache-control': 'no-store',
      'x-content-type-options': 'nosniff',
      'referrer-policy': 'no-referrer',
    })
    expect(headerOf(reply, 'content-security-policy')).toMatch(
      /^default-src 'none'; script-src 'nonce-[\w-]{22}'; frame-ancestors https:\/\/app\.example\.com; base-uri 'none'; form-action 'none'$/,
    )
  })

  it('lets this origin frame the redirect to the provider too, which browsers ask', async () => {
    const { browser } = silentWorld()
    expect((await begin(browser())).headers.filter(([name]) => name === 'content-security-policy')).toEqual([
      ['content-security-policy', `default-src 'none'; frame-ancestors ${ORIGIN}`],
    ])
  })

  it('replaces what the configuration asks for, so that nobody is asked anything', async () => {
    const { browser, provider } = world({
      plugins: [silentLogin()],
      login: { parameters: { prompt: 'login', ui_locales: 'de' } },
    })
    await begin(browser())
    expect(provider.asked).toEqual([{ prompt: 'none', ui_locales: 'de' }])
  })

  it('works beside a sign-in of a person, whose page stays a page', async () => {
    const { browser } = silentWorld()
    const user = browser()
    expect(headerOf(await user.signIn('/orders'), 'location')).toBe('/orders')
  })
})

describe('a silent sign-in that fails ends in a message', () => {
  const failing = {
    message: { source: 'bff-silent-login', isLoggedIn: false, error: 'login_failed' },
    target: ORIGIN,
  }

  it('when the provider would have to ask (login_required), and its cookie goes (Duende S#1044)', async () => {
    const { browser, provider, events } = silentWorld()
    const user = browser()
    provider.onExchange = () => {
      throw new BffError(
        'login_failed',
        'The identity provider did not complete the sign-in (login_required).',
      )
    }
    for (let attempt = 0; attempt < 10; attempt++) {
      const reply = await beginAndReturn(user, 'error=login_required')
      expect(messageOf(reply)).toEqual(failing)
      expect(user.cookies.size).toBe(0)
    }
    expect(events).toContainEqual(expect.objectContaining({ type: 'login.failed', code: 'login_failed' }))
  })

  it('when the answer fails a check, where Duende shows an error page in the frame', async () => {
    const { browser, provider } = silentWorld()
    provider.onExchange = () => {
      throw new Error('The signature does not match: secret')
    }
    const reply = await beginAndReturn(browser())
    expect(messageOf(reply).message).toMatchObject({ isLoggedIn: false, error: 'internal_error' })
    expect(reply.body).not.toContain('secret')
  })

  it.each([
    ['navigated', BACK],
    ['fetched', { 'sec-fetch-mode': 'cors' }],
  ])('when its state is unknown, %s', async (_name, headers) => {
    const { browser } = silentWorld()
    const user = browser()
    const target = `/bff/callback?code=c&state=${'x'.repeat(43)}.silent0`
    const reply = await user.send(request('GET', target, headers))
    expect(messageOf(reply).message).toEqual({
      source: 'bff-silent-login',
      isLoggedIn: false,
      error: 'login_expired',
    })
  })

  it('when the provider cannot be reached at all', async () => {
    const { browser, provider, events } = silentWorld()
    provider.onAuthorize = () => {
      throw new BffError('provider_unavailable')
    }
    expect(messageOf(await begin(browser())).message).toMatchObject({ error: 'provider_unavailable' })
    expect(events).toContainEqual(expect.objectContaining({ type: 'login.failed' }))
  })

  it('when another plugin refuses it, at either end', async () => {
    const refusing: PluginFactory = () => ({
      middleware: async () => jsonReply(429, { error: 'rate_limited', message: 'Later.' }),
    })
    const { browser } = world({ plugins: [silentLogin({ path: '/quietly' }), refusing] })
    for (const target of ['/quietly', `/bff/callback?state=${'x'.repeat(43)}.silent0`]) {
      const reply = await browser().send(request('GET', target, FRAME))
      expect(messageOf(reply)).toEqual({
        message: { source: 'bff-silent-login', isLoggedIn: false, error: 'rate_limited' },
        target: ORIGIN,
      })
    }
    expect((await browser().send(request('POST', '/quietly', FRAME))).status).toBe(429)
  })

  it('and says so when the person was signed in before, as an outage signs nobody out', async () => {
    const { browser, provider } = silentWorld()
    const user = browser()
    await user.signIn()
    provider.onAuthorize = () => {
      throw new BffError('provider_unavailable')
    }
    expect(messageOf(await begin(user)).message).toEqual({
      source: 'bff-silent-login',
      isLoggedIn: true,
      error: 'provider_unavailable',
    })
  })

  it('leaves no more cookies than a browser may have sign-ins open, finished or not [BFF-25]', async () => {
    const { browser } = silentWorld()
    const user = browser()
    for (let attempt = 0; attempt < 20; attempt++) await begin(user)
    expect(user.cookies.size).toBe(4)
  })
})

describe('who may ask', () => {
  it.each([
    ['another site', { ...FRAME, 'sec-fetch-site': 'cross-site', referer: 'https://evil.example/' }],
    ['another site that says nothing', { ...FRAME, 'sec-fetch-site': 'cross-site' }],
    [
      'a sibling that is not listed',
      { ...FRAME, 'sec-fetch-site': 'same-site', referer: 'https://x.example.com/' },
    ],
    ['an old browser without a Referer', { accept: 'text/html' }],
    ['a Referer that only begins like ours', { referer: 'https://app.example.com.evil.example/' }],
    ['a Referer that is none', { referer: '://' }],
  ])('not %s: nothing begins, and the message is for this origin [BFF-24]', async (_name, headers) => {
    const { browser, provider } = silentWorld(['https://www.example.com'])
    const user = browser()
    const reply = await begin(user, headers)
    expect(messageOf(reply)).toMatchObject({ message: { error: 'login_refused' }, target: ORIGIN })
    expect(provider.calls).toEqual([])
    expect(setCookies(reply)).toEqual([])
  })

  it('an old browser may, when the Referer is of this origin', async () => {
    const { browser } = silentWorld()
    expect((await begin(browser(), { referer: `${ORIGIN}/orders` })).status).toBe(303)
  })

  it('a listed origin may, and the message is for it alone', async () => {
    const { browser } = silentWorld(['https://www.example.com', 'https://shop.example.com'])
    const user = browser()
    const begun = await begin(user, {
      ...FRAME,
      'sec-fetch-site': 'same-site',
      referer: 'https://shop.example.com/cart',
    })
    const state = new URL(headerOf(begun, 'location') ?? '').searchParams.get('state') ?? ''
    const reply = await user.send(
      request('GET', `/bff/callback?code=c&state=${state}`, { ...user.cookieHeader, ...BACK }),
    )
    expect(messageOf(reply)).toMatchObject({
      message: { isLoggedIn: true },
      target: 'https://shop.example.com',
    })
    expect(headerOf(reply, 'content-security-policy')).toContain('frame-ancestors https://shop.example.com;')
  })

  it('a number nobody has leads to this origin', async () => {
    const { browser } = silentWorld()
    const reply = await browser().send(request('GET', `/bff/callback?state=${'x'.repeat(43)}.silent7`, BACK))
    expect(messageOf(reply).target).toBe(ORIGIN)
  })

  it.each([
    'https://www.example.com/',
    'http://www.example.com',
    'http://localhost.example.com',
    'www.example.com',
    '*',
  ])('allowedOrigins %s is a configuration error', (origin) => {
    expect(() => silentWorld([origin])).toThrowError(expect.objectContaining({ code: 'invalid_config' }))
  })
})
