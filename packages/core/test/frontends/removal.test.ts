import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { describe, expect, test } from 'vitest'
import type { BffConfig, Reply } from '../../src/index.ts'
import { apiProxy, type Upstream } from '../../src/proxy/index.ts'
import { delegate } from '../../src/store/delegate.ts'
import { jsonOf } from '../world.ts'
import { several, signIn, view, whoIs } from './world.ts'

const SHOP = 'https://shop.example.com'
const HOST = 'shop.example.com'

/** An API whose response bodies the test writes. */
class SlowApi implements Upstream {
  closed = 0
  push: (chunk: string | null) => void = () => {}

  async send({ signal }: { readonly signal: AbortSignal }) {
    const chunks: Array<string | null> = []
    let wake = () => {}
    this.push = (chunk) => {
      chunks.push(chunk)
      wake()
    }
    signal.addEventListener('abort', () => wake())
    async function* body() {
      for (;;) {
        while (chunks.length === 0) {
          signal.throwIfAborted()
          await new Promise<void>((resolve) => {
            wake = resolve
          })
        }
        const chunk = chunks.shift()
        if (chunk === null || chunk === undefined) return
        yield new TextEncoder().encode(chunk)
      }
    }
    return { status: 200, headers: [['content-type', 'text/event-stream'] as const], body: body() }
  }

  async close() {
    this.closed++
  }
}

async function withSlowApi() {
  const world = several()
  const api = new SlowApi()
  const { all, config, clock } = world
  const slow = (given: Partial<BffConfig> = {}) =>
    config(SHOP, {
      basePath: '/slow/bff',
      proxy: apiProxy({ routes: [{ path: '/slow/api', target: 'https://api.internal' }], upstream: api }),
      ...given,
    })
  const main = all.add('main', config(SHOP))
  const bff = all.add('slow', slow())
  const cookie = `${await signIn(bff, 'sam')}; ${await signIn(main, 'mia')}`
  const ask = (path: string) => all.handle(view(HOST, path, { cookie }))
  const begin = async () => {
    const reply = (await ask('/slow/api/events')) as Reply
    return (reply.body as AsyncIterable<Uint8Array>)[Symbol.asyncIterator]()
  }
  return { ...world, api, slow, bff, cookie, ask, begin, all, clock }
}

const settled = async (promise: Promise<unknown>) => {
  const pending = Symbol('pending')
  return (await Promise.race([promise, new Promise((resolve) => setImmediate(resolve, pending))])) !== pending
}

