import assert from 'node:assert/strict'
import { BffError } from '@bff/core'
import type { Law } from '../harness.ts'
import type { WatchedStore } from '../world/store.ts'
import { IDLE_MS } from '../world/world.ts'
import { jsonOf, refused } from './expect.ts'

/** HA-70 to HA-77: whose session a request has. */
export function sessionLaws(law: Law): void {
  law('HA-70 nobody signed in: the guard answers 401, an optional session is null', async (context) => {
    const { client, api } = context
    const answers = [await client.page('/app/guarded'), await client.page('/api/orders')]
    for (const answer of answers) {
      refused(answer, 401, 'no_session')
      assert.equal(answer.headers['cache-control'], 'no-store')
    }
    const optional = await client.page('/app/optional')
    assert.deepEqual(jsonOf(optional, 200), { user: null })
    assert.deepEqual(jsonOf(await client.page('/bff/session'), 200), { authenticated: false })
    assert.deepEqual(
      [...answers, optional].flatMap(({ cookies }) => cookies),
      [],
    )
    assert.deepEqual(api.targets, [])
  })

  law('HA-71 somebody signed in: guard, optional session and API know who', async (context) => {
    const { client, api, signIn } = context
    const { cookie, accessToken } = await signIn('alice')
    assert.deepEqual(jsonOf(await client.page('/app/guarded', {}, cookie), 200), { user: 'alice', body: '' })
    const posted = await client.page(
      '/app/guarded',
      { body: '{ "a": 1 }', headers: { 'content-type': 'text/plain' } },
      cookie,
    )
    assert.deepEqual(jsonOf(posted, 200), { user: 'alice', body: '{ "a": 1 }' })
    // A page the browser navigates to carries the cookie, but no header of the app's own.
    assert.deepEqual(jsonOf(await client.send('/app/optional', { headers: { cookie } }), 200), {
      user: 'alice',
    })
    assert.equal((await client.page('/api/orders', {}, cookie)).status, 200)
    assert.equal(api.requests[0]?.headers.authorization, `Bearer ${accessToken}`)
  })

  law(
    'HA-72 the guard refuses a request without the CSRF header before it reads the store',
    async (context) => {
      const { client, store, signIn } = context
      const { cookie } = await signIn()
      refused(await client.send('/app/guarded', { headers: { cookie } }), 403, 'csrf_violation')
      const foreign = { headers: { 'sec-fetch-site': 'cross-site' } }
      refused(await client.page('/app/guarded', foreign, cookie), 403, 'csrf_violation')
      assert.equal(store.reads, 0)
    },
  )

  law(
    'HA-73 a session revoked between two requests of one connection is over for the second',
    async (context) => {
      const { client, api, revoke, signIn } = context
      const { cookie, handle } = await signIn()
      const one = client.single()
      for (const path of ['/app/guarded', '/app/optional', '/api/orders'])
        assert.equal((await one.page(path, {}, cookie)).status, 200, path)
      await revoke(handle, { reasonCode: 'admin', actorType: 'admin' })
      for (const path of ['/app/guarded', '/api/orders'])
        refused(await one.page(path, {}, cookie), 401, 'invalid_session')
      assert.deepEqual(jsonOf(await one.page('/app/optional', {}, cookie), 200), { user: null })
      assert.equal(api.requests.length, 1)
    },
  )

  law(
    'HA-74 a cookie that is proven dead is refused and left alone: a newer one may be on its way',
    async (context) => {
      const { client, clock, signIn } = context
      const { cookie } = await signIn()
      await clock.advance(IDLE_MS + 1)
      for (const path of ['/app/guarded', '/api/orders']) {
        const answer = await client.page(path, {}, cookie)
        refused(answer, 401, 'session_expired')
        assert.deepEqual(answer.cookies, [], path)
      }
      const optional = await client.page('/app/optional', {}, cookie)
      assert.deepEqual([jsonOf(optional, 200), optional.cookies], [{ user: null }, []])
    },
  )

  law('HA-75 a hundred requests at once each have their own session', async ({ client, store, signIn }) => {
    const users = Array.from({ length: 10 }, (_, index) => `user-${index}`)
    const cookies = new Map<string, string>()
    for (const user of users) cookies.set(user, (await signIn(user)).cookie)
    const asked = Array.from({ length: 100 }, (_, index) => users[index % 11] ?? null)
    holdReads(store, asked.filter((user) => user !== null).length)
    const answers = asked.map(async (user, index) => {
      const cookie = user === null ? undefined : cookies.get(user)
      const answer = await client.page(index % 2 === 0 ? '/app/guarded' : '/app/optional', {}, cookie)
      return Object(JSON.parse(answer.text)).user ?? null
    })
    assert.deepEqual(await Promise.all(answers), asked)
  })

  law(
    'HA-76 a store that does not answer is 503, and no sign-out',
    async ({ client, api, store, signIn }) => {
      const { cookie } = await signIn()
      store.beforeRead = () => {
        throw new BffError('store_unavailable')
      }
      for (const path of ['/app/guarded', '/api/orders', '/bff/session']) {
        const answer = await client.page(path, {}, cookie)
        refused(answer, 503, 'store_unavailable')
        assert.deepEqual([answer.cookies, answer.headers['retry-after']], [[], '1'])
      }
      const optional = await client.page('/app/optional', {}, cookie)
      assert.deepEqual([optional.status >= 500, optional.cookies], [true, []])
      assert.deepEqual(api.targets, [])
    },
  )

  law('HA-77 a guarded request reads one session, and one that asks for none reads none', async (context) => {
    const { client, store, signIn } = context
    const { cookie } = await signIn()
    await client.page('/app/echo', {}, cookie)
    assert.equal(store.reads, 0)
    for (const [count, path] of ['/app/guarded', '/app/optional', '/api/orders', '/bff/user'].entries()) {
      assert.equal((await client.page(path, {}, cookie)).status, 200)
      assert.equal(store.reads, count + 1, path)
    }
  })
}

/** Holds reads back until `count` wait, then lets the last go first, so that every request overtakes others. */
function holdReads(store: WatchedStore, count: number): void {
  const waiting: (() => void)[] = []
  store.beforeRead = () =>
    new Promise((resolve) => {
      waiting.push(resolve)
      if (waiting.length === count) for (const go of waiting.reverse()) go()
    })
}
