import { randomBytes } from 'node:crypto'
import { describe, expect, test } from 'vitest'
import { memoryStore } from '../../../store-memory/src/index.ts'
import { type DeviceBindingOptions, deviceBinding } from '../../src/device-binding/index.ts'
import { silentLogin } from '../../src/endpoints/index.ts'
import {
  type BffConfig,
  BffError,
  type Clock,
  generateEncryptionKey,
  type PluginFactory,
  type Stores,
} from '../../src/index.ts'
import { encryptorOn } from '../../src/internal/crypto/create-encryptor.ts'
import { nodeCrypto } from '../../src/internal/crypto/platform.ts'
import { apiProxy } from '../../src/proxy/index.ts'
import { rateLimit } from '../../src/rate-limit/index.ts'
import { gate } from '../proxy/support.ts'
import { headerOf, jsonOf, ORIGIN, RecordingUpstream, ScriptedProvider, setCookies, world } from '../world.ts'
import {
  BindingBrowser,
  BOUND_COOKIE,
  challengeIn,
  offerIn,
  SESSION_COOKIE,
  SoftwareKey,
} from './software-browser.ts'

const MINUTE = 60_000

function bindingWorld(options: DeviceBindingOptions = {}, config: Partial<BffConfig> = {}) {
  const binding = deviceBinding(options)
  const base = world({ ...config, plugins: [binding, ...(config.plugins ?? [])] })
  const ofType = (type: string) => base.events.filter((event) => event.type === type)
  return { ...base, binding, ofType, bound: () => new BindingBrowser(base.bff) }
}

const codeOf = (reply: { readonly body: unknown }) => JSON.parse(String(reply.body)).error

