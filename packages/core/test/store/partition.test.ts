import { manualClock } from '@bff/test-support/clock'
import { describe, expect, it, test } from 'vitest'
import { memoryStore } from '../../../store-memory/src/index.ts'
import { fullSession, handle } from '../../../store-testkit/src/fixtures.ts'
import { storeLaws } from '../../../store-testkit/src/index.ts'
import {
  type BffEvent,
  createBff,
  generateEncryptionKey,
  type SessionHandle,
  type Stores,
} from '../../src/index.ts'
import {
  withCleanup,
  withCreationRate,
  withPartition,
  withPseudonyms,
  withRecordLimit,
} from '../../src/store/index.ts'

/** The laws that try ids of the greatest length there is. */
const ID_OF_255 = /^SS-(01 a created|23) /

describe('a part of a store is a store', () => {
  it('a record with ids that fit is read back equal, byte for byte [SS-01]', async () => {
    const { sessions } = withPartition(memoryStore(), 'shop')
    const record = fullSession(Date.UTC(2030, 0, 1), { handle: handle('one') })
    await sessions.create(record)
    expect(await sessions.get(record.handle)).toEqual(record)
    expect((await sessions.list({ userId: record.userId })).records).toEqual([record])
  })

  storeLaws({
    test: (name, run) =>
      ID_OF_255.test(name)
        ? test(`${name}; a partition has room for shorter ids only`, () =>
            expect(run()).rejects.toMatchObject({ code: 'invalid_argument' }))
        : test(name, run),
    harness: {
      async open() {
        const clock = manualClock()
        const shared = memoryStore({ clock })
        const stores = withPartition(shared, 'shop')
        return {
          stores,
          now: clock.now,
          advance: (ms) => clock.advance(ms),
          peek: (handle) => withPartition(shared, 'shop').sessions.get(handle),
          close: () => shared.sessions.close(),
        }
      },
    },
  })
})

function twoApps() {
  const shared = memoryStore()
  const key = generateEncryptionKey()
  const app = (name: string) => {
    const store = withPartition(shared, name)
    // Both have the same key, so that nothing but the partition keeps them apart.
    const bff = createBff({
      origin: 'https://app.example.com',
      store,
      encryptionKeys: [key],
      onEvent: () => {},
    })
    return { store, bff }
  }
  return { shared, shop: app('shop'), admin: app('admin') }
}

const askedWith = (cookie: string) =>
  new Request('https://app.example.com/bff/session', {
    headers: { 'x-csrf': '1', 'sec-fetch-site': 'same-origin', cookie: cookie.split(';')[0] ?? '' },
  })

