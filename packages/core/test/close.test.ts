import { manualClock } from '@bff/test-support/clock'
import { expect, test } from 'vitest'
import { memoryStore } from '../../store-memory/src/index.ts'
import { type BffError, createParts, generateEncryptionKey } from '../src/index.ts'
import { jsonOf, ORIGIN, request, world } from './world.ts'

function gate() {
  let open = () => {}
  const opened = new Promise<void>((resolve) => {
    open = resolve
  })
  return { opened, open }
}

/** A browser whose refresh is under way at a provider that answers when the test says so. */
async function refreshing(how: 'api' | 'refresh' | 'tokens') {
  const all = world()
  const user = all.browser()
  await user.signIn()
  await all.clock.advance(61_000)
  const asked = gate()
  const answer = gate()
  all.provider.onRefresh = async () => {
    asked.open()
    await answer.opened
  }
  const calls = {
    api: () => user.fetch('GET', '/api/orders'),
    refresh: () => user.fetch('POST', '/bff/refresh'),
    tokens: async () => (await all.bff.getSession(user.view('GET', '/')))?.tokens(),
  }
  const outcome = calls[how]().then(
    () => 'done',
    (error: BffError) => error.code,
  )
  await asked.opened
  return { ...all, user, outcome, answer }
}

test.each(['api', 'refresh', 'tokens'] as const)(
  'closing waits for a refresh under way and stores its tokens: %s',
  async (how) => {
    const { bff, store, answer, clock, outcome } = await refreshing(how)
    const updates: unknown[] = []
    const { update } = store.sessions
    store.sessions.update = async (...args) => {
      const written = await update.apply(store.sessions, args)
      updates.push(written?.version)
      return written
    }
    let isClosed = false
    const closed = bff.close().then(() => {
      isClosed = true
    })
    await clock.advance(5_000)
    expect(isClosed).toBe(false)
    answer.open()
    await closed
    expect([await outcome, updates]).toEqual(['done', [2]])
    expect(clock.sleepers).toBe(0)
  },
)

test('closing waits for a sign-in under way', async () => {
  const { bff, browser, provider, clock } = world()
  const asked = gate()
  const answer = gate()
  provider.onExchange = async () => {
    asked.open()
    await answer.opened
  }
  const user = browser()
  const signedIn = user.signIn()
  await asked.opened
  const closed = bff.close()
  await clock.settle()
  answer.open()
  expect((await signedIn).status).toBeLessThan(400)
  expect([...user.cookies.keys()]).toContain('__Host-Http-bff')
  await closed
})

test('closing waits no longer than a lease lasts', async () => {
  const { bff, clock } = await refreshing('api')
  let isClosed = false
  const closed = bff.close().then(() => {
    isClosed = true
  })
  await clock.advance(29_999)
  expect(isClosed).toBe(false)
  await clock.advance(1)
  await closed
})

test('what comes once closing has begun is 503 shutting_down, and asks the provider for nothing', async () => {
  const { bff, browser, user, provider, clock, answer, outcome } = await refreshing('api')
  const other = browser()
  const calls = provider.calls.length
  const closed = bff.close()
  const targets = ['/bff/session', '/bff/refresh', '/api/orders', '/bff/login'] as const
  for (const target of targets) {
    const reply = await other.fetch(target === '/bff/refresh' ? 'POST' : 'GET', target)
    expect([target, reply.status, jsonOf(reply).error]).toEqual([target, 503, 'shutting_down'])
  }
  expect(bff.handle(request('GET', '/orders'))).toBeUndefined()
  expect(provider.calls).toHaveLength(calls)
  answer.open()
  await clock.settle()
  await closed
  expect(await outcome).toBe('done')
  const view = user.view('GET', '/orders')
  await expect(bff.getSession(view)).rejects.toMatchObject({ code: 'shutting_down' })
  await expect(bff.requireSession(view)).rejects.toMatchObject({ code: 'shutting_down' })
})