describe('binding a session', () => {
  test('A sign-in offers the browser to bind, and the first proof gives it the bound cookie', async () => {
    const { bound, ofType, store } = bindingWorld()
    const browser = bound()
    const reply = await browser.signIn()
    const { path, challenge } = offerIn(reply)
    expect(path).toBe('/bff/device/register')
    const registered = await browser.register({ path, challenge })
    expect(registered.status).toBe(200)
    const [cookie = ''] = setCookies(registered)
    expect(cookie).toMatch(
      /^__Host-bff-device=\d+\.[\w.-]+; Path=\/; Max-Age=600; HttpOnly; Secure; SameSite=Strict$/,
    )
    const handle = browser.cookies.get(SESSION_COOKIE)?.slice(0, 16) ?? ''
    expect(jsonOf(registered)).toEqual({
      session_identifier: '__Host-bff-device',
      refresh_url: `/bff/device/refresh/${handle}`,
      scope: {
        origin: ORIGIN,
        include_site: false,
        scope_specification: [
          { type: 'exclude', path: '/bff/device' },
          { type: 'exclude', path: '/bff/login' },
          { type: 'exclude', path: '/bff/callback' },
          { type: 'exclude', path: '/bff/logout' },
        ],
      },
      credentials: [
        { type: 'cookie', name: BOUND_COOKIE, attributes: 'Path=/; HttpOnly; Secure; SameSite=Strict' },
      ],
    })
    expect(ofType('device.bound')).toMatchObject([{ handle, userId: 'alice' }])
    const record = await store.sessions.get(handle as never)
    expect(JSON.parse(record?.deviceKey ?? '')).toMatchObject({ jwk: { kty: 'EC', x: browser.key.jwk.x } })
    expect(record?.deviceKey).not.toContain('"d"')
  })

  test('A browser with an RSA key binds too', async () => {
    const { bff } = bindingWorld()
    const browser = new BindingBrowser(bff, new SoftwareKey('RS256'))
    expect((await browser.signInBound()).status).toBe(200)
    browser.expireBoundCookie()
    expect((await browser.refresh()).status).toBe(200)
  })

  test('A registration comes without the Strict session cookie after a page of the provider, and binds', async () => {
    const { bound } = bindingWorld()
    const browser = bound()
    const offer = offerIn(await browser.signIn())
    const id = browser.cookies.get(SESSION_COOKIE) ?? ''
    browser.cookies.delete(SESSION_COOKIE)
    expect((await browser.register(offer)).status).toBe(200)
    browser.cookies.set(SESSION_COOKIE, id)
    expect((await browser.fetch('GET', '/bff/user')).status).toBe(200)
  })

  test('A registration whose answer was lost gets the same answer again, and no event of theft', async () => {
    const { bound, ofType } = bindingWorld()
    const browser = bound()
    const offer = offerIn(await browser.signIn())
    await browser.register(offer)
    browser.expireBoundCookie()
    expect((await browser.register(offer)).status).toBe(200)
    expect(browser.cookies.has(BOUND_COOKIE)).toBe(true)
    expect(ofType('device.theft')).toEqual([])
    expect(ofType('device.bound')).toHaveLength(1)
  })

  test('A second registration with another key is refused and reported as theft with address and browser', async () => {
    const { bff, bound, ofType } = bindingWorld()
    const browser = bound()
    const offer = offerIn(await browser.signIn())
    await browser.register(offer)
    const thief = new BindingBrowser(bff)
    const proof = {
      'secure-session-response': thief.key.registration(offer.challenge),
      'user-agent': 'Thief/1',
    }
    expect((await thief.post(offer.path, proof)).status).toBe(400)
    expect(ofType('device.theft')).toMatchObject([
      { reason: 'second_registration', userId: 'alice', ipAddress: '192.0.2.7', userAgent: 'Thief/1' },
    ])
    browser.expireBoundCookie()
    expect((await browser.refresh()).status).toBe(200)
  })

  test('An offer is good for a minute', async () => {
    const { bound, clock, ofType } = bindingWorld()
    const browser = bound()
    const offer = offerIn(await browser.signIn())
    await clock.advance(MINUTE + 1)
    expect((await browser.register(offer)).status).toBe(400)
    expect(ofType('device.refused')).toMatchObject([{ reason: 'challenge' }])
  })

  test('A registration while the tokens are refreshed loses no write', async () => {
    const { bound, store } = bindingWorld()
    const browser = bound()
    const offer = offerIn(await browser.signIn())
    const get = store.sessions.get.bind(store.sessions)
    let raced = false
    store.sessions.get = async (handle) => {
      const record = await get(handle)
      if (record !== null && !raced) {
        raced = true
        await store.sessions.update(
          handle,
          { metadata: { seen: 1 }, updatedAt: record.updatedAt },
          record.version,
        )
      }
      return record
    }
    expect((await browser.register(offer)).status).toBe(200)
    const handle = browser.cookies.get(SESSION_COOKIE)?.slice(0, 16) as never
    expect(await get(handle)).toMatchObject({ metadata: { seen: 1 }, deviceKey: expect.any(String) })
  })

  test('A registration that was answered 503 does not bind: a write that ends later is taken back', async () => {
    const { bound, clock, ofType, store } = bindingWorld()
    const browser = bound()
    const offer = offerIn(await browser.signIn())
    const handle = browser.cookies.get(SESSION_COOKIE)?.slice(0, 16) as never
    const update = store.sessions.update.bind(store.sessions)
    const slowly = fourSeconds()
    let slow = true
    store.sessions.update = async (...change) => {
      const written = await update(...change)
      if (!slow) return written
      slow = false
      await slowly.wait(clock)
      // Another writer, in the meantime.
      await update(handle, { metadata: { seen: 1 }, updatedAt: clock.now() }, written?.version ?? 0)
      return written
    }
    const registered = browser.register(offer)
    await slowly.begun
    await clock.advance(5_000)
    expect(codeOf(await registered)).toBe('device_busy')
    expect(await store.sessions.get(handle)).toMatchObject({ deviceKey: null, metadata: { seen: 1 } })
    expect(ofType('device.bound')).toEqual([])
    expect(ofType('store.unavailable')).toMatchObject([{ operation: 'bind', cause: { code: 'device_busy' } }])
    await clock.advance(MINUTE)
    expect((await browser.fetch('GET', '/bff/user')).status).toBe(200)
  })

  test('A binding that cannot be taken back is reported with the cause', async () => {
    const { bound, clock, ofType, store } = bindingWorld()
    const browser = bound()
    const offer = offerIn(await browser.signIn())
    const update = store.sessions.update.bind(store.sessions)
    const cause = new BffError('store_unavailable')
    const slowly = fourSeconds()
    store.sessions.update = async (...change) => {
      store.sessions.update = async () => {
        throw cause
      }
      const written = await update(...change)
      await slowly.wait(clock)
      return written
    }
    const registered = browser.register(offer)
    await slowly.begun
    await clock.advance(5_000)
    expect(codeOf(await registered)).toBe('device_busy')
    expect(ofType('store.unavailable')).toMatchObject([{ operation: 'bind', cause }])
  })

  test('A registration that is late before its write begins none', async () => {
    const { bound, clock, store } = bindingWorld()
    const browser = bound()
    const offer = offerIn(await browser.signIn())
    const get = store.sessions.get.bind(store.sessions)
    const slowly = fourSeconds()
    store.sessions.get = async (handle) => {
      await slowly.wait(clock)
      return get(handle)
    }
    const writes: unknown[] = []
    const update = store.sessions.update.bind(store.sessions)
    store.sessions.update = async (...change) => {
      writes.push(change)
      return update(...change)
    }
    const registered = browser.register(offer)
    await slowly.begun
    await clock.advance(5_000)
    expect(codeOf(await registered)).toBe('device_busy')
    expect(writes).toEqual([])
  })

  test('A registration whose answer cannot be made does not bind', async () => {
    const encryptor = encryptorOn(nodeCrypto(), { keys: [generateEncryptionKey()] })
    const config: object = { encryptor, encryptionKeys: undefined }
    const { bound, store } = bindingWorld({}, config)
    const browser = bound()
    const offer = offerIn(await browser.signIn())
    const mac = encryptor.mac.bind(encryptor)
    encryptor.mac = async (text, like) => {
      if (like === undefined) throw new BffError('key_unavailable')
      return mac(text, like)
    }
    expect((await browser.register(offer)).status).toBe(503)
    const handle = browser.cookies.get(SESSION_COOKIE)?.slice(0, 16) as never
    expect((await store.sessions.get(handle))?.deviceKey).toBeNull()
  })

  test('A session that the app makes is offered by offer(), and a rotation offers nothing', async () => {
    const { bff, binding, bound } = bindingWorld()
    const browser = bound()
    const { session, cookie } = await bff.sessions.create({ userId: 'bob' })
    browser.keep(cookie)
    const header = await binding.offer(session)
    const reply = { status: 200, headers: header === null ? [] : [header], body: null }
    expect((await browser.register(offerIn(reply))).status).toBe(200)
  })

  test('offer() before createBff is an error of the developer', async () => {
    await expect(deviceBinding().offer({ handle: 'x' as never })).rejects.toMatchObject({
      code: 'invalid_argument',
    })
  })

  test('Every plugin that sets the cookie of a new session offers it; one that rotates it does not', async () => {
    const { bff } = bindingWorld(
      {},
      {
        plugins: [
          ({ sessions, requests }) => ({
            endpoints: {
              '/auth/enter': {
                methods: {
                  POST: async () => {
                    const { cookie } = await sessions.create({ userId: 'carol' })
                    return { status: 204, headers: [['set-cookie', cookie]], body: null }
                  },
                },
              },
              '/auth/step-up': {
                methods: {
                  POST: async (view) => {
                    const rotated = await sessions.rotate(await requests.require(view))
                    return { status: 204, headers: [['set-cookie', rotated?.cookie ?? '']], body: null }
                  },
                },
              },
            },
          }),
        ],
      },
    )
    const browser = new BindingBrowser(bff)
    const entered = await browser.fetch('POST', '/auth/enter')
    expect((await browser.register(offerIn(entered))).status).toBe(200)
    const rotated = await browser.fetch('POST', '/auth/step-up')
    expect(rotated.status).toBe(204)
    expect(headerOf(rotated, 'secure-session-registration')).toBeUndefined()
    browser.expireBoundCookie()
    expect((await browser.refresh()).status).toBe(200)
    expect((await browser.fetch('GET', '/bff/user')).status).toBe(200)
  })

  test.each([
    ['before', (binding: PluginFactory) => [silentLogin(), binding]],
    ['after', (binding: PluginFactory) => [binding, silentLogin()]],
  ])('A silent sign-in that is listed %s it offers it with its message', async (_order, plugins) => {
    const { bff } = world({ plugins: plugins(deviceBinding()) })
    const browser = new BindingBrowser(bff)
    const started = await browser.navigate('/bff/silent-login', {
      'sec-fetch-site': 'same-origin',
      'sec-fetch-dest': 'iframe',
    })
    const state = new URL(headerOf(started, 'location') ?? '').searchParams.get('state')
    const reply = await browser.navigate(`/bff/callback?code=c&state=${state}`)
    expect((await browser.register(offerIn(reply))).status).toBe(200)
  })
})

