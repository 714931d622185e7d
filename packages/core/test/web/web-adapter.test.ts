import { beforeEach, describe, expect, it } from 'vitest'
import { memoryStore } from '../../../store-memory/src/index.ts'
import { BffError, createBff, generateEncryptionKey, webRequestView, webResponse } from '../../src/index.ts'
import { webAdapter } from '../../src/web/index.ts'

const ORIGIN = 'https://app.example.com'
const OWN = { 'sec-fetch-site': 'same-origin', origin: ORIGIN }
const FOREIGN = { 'sec-fetch-site': 'cross-site', origin: 'https://evil.example' }

let reads: number
let isDown: boolean
let bff: ReturnType<typeof makeBff>
let cookie: string
beforeEach(async () => {
  reads = 0
  isDown = false
  bff = makeBff()
  const issued = await bff.sessions.create({ userId: 'alice' })
  cookie = issued.cookie.split(';', 1)[0] ?? ''
})

function makeBff() {
  const store = memoryStore()
  const { get } = store.sessions
  store.sessions.get = (handle) => {
    reads++
    if (isDown) throw new BffError('store_unavailable')
    return get.call(store.sessions, handle)
  }
  return createBff({
    origin: ORIGIN,
    store,
    encryptionKeys: [generateEncryptionKey()],
    onEvent: () => {},
  })
}

/** An adapter of a framework that throws responses. */
const adapterOf = (create: () => typeof bff = () => bff) =>
  webAdapter(create, {
    requestOf: (request: Request) => request,
    makeView: (request) => webRequestView(request),
    urlOf: ({ url }) => new URL(url),
    refuse({ error, reply, signIn }) {
      throw signIn === null ? webResponse(reply) : `${error.code} ${signIn}`
    },
  })

const requestOf = (init: RequestInit = {}, path = '/account?tab=orders') => new Request(ORIGIN + path, init)
const asAlice = (init: RequestInit = {}) =>
  requestOf({ ...init, headers: { cookie, ...(init.headers as Record<string, string>) } })

const thrownBy = (promise: Promise<unknown>) =>
  promise.then(
    () => 'nothing',
    (cause: unknown) => (cause instanceof Response ? cause.status : cause),
  )

describe('requireSession', () => {
  it('returns the session of a page, with one read of the store for all parts of a request', async () => {
    const { handle, getSession, requireSession } = adapterOf()
    const request = asAlice()
    expect(await handle(request)).toBeUndefined()
    expect((await requireSession(request)).userId).toBe('alice')
    expect((await getSession(request))?.userId).toBe('alice')
    expect(reads).toBe(1)
  })

  it('refuses a page without a session with the sign-in that returns to it, and a form with the one of its page', async () => {
    const { requireSession } = adapterOf()
    expect(await thrownBy(requireSession(requestOf()))).toBe(
      'no_session /bff/login?returnTo=%2Faccount%3Ftab%3Dorders',
    )
    const form = requestOf({ method: 'POST', headers: OWN })
    expect(await thrownBy(requireSession(form))).toBe('no_session /bff/login?returnTo=%2Faccount')
  })

  it('refuses the form of another site, and offers no sign-in for it', async () => {
    const { requireSession } = adapterOf()
    expect(await thrownBy(requireSession(asAlice({ method: 'POST', headers: FOREIGN })))).toBe(403)
    expect(await thrownBy(requireSession(asAlice({ method: 'POST' })))).toBe(403)
    expect(await thrownBy(requireSession(asAlice({ method: 'POST', headers: OWN })))).toBe('nothing')
  })

  it('offers no sign-in in an outage', async () => {
    isDown = true
    const { getSession, requireSession } = adapterOf()
    expect(await thrownBy(requireSession(asAlice()))).toBe(503)
    expect(await thrownBy(getSession(asAlice()))).toBe(503)
  })
})

describe('withSession', () => {
  const answer = (_request: Request, { userId }: { readonly userId: string }) => new Response(userId)

  it('checks the CSRF header and requires a session', async () => {
    const endpoint = adapterOf().withSession(answer)
    expect((await endpoint(asAlice())).status).toBe(403)
    expect((await endpoint(requestOf({ headers: { 'x-csrf': '1' } }))).status).toBe(401)
    expect(await (await endpoint(asAlice({ headers: { 'x-csrf': '1' } }))).text()).toBe('alice')
  })

  it('answers a BffError of the handler as the BFF does, and passes all else on', async () => {
    const { withSession } = adapterOf()
    const request = () => asAlice({ headers: { 'x-csrf': '1' } })
    const refusing = withSession(() => Promise.reject(new BffError('not_found')))
    expect((await refusing(request())).status).toBe(404)
    const redirect = Response.redirect(ORIGIN)
    await expect(withSession(() => Promise.reject(redirect))(request())).rejects.toBe(redirect)
  })
})

describe('checkForm', () => {
  const post = (headers: Record<string, string>) => asAlice({ method: 'POST', headers, body: 'a=1' })

  it.each(['application/x-www-form-urlencoded', 'TEXT/Plain; charset=utf-8', ''])(
    'refuses a form of another site as %s',
    async (type) => {
      const { checkForm } = adapterOf()
      expect((await checkForm(post({ ...FOREIGN, 'content-type': type })))?.status).toBe(403)
      expect(await checkForm(post({ ...OWN, 'content-type': type }))).toBeUndefined()
    },
  )

  it('leaves alone what needs a CORS preflight, and what changes nothing', async () => {
    const { checkForm } = adapterOf()
    expect(await checkForm(post({ ...FOREIGN, 'content-type': 'application/json' }))).toBeUndefined()
    expect(await checkForm(requestOf({ headers: FOREIGN }))).toBeUndefined()
  })
})

describe('handle', () => {
  it('answers the paths of the BFF, and no other', async () => {
    const { handle } = adapterOf()
    const session = await handle(requestOf({ headers: { cookie, 'x-csrf': '1' } }, '/bff/session'))
    expect(await session?.json()).toMatchObject({ authenticated: true })
    expect(await handle(requestOf())).toBeUndefined()
  })
})

describe('bff', () => {
  it('is made at the first use, once, and again after a failure', async () => {
    let made = 0
    const adapter = adapterOf(() => {
      made++
      if (made === 1) throw new Error('The database is not there yet.')
      return bff
    })
    expect(made).toBe(0)
    await expect(adapter.bff()).rejects.toThrow('not there yet')
    expect(await Promise.all([adapter.bff(), adapter.bff()])).toEqual([bff, bff])
    expect(made).toBe(2)
  })
})