describe('two applications on one backend [S1-53]', () => {
  it('do not take each other’s cookies, and do not even know them', async () => {
    const { shop, admin } = twoApps()
    const { cookie } = await shop.bff.sessions.create({ userId: 'alice' })
    expect(await (await shop.bff.fetch(askedWith(cookie))).json()).toMatchObject({ authenticated: true })
    expect(await (await admin.bff.fetch(askedWith(cookie))).json()).toEqual({ authenticated: false })
  })

  it('neither see, count, evict nor end each other’s sessions', async () => {
    const { shared, shop, admin } = twoApps()
    const issuer = 'https://idp.example.com'
    const input = { userId: 'alice', issuer, providerSessionId: 'sid-1', organizationId: 'org' }
    const { session } = await shop.bff.sessions.create(input)
    const other = await admin.bff.sessions.create(input)
    for (const filter of [
      { userId: 'alice' },
      { organizationId: 'org' },
      { issuer, providerSessionId: 'sid-1' },
    ]) {
      const { sessions } = await admin.bff.sessions.list(filter)
      expect(sessions.map(({ handle }) => handle)).toEqual([other.session.handle])
      expect(sessions[0]).toMatchObject(input)
      expect(await admin.bff.sessions.countActive(filter)).toBe(1)
    }
    expect(await admin.bff.sessions.revoke(session.handle)).toBeNull()
    const { handle } = session
    expect(await admin.store.sessions.touch(handle, 1, 2)).toBe(false)
    expect(await admin.store.sessions.update(handle, { updatedAt: 1 }, 1)).toBeNull()
    expect(await admin.store.sessions.delete(handle)).toBe(false)
    expect(await admin.bff.sessions.revokeAll({ userId: 'alice' })).toHaveLength(1)
    expect(await admin.store.sessions.deleteAll({ userId: 'alice' })).toBe(1)
    expect(await shop.bff.sessions.countActive({ userId: 'alice' })).toBe(1)
    expect(shared.count()).toBe(1)
  })

  it("see only their own among the sessions of any owner, and no other's handle in a cursor", async () => {
    const { shared, shop, admin } = twoApps()
    const created: string[] = []
    for (let index = 0; index < 12; index++) {
      created.push((await shop.bff.sessions.create({ userId: `shop-${index}` })).session.handle)
      for (let other = 0; other < 5; other++) await admin.bff.sessions.create({ userId: `admin-${index}` })
    }
    const seen: string[] = []
    for (let cursor: string | null = ''; cursor !== null; ) {
      const page = await shop.store.sessions.list({ owner: 'any' }, { limit: 2, ...(cursor && { cursor }) })
      seen.push(...page.records.map(({ handle }) => handle))
      cursor = page.next
      if (cursor !== null) expect(created).toContain(cursor)
    }
    expect(seen.sort()).toEqual(created.sort())
    expect(await shop.bff.sessions.countActive({ owner: 'any' })).toBe(12)
    expect((await shop.bff.sessions.revokePage({ owner: 'any' })).sessions).toHaveLength(12)
    expect(await shared.sessions.countActive({ owner: 'any' }, Date.now())).toBe(60)
  })

  it('may have the same handle, and a handle that looks like the other’s prefix reaches nothing', async () => {
    const { shared, shop } = twoApps()
    const plain = createBff({
      origin: 'https://app.example.com',
      store: shared,
      encryptionKeys: [generateEncryptionKey()],
      onEvent: () => {},
    })
    const { session } = await shop.bff.sessions.create({ userId: 'alice' })
    const record = await shop.store.sessions.get(session.handle)
    if (record === null) throw new Error('There is no session.')
    await shared.sessions.create(record)
    await withPartition(shared, 'admin').sessions.create(record)
    expect(shared.count()).toBe(3)
    await shop.bff.sessions.revoke(session.handle)
    expect(await plain.sessions.countActive({ userId: 'alice' })).toBe(1)
    expect(await shop.store.sessions.get('admin_xxxxxxxxxx' as SessionHandle)).toBeNull()
  })

  it('share no short-lived value and no event', async () => {
    const { shop, admin, shared } = twoApps()
    await shop.store.ttl.set('login:x', '1', 1_000)
    expect(await admin.store.ttl.get('login:x')).toBeNull()
    expect(await admin.store.ttl.take('login:x')).toBeNull()
    expect(await shared.ttl.get('login:x')).toBeNull()
    const heard: BffEvent[] = []
    await admin.store.events.subscribe('session.created', (event) => heard.push(event))
    await shop.bff.sessions.create({ userId: 'alice' })
    const { session } = await admin.bff.sessions.create({ userId: 'bob' })
    expect(heard).toEqual([expect.objectContaining({ userId: 'bob', handle: session.handle })])
  })

  it('closing one part leaves the shared store and the other part open', async () => {
    const { shared, shop, admin } = twoApps()
    const { session } = await admin.bff.sessions.create({ userId: 'bob' })
    await shop.bff.close()
    await shop.bff.close()
    expect(await admin.store.sessions.get(session.handle)).not.toBeNull()
    await admin.store.ttl.set('login:x', '1', 1_000)
    await shared.sessions.ping()
    await shared.sessions.close()
    await expect(admin.store.sessions.ping()).rejects.toMatchObject({ code: 'store_unavailable' })
  })

  it('a closed part answers no call and hears no event, though its store goes on', async () => {
    const { shared, shop } = twoApps()
    const heard: BffEvent[] = []
    await shop.store.events.subscribe('session.created', (event) => heard.push(event))
    await shop.store.sessions.close()
    const refused = { code: 'store_unavailable', message: expect.stringContaining('partition') }
    await expect(shop.store.ttl.get('login:x')).rejects.toMatchObject(refused)
    await expect(shop.store.ttl.setIfAbsent('login:x', '1', 1_000)).rejects.toMatchObject(refused)
    await expect(shop.store.events.subscribe('session.created', () => {})).rejects.toMatchObject(refused)
    const again = withPartition(shared, 'shop')
    await again.events.publish('session.created', {
      type: 'session.created',
      handle: handle('one'),
      userId: 'alice',
      at: 1,
    })
    expect(heard).toEqual([])
  })

  it.each([
    ['withCleanup', (stores: Stores) => withCleanup(stores)],
    ['withCreationRate', (stores: Stores) => withCreationRate(stores, { onEvent: () => {} })],
    ['withRecordLimit', (stores: Stores) => withRecordLimit(stores)],
    ['withPseudonyms', (stores: Stores) => withPseudonyms(stores, { key: generateEncryptionKey() })],
  ])('%s around a part closes that part alone', async (_name, wrap) => {
    const { shared, shop } = twoApps()
    const wrapped = wrap(shop.store)
    await wrapped.sessions.close()
    await shared.sessions.ping()
    await expect(wrapped.sessions.ping()).rejects.toMatchObject({ code: 'store_unavailable' })
  })

  it('refuse a user id for which the backend would have no room', async () => {
    const { shop } = twoApps()
    await shop.bff.sessions.create({ userId: 'x'.repeat(250) })
    await expect(shop.bff.sessions.create({ userId: 'x'.repeat(251) })).rejects.toMatchObject({
      code: 'invalid_argument',
    })
  })
})

it.each(['', 'a_b', 'a b', 'x'.repeat(33), 'shop:'])('%j is no name', (name) => {
  expect(() => withPartition(memoryStore(), name)).toThrowError(
    expect.objectContaining({ code: 'invalid_config' }),
  )
})