describe('a request', () => {
  test('With the bound cookie it passes; without it, after its life or with another value it is 401 and the cookie stays', async () => {
    const { bound, clock, ofType } = bindingWorld()
    const browser = bound()
    await browser.signInBound()
    const thief = browser.stolen()
    await clock.advance(5 * MINUTE)
    expect((await thief.fetch('GET', '/bff/user')).status).toBe(200)

    thief.cookies.delete(BOUND_COOKIE)
    const refused = await thief.fetch('GET', '/bff/user', { 'user-agent': 'Thief/1' })
    expect([refused.status, codeOf(refused), setCookies(refused)]).toEqual([401, 'device_unproven', []])
    expect(ofType('device.unproven')).toMatchObject([
      { reason: 'missing', userId: 'alice', ipAddress: '192.0.2.7', userAgent: 'Thief/1' },
    ])

    thief.cookies.set(BOUND_COOKIE, browser.cookies.get(BOUND_COOKIE)?.replace(/^\d+/, '9999999999999') ?? '')
    expect(codeOf(await thief.fetch('GET', '/bff/user'))).toBe('device_unproven')
    thief.cookies.set(BOUND_COOKIE, 'x')
    expect(codeOf(await thief.fetch('GET', '/bff/user'))).toBe('device_unproven')

    await clock.advance(5 * MINUTE + 31_000)
    expect(codeOf(await browser.fetch('GET', '/bff/user'))).toBe('device_unproven')
    expect(ofType('device.unproven').map((event) => Reflect.get(event, 'reason'))).toEqual([
      'missing',
      'invalid',
      'invalid',
      'expired',
    ])
    await browser.refresh()
    expect((await browser.fetch('GET', '/bff/user')).status).toBe(200)
  })

  test('The bound cookie of one session is worth nothing for another', async () => {
    const { bound, clock } = bindingWorld()
    const [mine, other] = [bound(), bound()]
    await mine.signInBound()
    await other.signInBound()
    await clock.advance(MINUTE)
    mine.cookies.set(BOUND_COOKIE, other.cookies.get(BOUND_COOKIE) ?? '')
    expect((await mine.fetch('GET', '/bff/user')).status).toBe(401)
    expect((await other.fetch('GET', '/bff/user')).status).toBe(200)
  })

  test('Requests that left before the registration landed pass for 30 seconds', async () => {
    const { bound, clock } = bindingWorld()
    const browser = bound()
    await browser.signInBound()
    browser.expireBoundCookie()
    await clock.advance(29_000)
    expect((await browser.fetch('GET', '/bff/user')).status).toBe(200)
    await clock.advance(1_001)
    expect((await browser.fetch('GET', '/bff/user')).status).toBe(401)
  })

  test('A refused session is refused everywhere, is not touched, and can sign out and in', async () => {
    const { bff, bound, clock, events, ofType, store, upstream } = bindingWorld()
    const browser = bound()
    await browser.signInBound()
    const handle = browser.cookies.get(SESSION_COOKIE)?.slice(0, 16) as never
    await clock.advance(60 * MINUTE)
    browser.expireBoundCookie()
    const before = await store.sessions.get(handle)

    expect((await browser.fetch('GET', '/api/orders')).status).toBe(401)
    expect((await browser.send({ ...browser.view('GET', '/api/live'), upgrade: true })).status).toBe(403)
    expect(await bff.getSession(browser.view('GET', '/page'))).toBeNull()
    await expect(bff.requireSession(browser.view('GET', '/page'))).rejects.toMatchObject({
      code: 'device_unproven',
    })
    expect(jsonOf(await browser.fetch('GET', '/bff/session'))).toEqual({
      authenticated: false,
      error: 'device_unproven',
    })
    expect(upstream.requests).toEqual([])
    expect(await store.sessions.get(handle)).toEqual(before)

    events.length = 0
    const out = await browser.fetch('POST', '/bff/logout')
    expect([out.status, setCookies(out).length]).toEqual([200, 1])
    expect((await store.sessions.get(handle))?.revocation).toMatchObject({ reasonCode: 'logout' })
    expect((await browser.signInBound()).status).toBe(200)
    expect((await browser.fetch('GET', '/bff/user')).status).toBe(200)
    expect(ofType('device.unproven')).toEqual([])
  })

  test('A refused session signs out at the provider without its ID token', async () => {
    const hints: (string | null)[] = []
    class HintedProvider extends ScriptedProvider {
      override async exchange() {
        return { ...(await super.exchange()), idToken: 'an-id-token' }
      }
      override async endSessionUrl(asked: {
        readonly state: string | null
        readonly idToken?: string | null
      }) {
        hints.push(asked.idToken ?? null)
        return super.endSessionUrl(asked)
      }
    }
    const { bound, clock } = bindingWorld({}, { provider: new HintedProvider() })
    const browser = bound()
    await browser.signInBound()
    await browser.fetch('POST', '/bff/logout')
    await browser.signInBound()
    browser.cookies.delete(BOUND_COOKIE)
    await clock.advance(MINUTE)
    await browser.fetch('POST', '/bff/logout')
    expect(hints).toEqual(['an-id-token', null])
  })

  test('An outage of the refresh is 503 device_busy, and never a sign-out', async () => {
    const { bff, bound, clock, ofType } = bindingWorld()
    const browser = bound()
    await browser.signInBound()
    await clock.advance(MINUTE)
    browser.expireBoundCookie()
    const skipped = { 'secure-session-skipped': 'unreachable;session_identifier="__Host-bff-device"' }
    for (const path of ['/bff/user', '/bff/session', '/bff/session?slide=false', '/api/orders'])
      expect([path, codeOf(await browser.fetch('GET', path, skipped))]).toEqual([path, 'device_busy'])
    await expect(bff.getSession(browser.view('GET', '/page', skipped))).rejects.toMatchObject({ status: 503 })
    expect(ofType('device.unproven')).toMatchObject(Array(5).fill({ reason: 'skipped' }))
    expect((await browser.fetch('POST', '/bff/logout', skipped)).status).toBe(200)
  })

  test('A process without the key of the bound cookie answers 503', async () => {
    const keys = [randomBytes(32).toString('base64'), randomBytes(32).toString('base64')] as const
    const clock = world().clock
    const store = memoryStore({ clock })
    const old = bindingWorld({}, { store, clock, encryptionKeys: [keys[0]] })
    const browser = old.bound()
    await browser.signInBound()
    await clock.advance(MINUTE)
    const both = bindingWorld({}, { store, clock, encryptionKeys: [keys[1], keys[0]] })
    const view = () => browser.view('GET', '/bff/user')
    expect((await both.bff.handle(view()))?.status).toBe(200)
    const newer = new BindingBrowser(both.bff, browser.key)
    for (const [name, value] of browser.cookies) newer.cookies.set(name, value)
    newer.refreshUrl = browser.refreshUrl
    expect((await newer.refresh()).status).toBe(200)
    browser.cookies.set(BOUND_COOKIE, newer.cookies.get(BOUND_COOKIE) ?? '')
    expect(codeOf((await old.bff.handle(view())) ?? { body: '' })).toBe('key_unavailable')
  })
})