test('a request that waits for the refresh of another process gives up when its own process closes', async () => {
  const { bff, store, user, clock, provider } = await (async () => {
    const all = world()
    const signedIn = all.browser()
    await signedIn.signIn()
    await all.clock.advance(61_000)
    return { ...all, user: signedIn }
  })()
  const handle = user.cookies.get('__Host-Http-bff')?.slice(0, 16)
  await store.ttl.set(`refresh:${handle}`, 'another process', 60_000)
  const reply = user.fetch('GET', '/api/orders')
  await clock.settle()
  const closed = bff.close()
  await clock.advance(1_000)
  expect(jsonOf(await reply).error).toBe('shutting_down')
  await closed
  expect(provider.calls).not.toContain('refresh')
})

test('closing twice closes once', async () => {
  let closes = 0
  const { bff } = world({ plugins: [() => ({ close: async () => void closes++ })] })
  await Promise.all([bff.close(), bff.close()])
  await bff.close()
  expect(closes).toBe(1)
})

test('closing waits for events that the bus is taking, before the stores close [LOG-05]', async () => {
  const { bff, store, clock } = world()
  const sent = gate()
  const steps: string[] = []
  store.events.publish = async (topic) => {
    await sent.opened
    steps.push(topic)
  }
  const { close } = store.sessions
  store.sessions.close = async () => {
    steps.push('closed')
    await close.call(store.sessions)
  }
  const { session } = await bff.sessions.create({ userId: 'alice' })
  await bff.sessions.revoke(session.handle)
  const closed = bff.close()
  await clock.advance(4_000)
  expect(steps).toEqual([])
  sent.open()
  await closed
  expect(steps).toEqual(['session.created', 'session.revoked', 'closed'])
  expect(clock.sleepers).toBe(0)
})

test('closing waits for the work of a subscriber in this process, also without a bus between processes', async () => {
  const { bff, store, clock } = world()
  const written = gate()
  const steps: string[] = []
  await store.events.subscribe('session.created', async () => {
    await written.opened
    steps.push('written')
  })
  await bff.sessions.create({ userId: 'alice' })
  const closed = bff.close().then(() => steps.push('closed'))
  await clock.settle()
  written.open()
  await closed
  expect(steps).toEqual(['written', 'closed'])
})

test('closing waits no longer than five seconds for the bus, and reports what it did not take [LOG-05]', async () => {
  const { bff, store, clock, events } = world()
  store.events.publish = () => new Promise(() => {})
  await bff.sessions.create({ userId: 'alice' })
  let isClosed = false
  const closed = bff.close().then(() => {
    isClosed = true
  })
  await clock.advance(4_999)
  expect([isClosed, events.filter(({ type }) => type === 'bus.failed')]).toEqual([false, []])
  await clock.advance(1)
  await closed
  expect(events.filter(({ type }) => type === 'bus.failed')).toMatchObject([
    { topic: 'session.created', failures: 1, cause: { message: expect.stringContaining('in time') } },
  ])
})

test('a bus that fails while the BFF closes has its cause in bus.failed [LOG-05]', async () => {
  const { bff, store, events } = world()
  const failing = gate()
  store.events.publish = async () => {
    await failing.opened
    throw new Error('bus down')
  }
  await bff.sessions.create({ userId: 'alice' })
  const closed = bff.close()
  failing.open()
  await closed
  expect(events.filter(({ type }) => type === 'bus.failed')).toMatchObject([
    { topic: 'session.created', cause: { message: 'bus down' } },
  ])
})

test('the parts of an app that composes them wait for the bus, too', async () => {
  const [store, clock] = [memoryStore(), manualClock()]
  const steps: string[] = []
  const sent = gate()
  store.events.publish = async () => {
    await sent.opened
    steps.push('published')
  }
  const { close } = store.sessions
  store.sessions.close = async () => {
    steps.push('closed')
    await close.call(store.sessions)
  }
  const parts = createParts({
    origin: ORIGIN,
    store,
    encryptionKeys: [generateEncryptionKey()],
    clock,
    onEvent: () => {},
  })
  await parts.sessions.create({ userId: 'alice' })
  const closed = parts.close()
  await clock.settle()
  sent.open()
  await closed
  expect(steps).toEqual(['published', 'closed'])
})
