import { once } from 'node:events'
import type { AddressInfo } from 'node:net'
import { BffError, createBff } from '@bff/core'
import { memoryStore } from '@bff/store-memory'
import Koa from 'koa'
import { expect, expectTypeOf, it, onTestFinished } from 'vitest'
import { koaBff } from '../src/index.ts'

interface Plan {
  readonly plan: string
}

function bffOf(basePath = '/bff') {
  const bff = createBff<Plan>({
    origin: 'https://app.example.com',
    basePath,
    cookie: { name: `__Host-Http-${basePath.slice(1)}` },
    store: memoryStore(),
    encryptionKeys: [Buffer.alloc(32, 7).toString('base64')],
    onEvent: () => {},
  })
  onTestFinished(() => bff.close())
  return bff
}

async function signIn(bff: ReturnType<typeof bffOf>, userId: string) {
  const { cookie } = await bff.sessions.create({ userId, metadata: { plan: 'gold' } })
  return cookie.split(';', 1)[0] ?? ''
}

async function ask(app: Koa, headers: Record<string, string> = {}) {
  app.silent = true
  const server = app.listen(0, '127.0.0.1')
  onTestFinished(() => void server.close())
  await once(server, 'listening')
  return fetch(`http://127.0.0.1:${(server.address() as AddressInfo).port}/`, {
    headers: { 'x-csrf': '1', ...headers },
  })
}

it('The session of a route has the metadata type of its BFF, and two BFFs keep theirs apart', async () => {
  const [one, two] = [bffOf('/one'), bffOf('/two')]
  const [first, second] = [koaBff(one), koaBff(two)]
  const app = new Koa()
  for (const part of [first.handler, second.handler, first.requireSession(), second.optionalSession()])
    app.use(part)
  app.use((ctx) => {
    expectTypeOf(first.sessionOf(ctx).metadata).toEqualTypeOf<Plan>()
    ctx.body = [first.sessionOf(ctx).userId, second.getSession(ctx)?.userId]
  })
  const cookie = `${await signIn(one, 'alice')}; ${await signIn(two, 'bob')}`
  expect(await (await ask(app, { cookie })).json()).toEqual(['alice', 'bob'])
})

it('A BffError of a route is answered as the BFF does, with the headers that middleware set', async () => {
  const { handler } = koaBff(bffOf())
  const app = new Koa()
  app.use(async (ctx, next) => {
    ctx.set('x-own', 'yes')
    await next()
  })
  app.use(handler)
  app.use(() => {
    throw new BffError('provider_unavailable')
  })
  const response = await ask(app)
  expect([response.status, response.headers.get('x-own')]).toEqual([503, 'yes'])
  expect(await response.json()).toMatchObject({ error: 'provider_unavailable' })
})

it('An error of the app is Koa’s to answer', async () => {
  const { handler } = koaBff(bffOf())
  const app = new Koa()
  app.use(handler)
  app.use((ctx) => ctx.throw(418, 'a teapot'))
  const response = await ask(app)
  expect([response.status, await response.text()]).toEqual([418, 'a teapot'])
})

it('A session that is read without a guard is an error, also on a route for visitors', async () => {
  const bff = bffOf()
  const { handler, getSession, optionalSession, sessionOf } = koaBff(bff)
  const unguarded = new Koa()
  unguarded.use(handler)
  unguarded.use((ctx) => void getSession(ctx))
  expect((await ask(unguarded)).status).toBe(500)
  const visitors = new Koa()
  visitors.use(handler)
  visitors.use(optionalSession())
  visitors.use((ctx) => void sessionOf(ctx))
  expect(await (await ask(visitors)).json()).toMatchObject({ error: 'invalid_argument' })
})

it('An unknown option of a guard is refused with its name', () => {
  const { requireSession, optionalSession } = koaBff(bffOf())
  expect(() => requireSession({ scrf: false } as never)).toThrow(/scrf/)
  expect(() => optionalSession({ scrf: false } as never)).toThrow(/scrf/)
})