describe('a browser without device binding', () => {
  test('Under prefer it has everything as before', async () => {
    const { browser, clock } = bindingWorld()
    const user = browser()
    await user.signIn()
    await clock.advance(60 * MINUTE)
    expect((await user.fetch('GET', '/bff/user')).status).toBe(200)
  })

  test('Under require it is refused after a minute, with a code that says why', async () => {
    const { browser, bound, clock } = bindingWorld({ mode: 'require' })
    const user = browser()
    await user.signIn()
    await clock.advance(MINUTE - 1)
    expect((await user.fetch('GET', '/bff/user')).status).toBe(200)
    await clock.advance(1)
    const refused = await user.fetch('GET', '/bff/user')
    expect([refused.status, codeOf(refused)]).toEqual([401, 'device_required'])
    expect(jsonOf(await user.fetch('GET', '/bff/session'))).toMatchObject({ error: 'device_required' })
    expect((await bound().signInBound()).status).toBe(200)
  })

  test('Under require a person who follows a link to an API gets a page that does not send them to the sign-in', async () => {
    const upstream = new RecordingUpstream()
    const routes = [{ path: '/api', target: 'https://orders.internal', csrf: 'same-origin' }] as const
    const { browser, clock } = bindingWorld({ mode: 'require' }, { proxy: apiProxy({ routes, upstream }) })
    const user = browser()
    await user.signIn()
    await clock.advance(MINUTE)
    const page = await user.navigate('/api/report.pdf', { 'sec-fetch-site': 'same-origin' })
    expect([page.status, headerOf(page, 'content-type')]).toEqual([401, 'text/html; charset=utf-8'])
    expect(page.body).toContain('needs a browser that binds sessions')
    expect(page.body).not.toContain('href')
  })

  test('On http://localhost nothing is bound, and the operator learns of it', async () => {
    const { bff, binding, events } = bindingWorld({ mode: 'require' }, { origin: 'http://localhost:3000' })
    const { session } = await bff.sessions.create({ userId: 'bob' })
    expect(await binding.offer(session)).toBeNull()
    expect(events).toContainEqual(
      expect.objectContaining({ type: 'config.insecure', option: 'deviceBinding' }),
    )
  })
})