describe('removing a frontend', () => {
  test('waits for a response under way; new requests are refused meanwhile, and its neighbours answer', async () => {
    const { all, api, cookie, ask, begin } = await withSlowApi()
    const events = await begin()
    const removed = all.remove('slow')
    const again = all.remove('slow')
    expect(await ask('/slow/bff/session')).toMatchObject({ status: 503 })
    expect(jsonOf((await ask('/slow/api/orders')) as Reply).error).toBe('shutting_down')
    expect(ask('/slow/page')).toBeUndefined()
    expect(await whoIs(all, view(HOST, '/slow/page', { cookie }))).toBe('shutting_down')
    expect(await whoIs(all, view(HOST, '/page', { cookie }))).toBe('mia')
    expect([all.get('slow'), all.names, all.bffFor(view(HOST, '/slow'))]).toEqual([null, ['main'], null])
    expect([await settled(removed), await settled(again), api.closed]).toEqual([false, false, 0])
    api.push('last')
    expect(new TextDecoder().decode((await events.next()).value)).toBe('last')
    expect(await settled(removed)).toBe(false)
    api.push(null)
    expect((await events.next()).done).toBe(true)
    expect([await removed, await again, api.closed]).toEqual([true, true, 1])
    expect(ask('/slow/bff/session')).toBeUndefined()
    expect(await all.remove('slow')).toBe(false)
  })

  test('ends an event stream that outlasts drainMs', async () => {
    const { all, api, clock, begin } = await withSlowApi()
    const events = await begin()
    const next = expect(events.next()).rejects.toMatchObject({ code: 'shutting_down' })
    const removed = all.remove('slow')
    await clock.advance(9_999)
    expect(await settled(removed)).toBe(false)
    await clock.advance(1)
    expect(await removed).toBe(true)
    expect(api.closed).toBe(1)
    await next
  })

  test('a client that leaves its response counts as its end', async () => {
    const { all, begin } = await withSlowApi()
    const events = await begin()
    const removed = all.remove('slow')
    await events.return?.()
    expect(await removed).toBe(true)
  })

  test('waits for a session that is being read', async () => {
    const { all, config, store } = several()
    let answer = () => {}
    const reading = new Promise<void>((resolve) => {
      answer = resolve
    })
    const get: typeof store.sessions.get = async (handle) => {
      await reading
      return store.sessions.get(handle)
    }
    const slow = { ...store, sessions: { ...delegate(store.sessions), get } }
    const cookie = await signIn(all.add('main', config(SHOP, { store: slow })), 'alice')
    const user = whoIs(all, view(HOST, '/', { cookie }))
    const removed = all.remove('main')
    expect(await settled(removed)).toBe(false)
    answer()
    expect([await user, await removed]).toEqual(['alice', true])
  })

  test('closes nothing shared, and its sessions are there when it is added again', async () => {
    const { all, config, store } = several()
    all.add('main', config(SHOP))
    const cookie = await signIn(all.get('main'), 'alice')
    const admin = config(SHOP, { basePath: '/admin/bff' })
    const adminCookie = await signIn(all.add('admin', admin), 'bob')
    expect(await all.remove('admin')).toBe(true)
    await store.sessions.ping()
    expect(await whoIs(all, view(HOST, '/', { cookie }))).toBe('alice')
    all.add('admin', admin)
    expect(await whoIs(all, view(HOST, '/admin', { cookie: adminCookie }))).toBe('bob')
    await all.close()
    await store.sessions.ping()
  })

  test('leaves nothing behind: those that came and went are collected', async () => {
    setFlagsFromString('--expose-gc')
    const gc = runInNewContext('gc') as () => void
    const { all, config } = several()
    const gone: WeakRef<object>[] = []
    for (let at = 0; at < 60; at++) {
      gone.push(new WeakRef(all.add('tenant', config(`https://t${at}.example.com`, { basePath: '/t/bff' }))))
      expect(await whoIs(all, view(`t${at}.example.com`, '/t'))).toBe('no_session')
      if (at % 2 === 0) await all.remove('tenant')
      else {
        await all.replace('tenant', config(`https://u${at}.example.com`))
        await all.remove('tenant')
      }
    }
    await new Promise((resolve) => setImmediate(resolve))
    gc()
    expect(gone.filter((one) => one.deref() !== undefined).length).toBeLessThan(3)
    expect(all.names).toEqual([])
    expect(await whoIs(all, view('t1.example.com', '/t'))).toBe('unknown_origin')
  })
})

describe('replacing a frontend', () => {
  test('new requests find the new BFF at once, and those under way end at the earlier one', async () => {
    const { all, api, bff, slow, cookie, begin } = await withSlowApi()
    const events = await begin()
    const replaced = all.replace('slow', slow({ csrf: { headerValue: '1' } }))
    expect(all.get('slow')).not.toBe(bff)
    expect(await whoIs(all, view(HOST, '/slow/page', { cookie }))).toBe('sam')
    expect([await settled(replaced), api.closed]).toEqual([false, 0])
    api.push(null)
    expect((await events.next()).done).toBe(true)
    await replaced
    expect([api.closed, await whoIs(all, view(HOST, '/slow/page', { cookie }))]).toEqual([1, 'sam'])
  })

  test('moves it to another path, and a removal under way does not take the new one', async () => {
    const { all, config, begin, api } = await withSlowApi()
    const events = await begin()
    const removed = all.remove('slow')
    const replaced = all.replace('slow', config(SHOP, { basePath: '/fast/bff' }))
    api.push(null)
    await events.next()
    await Promise.all([removed, replaced])
    expect(all.names).toEqual(['main', 'slow'])
    const cookie = await signIn(all.get('slow'), 'fay')
    expect(await whoIs(all, view(HOST, '/fast', { cookie }))).toBe('fay')
    expect(await whoIs(all, view(HOST, '/slow', { cookie }))).toBe('no_session')
  })

  test('is refused where adding would be, and the earlier one stays', async () => {
    const { all, config } = several()
    const main = all.add('main', config(SHOP))
    all.add('admin', config(SHOP, { basePath: '/admin/bff' }))
    await expect(all.replace('none', config(SHOP))).rejects.toMatchObject({ code: 'invalid_argument' })
    await expect(all.replace('main', main)).rejects.toMatchObject({ code: 'invalid_argument' })
    await expect(all.replace('main', config(SHOP, { basePath: '/admin/bff' }))).rejects.toMatchObject({
      code: 'invalid_config',
    })
    expect(all.get('main')).toBe(main)
    expect(await all.handle(view(HOST, '/bff/session'))).toMatchObject({ status: 200 })
  })
})

