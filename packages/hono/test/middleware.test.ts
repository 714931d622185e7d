import { type BffEvent, createBff } from '@bff/core'
import { memoryStore } from '@bff/store-memory'
import { testOptions } from '@bff/test-support/options'
import { Hono } from 'hono'
import { HTTPException } from 'hono/http-exception'
import { describe, expect, expectTypeOf, it } from 'vitest'
import { type HonoBffOptions, honoBff } from '../src/index.ts'

const ORIGIN = 'https://app.example.com'
const CSRF = { 'x-csrf': '1' }

interface Plan {
  readonly plan: string
}

function bffOf(basePath = '/bff') {
  const events: BffEvent[] = []
  const bff = createBff<Plan>({
    origin: ORIGIN,
    basePath,
    cookie: { name: `__Host-Http-${basePath.slice(1)}` },
    store: memoryStore(),
    encryptionKeys: [Buffer.alloc(32, 7).toString('base64')],
    onEvent: (event) => events.push(event),
  })
  return { bff, events }
}

/** Signs a user in without a provider; returns the cookie header. */
async function signIn({ bff }: ReturnType<typeof bffOf>, userId: string, plan = 'free') {
  const { cookie } = await bff.sessions.create({ userId, metadata: { plan } })
  return cookie.split(';', 1)[0] ?? ''
}

describe('requireSession', () => {
  it('types the session of the routes behind it, and of no other route', async () => {
    const world = bffOf()
    const { requireSession, optionalSession } = honoBff(world.bff)
    const app = new Hono()
    app.get('/plan', requireSession(), (c) => {
      expectTypeOf(c.var.session.metadata).toEqualTypeOf<Plan>()
      return c.text(c.var.session.metadata.plan)
    })
    app.get('/maybe', optionalSession(), (c) => {
      expectTypeOf(c.var.session?.metadata).toEqualTypeOf<Plan | undefined>()
      return c.text(c.var.session?.metadata.plan ?? 'none')
    })
    app.get('/open', (c) => {
      // @ts-expect-error: this route has no guard, so it has no session.
      return c.json({ session: c.var.session ?? null })
    })
    const cookie = await signIn(world, 'alice', 'gold')
    expect(await (await app.request('/plan', { headers: { cookie, ...CSRF } })).text()).toBe('gold')
    expect(await (await app.request('/maybe', { headers: { cookie } })).text()).toBe('gold')
    expect(await (await app.request('/maybe')).text()).toBe('none')
    expect(await (await app.request('/open', { headers: { cookie } })).json()).toEqual({ session: null })
    await world.bff.close()
  })

  it('refuses an unknown option with its name', () => {
    const { requireSession, optionalSession } = honoBff(bffOf().bff)
    const wrong = { scrf: false }
    expect(() => requireSession(wrong as never)).toThrow(/scrf/)
    expect(() => optionalSession(wrong as never)).toThrow(/scrf/)
    expect(() => honoBff(bffOf().bff, { address: () => '' } as never)).toThrow(/address/)
  })
})

describe('getSession', () => {
  it('reads the session of each of two BFFs on one request', async () => {
    const [one, two] = [bffOf('/one'), bffOf('/two')]
    const [first, second] = [honoBff(one.bff), honoBff(two.bff)]
    const app = new Hono()
    app.use(first.handler)
    app.use(second.handler)
    app.get('/who', first.requireSession(), second.requireSession(), async (c) =>
      c.json([
        (await first.getSession(c))?.userId,
        (await second.getSession(c))?.userId,
        c.var.session.userId,
      ]),
    )
    const cookie = `${await signIn(one, 'alice')}; ${await signIn(two, 'bob')}`
    const answer = await app.request('/who', { headers: { cookie, ...CSRF } })
    expect(await answer.json()).toEqual(['alice', 'bob', 'bob'])
    expect((await app.request('/two/session', { headers: { cookie, ...CSRF } })).status).toBe(200)
    await Promise.all([one.bff.close(), two.bff.close()])
  })
})

describe('errorHandler', () => {
  it('answers errors of the BFF, of Hono and of the app', async () => {
    const world = bffOf()
    const { getSession, errorHandler } = honoBff(world.bff)
    const app = new Hono()
    const cause = new Error('the app broke')
    app.get('/bff-error', async (c) => c.json(await getSession(c, { csrf: true })))
    app.get('/teapot', () => {
      throw new HTTPException(418, { message: 'a teapot' })
    })
    app.get('/broken', () => {
      throw cause
    })
    app.onError(errorHandler)
    const refused = await app.request('/bff-error')
    expect([refused.status, await refused.json()]).toMatchObject([403, { error: 'csrf_violation' }])
    const teapot = await app.request('/teapot')
    expect([teapot.status, await teapot.text()]).toEqual([418, 'a teapot'])
    const broken = await app.request('/broken')
    expect(broken.status).toBe(500)
    expect(await broken.text()).not.toContain('broke')
    expect(world.events).toContainEqual(expect.objectContaining({ type: 'request.failed', cause }))
    await world.bff.close()
  })
})

async function addressSeen(options: HonoBffOptions, env?: object): Promise<string | undefined> {
  let seen: string | undefined
  const bff = createBff({
    origin: ORIGIN,
    store: memoryStore(),
    encryptionKeys: [Buffer.alloc(32, 7).toString('base64')],
    onEvent: () => {},
    hooks: {
      onNoSession: ({ remoteAddress }) => {
        seen = remoteAddress
      },
    },
  })
  const { requireSession } = honoBff(bff, options)
  const app = new Hono()
  app.get('/', requireSession(), (c) => c.text('in'))
  expect((await app.request('/', { headers: CSRF }, env)).status).toBe(401)
  await bff.close()
  return seen
}

testOptions<HonoBffOptions>('HonoBffOptions', {
  remoteAddress: {
    set: () => '192.0.2.8',
    see: (options) => addressSeen(options),
    shows: [undefined, '192.0.2.8'],
  },
})

it('takes the address from the Node server', async () => {
  const env = { incoming: { url: '/', socket: { remoteAddress: '192.0.2.7' } } }
  expect(await addressSeen({}, env)).toBe('192.0.2.7')
})