describe('a refresh', () => {
  test('It needs one read and one short-lived write, and a request one read', async () => {
    const clock = world().clock
    const { stores, calls } = counted(memoryStore({ clock }))
    const { bound } = bindingWorld({}, { clock, store: stores })
    const browser = bound()
    await browser.signInBound()
    await clock.advance(MINUTE)
    calls.length = 0
    expect((await browser.fetch('GET', '/bff/user')).status).toBe(200)
    expect(calls).toEqual(['sessions.get'])
    calls.length = 0
    browser.expireBoundCookie()
    expect((await browser.refresh()).status).toBe(200)
    expect(calls).toEqual(['sessions.get', 'ttl.setIfAbsent'])
    browser.challenge = null
    calls.length = 0
    expect((await browser.post(browser.refreshUrl, {})).status).toBe(403)
    expect(calls).toEqual([])
  })

  test('A used challenge, an old one and one of a registration get a new challenge, not a cookie', async () => {
    const { bound, clock } = bindingWorld()
    const browser = bound()
    const offer = offerIn(await browser.signIn())
    await browser.register(offer)
    const proof = browser.key.sign({ jti: browser.challenge })
    expect((await browser.prove(proof)).status).toBe(200)
    for (const jti of [undefined, offer.challenge, browser.challenge?.slice(0, -1), 'made-up']) {
      const again = await browser.prove(jti === undefined ? proof : browser.key.sign({ jti }))
      expect([again.status, setCookies(again)]).toEqual([403, []])
      expect(challengeIn(again)).not.toBe('')
    }
    const { challenge } = browser
    await clock.advance(20 * MINUTE + 1)
    expect((await browser.prove(browser.key.sign({ jti: challenge }))).status).toBe(403)
    clock.step(-40 * MINUTE - 2)
    expect((await browser.prove(browser.key.sign({ jti: challenge }))).status).toBe(403)
  })

  test('A proof by another key is theft with the session cookie, and noise without it', async () => {
    const { bound, ofType } = bindingWorld()
    const browser = bound()
    await browser.signInBound()
    const forged = new SoftwareKey().sign({ jti: browser.challenge })
    expect((await browser.prove(forged)).status).toBe(400)
    expect(ofType('device.theft')).toMatchObject([{ reason: 'other_key', userId: 'alice' }])
    browser.cookies.clear()
    expect((await browser.prove(forged)).status).toBe(400)
    expect(ofType('device.theft')).toHaveLength(1)
    expect(ofType('device.refused')).toMatchObject([{ reason: 'proof' }])
  })

  test('A proof says no other URL than this one', async () => {
    const { bound } = bindingWorld()
    const browser = bound()
    await browser.signInBound()
    const signed = (aud: string) => browser.key.sign({ jti: browser.challenge, aud })
    expect((await browser.prove(signed(`https://other.example${browser.refreshUrl}`))).status).toBe(400)
    expect((await browser.prove(signed(`${ORIGIN}${browser.refreshUrl}`))).status).toBe(200)
  })

  test('Quotes around the proof, as the draft asks for, are accepted', async () => {
    const { bound } = bindingWorld()
    const browser = bound()
    await browser.signInBound()
    expect((await browser.prove(`"${browser.key.sign({ jti: browser.challenge })}"`)).status).toBe(200)
  })

  test('A page of another origin cannot make the browser use up a proof', async () => {
    const { bound } = bindingWorld()
    const browser = bound()
    await browser.signInBound()
    const proof = browser.key.sign({ jti: browser.challenge })
    for (const from of [
      { 'sec-fetch-site': 'cross-site', origin: 'https://evil.example' },
      { 'sec-fetch-site': '', origin: 'https://evil.example' },
    ]) {
      const reply = await browser.post(browser.refreshUrl, { 'secure-session-response': proof, ...from })
      expect([reply.status, codeOf(reply)]).toEqual([403, 'csrf_violation'])
    }
    expect((await browser.prove(proof)).status).toBe(200)
  })

  test('After a sign-out, an expiry or with the cookie of another session the browser drops the binding', async () => {
    const { bound, clock } = bindingWorld()
    const [first, second] = [bound(), bound()]
    await first.signInBound()
    await second.signInBound()
    const own = first.cookies.get(SESSION_COOKIE) ?? ''
    first.cookies.set(SESSION_COOKIE, second.cookies.get(SESSION_COOKIE) ?? '')
    expect((await first.prove(first.key.sign({ jti: first.challenge }))).status).toBe(404)
    first.cookies.set(SESSION_COOKIE, own)
    await first.fetch('POST', '/bff/logout')
    const dropped = await first.prove(first.key.sign({ jti: first.challenge }))
    expect([dropped.status, setCookies(dropped)]).toEqual([404, []])
    await clock.advance(9 * 60 * MINUTE)
    second.challenge = null
    expect((await second.refresh()).status).toBe(404)
  })

  test('A slow store is 503 after three seconds, and a store that fails is 503', async () => {
    const { bound, clock, store } = bindingWorld()
    const browser = bound()
    await browser.signInBound()
    const get = store.sessions.get.bind(store.sessions)
    store.sessions.get = () => new Promise(() => {})
    const began = clock.now()
    expect(codeOf(await clock.run(browser.refresh()))).toBe('device_busy')
    expect(clock.now() - began).toBe(3_000)
    store.sessions.get = async () => {
      throw new BffError('store_unavailable')
    }
    expect((await browser.refresh()).status).toBe(503)
    store.sessions.get = get
    expect((await browser.refresh()).status).toBe(200)
  })

  test('rateLimit() never answers 429 there, whatever its own limits say', async () => {
    const { bound } = bindingWorld(
      {},
      { plugins: [rateLimit({ burst: 1, endpoints: { '/bff/*': { requestsPerMinute: 1, burst: 1 } } })] },
    )
    const browser = bound()
    expect((await browser.signInBound()).status).toBe(200)
    for (let times = 0; times < 30; times++) expect((await browser.refresh()).status).toBe(200)
  })
})