test('under load each answer is of the frontend that was asked, or a refusal', async () => {
  const { all, config } = several()
  const names = ['a', 'b', 'c', 'd']
  const configOf = (name: string) =>
    name === 'a'
      ? config(SHOP)
      : config(name === 'd' ? 'https://d.example.com' : SHOP, { basePath: `/${name}/bff` })
  const placeOf = (name: string) =>
    [name === 'd' ? 'd.example.com' : HOST, name === 'a' ? '' : `/${name}`] as const
  const cookies: string[] = []
  for (const name of names) cookies.push(await signIn(all.add(name, configOf(name)), name))
  const cookie = cookies.join('; ')
  const seen = new Map<string, number>()
  let isOver = false

  async function ask(name: string): Promise<void> {
    const [host, path] = placeOf(name)
    for (let at = 0; !isOver; at++) {
      const reply = all.handle(view(host, `${path}/bff/session`, { cookie }))
      const { status = 0, body = '' } = (await reply) ?? {}
      const user = status === 200 ? JSON.parse(String(body)).user_id : status
      const guarded = await whoIs(all, view(host, `${path}/page`, { cookie }))
      for (const one of [`${name}: ${user}`, `${name}: ${guarded}`]) seen.set(one, (seen.get(one) ?? 0) + 1)
      if (at % 10 === 0) await new Promise((resolve) => setImmediate(resolve))
    }
  }

  const load = names.map(ask)
  for (let round = 0; round < 18; round++) {
    const name = names[1 + (round % 3)] ?? ''
    await (round % 2 === 0 ? all.replace(name, configOf(name)) : all.remove(name))
    await new Promise((resolve) => setImmediate(resolve))
    if (all.get(name) === null) all.add(name, configOf(name))
  }
  isOver = true
  await Promise.all(load)
  const crossed = [...seen.keys()].filter((one) => {
    const [name, user] = one.split(': ')
    return user !== name && !/^(0|503|shutting_down|unknown_origin|no_session)$/.test(user ?? '')
  })
  // While one is removed, its pages are those of the frontend above it: in which its user is not signed in, but that one’s is.
  expect(crossed.filter((one) => !/^[bc]: a$/.test(one))).toEqual([])
  expect([...seen.keys()].filter((one) => one.startsWith('a: '))).toEqual(['a: a'])
})

describe('errors', () => {
  test('are reported to the frontend that threw them, and others to the sink of all', async () => {
    const own: string[] = []
    const { all, config, store, events } = several()
    const get = async () => {
      throw new Error('The store is down.')
    }
    const broken = { ...store, sessions: { ...delegate(store.sessions), get } }
    const onEvent = ({ type }: { readonly type: string }) => void own.push(type)
    const bff = all.add('main', config(SHOP, { store: broken, onEvent }))
    const cookie = await signIn(bff, 'alice')
    own.length = 0
    const error = await all.requireSession(view(HOST, '/', { cookie })).catch((cause: unknown) => cause)
    expect(all.errorReply(error).status).toBeGreaterThanOrEqual(500)
    expect([own.length, events]).toEqual([1, []])
    expect(all.errorReply(new Error('A fault of the app.')).status).toBe(500)
    expect([own.length, events.map(({ type }) => type)]).toEqual([1, ['request.failed']])
    expect(all.errorReply(null).status).toBe(500)
  })
})

test('closing closes every frontend once, and nothing is added any more', async () => {
  const { all, config } = several()
  all.add('main', config(SHOP))
  await all.only('main').close()
  expect(all.names).toEqual(['main'])
  await Promise.all([all.close(), all.close()])
  expect(await all.handle(view(HOST, '/bff/session'))).toMatchObject({ status: 503 })
  expect(await whoIs(all, view(HOST, '/'))).toBe('shutting_down')
  expect(() => all.add('late', config('https://late.example.com'))).toThrow(
    expect.objectContaining({ code: 'shutting_down' }),
  )
})
