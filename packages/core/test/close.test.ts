import { expect, test } from 'vitest'
import type { BffError } from '../src/index.ts'
import { jsonOf, request, world } from './world.ts'

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