test('No mutated proof is accepted', { timeout: 120_000 }, async () => {
  const { bound } = bindingWorld()
  const browser = bound()
  await browser.signInBound()
  const count = Number(process.env['MUTATED_PROOFS'] ?? 1_000)
  const proof = browser.key.sign({ jti: browser.challenge })
  const other = new SoftwareKey()
  const [head = '', body = '', tail = ''] = proof.split('.')
  const at = mulberry(7)
  const mutate = (text: string): string => {
    const place = at(text.length)
    const symbols = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_.='
    const symbol = symbols[at(symbols.length)] ?? ''
    const kind = at(4)
    if (kind === 0) return text.slice(0, place) + text.slice(place + 1)
    if (kind === 1) return text.slice(0, place) + symbol + text.slice(place)
    if (kind === 2) return text.slice(0, place) + symbol + text.slice(place + 1)
    return text.slice(0, place)
  }
  const jti = browser.challenge
  const hand = [
    `${head}.${body}.`,
    `${Buffer.from('{"alg":"none","typ":"dbsc+jwt"}').toString('base64url')}.${body}.`,
    other.sign({ jti }),
    other.sign({ jti }, { jwk: other.jwk }),
    browser.key.sign({ jti }, { typ: 'JWT' }),
    browser.key.sign({ jti }, { alg: 'HS256' }),
    browser.key.sign({ jti }, { alg: 'RS256' }),
    browser.key.sign({ jti }, { crit: ['b64'] }),
    browser.key.sign({}),
    `${head}.${body}.${Buffer.alloc(64).toString('base64url')}`,
    `${proof}.${tail}`,
    `${head}.${body}.${tail}=`,
    'x'.repeat(10_000),
    '',
  ]
  let tried = 0
  const refuses = async (mutant: string) => {
    if (mutant === proof) return
    tried += 1
    const reply = await browser.post(browser.refreshUrl, { 'secure-session-response': mutant })
    expect([mutant, reply.status === 400 || reply.status === 403, setCookies(reply)]).toEqual([
      mutant,
      true,
      [],
    ])
  }
  for (const mutant of hand) await refuses(mutant)
  while (tried < count) await refuses(mutate(proof))
  expect((await browser.prove(proof)).status).toBe(200)
})

test.each([
  [{ proofLifeMs: 299_999 }, 'proofLifeMs'],
  [{ cookieName: '__Host-Http-device' }, 'cookieName'],
  [{ mode: 'always' }, 'mode'],
  [{ exclude: ['assets'] }, 'exclude'],
  [{ life: 1 }, 'life'],
])('deviceBinding(%o) names the wrong option', (options, name) => {
  expect(() => deviceBinding(options as DeviceBindingOptions)).toThrow(name)
})

/** A wait that is longer than a browser waits, and when it has begun: a signature takes real time before. */
function fourSeconds() {
  const { opened, open } = gate()
  const wait = (clock: Clock): Promise<void> => {
    open()
    return clock.sleep(4_000)
  }
  return { begun: opened, wait }
}

function counted(store: Stores): { stores: Stores; calls: string[] } {
  const calls: string[] = []
  const noting = <T extends object>(part: string, target: T): T =>
    new Proxy(target, {
      get(from, name) {
        const member = Reflect.get(from, name)
        if (typeof member !== 'function') return member
        return (...args: unknown[]) => {
          calls.push(`${part}.${String(name)}`)
          return member.apply(from, args)
        }
      },
    })
  return {
    stores: { ...store, sessions: noting('sessions', store.sessions), ttl: noting('ttl', store.ttl) },
    calls,
  }
}

/** Numbers below a bound, the same in every run. */
function mulberry(seed: number) {
  let state = seed
  return (below: number): number => {
    state = (state + 0x6d2b79f5) | 0
    let t = Math.imul(state ^ (state >>> 15), 1 | state)
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t
    return Math.floor((((t ^ (t >>> 14)) >>> 0) / 4294967296) * below)
  }
}
