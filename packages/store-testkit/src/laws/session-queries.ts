import assert from 'node:assert/strict'
import type { AnyOwnerFilter, SessionFilter, SessionHandle, SessionPage, SessionRecord } from '@bff/core'
import { newestFirst, WIPED } from '@bff/core/store'
import { DAY, fullSession, HOSTILE, HOUR, handle, refuses, revocation, same, session } from '../fixtures.ts'
import type { Law, OpenStores } from '../harness.ts'

/** The laws of many sessions: list, count, revoke, delete, clean up, evict. */
export function sessionQueryLaws(law: Law): void {
  law(
    'SS-16 list is newest first, ties by handle, in any state, and pages without gap or repeat',
    async (open) => {
      const { stores, now } = open
      const names = ['a', 'B', 'b', 'A', '-', '_', '0', '9', 'z', 'Z', 'aa', 'aA']
      const records = names.map((name, index) =>
        session(now(), {
          handle: handle(name),
          createdAt: now() - (index % 3),
          expiresAt: now() - 1 + (index % 2) * HOUR,
        }),
      )
      for (const record of records) await stores.sessions.create(record)
      await stores.sessions.create(session(now(), { handle: handle('stranger'), userId: 'stranger' }))
      const outcome = await stores.sessions.revoke(handle('a'), revocation(now()))
      assert.ok(outcome)
      const expected = [outcome.record, ...records.slice(1)].sort(newestFirst)
      same(await stores.sessions.list({ userId: 'user' }), { records: expected, next: null })
      for (const limit of [1, 2, 5, 11, 12, 13, 1000]) {
        same(await walk(open, { userId: 'user' }, limit), expected, `pages of ${limit}`)
      }
      same(await stores.sessions.list({ userId: 'nobody' }), { records: [], next: null })
      await pagesWhileOthersWrite(open, expected)
      await defaultsAndBounds(open)
    },
  )

  law('SS-17 a filter without an owner throws invalid_argument and touches nothing', async (open) => {
    const { stores, now } = open
    const record = fullSession(now())
    await stores.sessions.create(record)
    const filters: readonly SessionFilter[] = [
      {},
      { issuer: record.issuer ?? '' },
      { providerSessionId: 'provider-session' },
      { deviceId: 'device' },
      { exceptHandle: handle('other') },
      { issuer: record.issuer ?? '', deviceId: 'device' },
      { issuer: null },
      { issuer: null, providerSessionId: 'provider-session' },
      { userId: '' },
      JSON.parse('{"userId":null}'),
      JSON.parse('{"owner":"all"}'),
      JSON.parse('{"owner":null,"userId":"user"}'),
      JSON.parse('{"userId":{"$ne":"a"}}'),
      JSON.parse('{"userId":"user","deviceId":null}'),
    ]
    for (const filter of filters) {
      const name = JSON.stringify(filter)
      await refuses('invalid_argument', () => stores.sessions.list(filter), name)
      await refuses('invalid_argument', () => stores.sessions.revokeAll(filter, revocation(now())), name)
      await refuses('invalid_argument', () => stores.sessions.deleteAll(filter), name)
      await refuses('invalid_argument', () => stores.sessions.countActive(filter, now()), name)
    }
    const anyOwner: AnyOwnerFilter = { owner: 'any', userId: 'user' }
    await refuses('invalid_argument', () => stores.sessions.revokeAll(anyOwner, revocation(now())), 'any')
    await refuses('invalid_argument', () => stores.sessions.deleteAll(anyOwner), 'any')
    same(await stores.sessions.get(record.handle), record)
  })

  law('SS-18 countActive counts what is neither revoked nor expired at now', async (open) => {
    const { stores, now } = open
    const at = now()
    await createAll(open, [
      { expiresAt: at + 10 },
      { expiresAt: at + 20, absoluteExpiresAt: at + 20 },
      { expiresAt: at + 30, refreshTokenExpiresAt: at + 15 },
      { expiresAt: at + 90, absoluteExpiresAt: at + 40 },
      { userId: 'other' },
    ])
    const expected = [4, 4, 3, 3, 2, 2, 1, 1, 0]
    const times = [0, 10, 11, 15, 16, 20, 21, 40, 41]
    for (const [index, time] of times.entries()) {
      assert.equal(
        await stores.sessions.countActive({ userId: 'user' }, at + time),
        expected[index],
        `after ${time} ms`,
      )
    }
    await stores.sessions.revoke(handle(0), revocation(at))
    assert.equal(await stores.sessions.countActive({ userId: 'user' }, at), 3)
    assert.equal(await stores.sessions.countActive({ userId: 'nobody' }, at), 0)
    assert.equal(await stores.sessions.countActive({ userId: 'user', exceptHandle: handle(1) }, at), 2)
    await stores.sessions.update(handle(4), { updatedAt: at, organizationId: 'o' }, 1)
    assert.equal(await stores.sessions.countActive({ organizationId: 'o' }, at), 1)
  })

  law(
    'SS-19 revokeAll revokes what could still live, returns what is active newest first, or no_active_sessions',
    async (open) => {
      const { stores, now, peek } = open
      const at = now()
      const records = await createAll(open, [
        { createdAt: at - 3 },
        { createdAt: at - 1 },
        { createdAt: at - 2 },
        { createdAt: at - 2, handle: handle('tie') },
        { expiresAt: at - 1, absoluteExpiresAt: at - 1 },
        { userId: 'other' },
        {},
        { expiresAt: at - 1 },
        { refreshTokenExpiresAt: at - 1 },
      ])
      const before = await stores.sessions.revoke(handle(6), revocation(at - 1, { reasonCode: 'earlier' }))
      const why = revocation(at, { reasonCode: 'logout_all', actorId: 'admin' })
      const revoked = records
        .slice(0, 4)
        .sort(newestFirst)
        .map((record) => ({ ...record, ...WIPED, version: 2, revocation: why }))
      same(await stores.sessions.revokeAll({ userId: 'user' }, why), { outcome: 'revoked', records: revoked })
      for (const record of revoked) same(await peek(record.handle), record)
      same(await peek(handle(4)), records[4])
      same(await peek(handle(5)), records[5])
      same(await peek(handle(6)), before?.record)
      for (const idle of [7, 8]) {
        same(await peek(handle(idle)), { ...records[idle], ...WIPED, version: 2, revocation: why })
        assert.equal(await stores.sessions.touch(handle(idle), at - 2, at + HOUR), false)
      }
      assert.equal(await stores.sessions.countActive({ userId: 'user' }, at), 0)
      for (const userId of ['user', 'nobody']) {
        const none = await stores.sessions.revokeAll({ userId }, revocation(at + 1))
        same(none, { outcome: 'no_active_sessions', records: [] })
      }
      const elsewhere = { userId: 'other', exceptHandle: handle(5) }
      same(await stores.sessions.revokeAll(elsewhere, why), { outcome: 'no_active_sessions', records: [] })
    },
  )

  law(
    'SS-34 revokeAll passes each session that it returns to onRevoked, once, and no other',
    async (open) => {
      const { stores, now } = open
      const at = now()
      await createAll(open, [{ createdAt: at - 1 }, {}, { expiresAt: at - 1 }, { userId: 'other' }, {}])
      await stores.sessions.revoke(handle(4), revocation(at - 1))
      for (const count of [2, 0]) {
        const told: SessionRecord[] = []
        const { records } = await stores.sessions.revokeAll({ userId: 'user' }, revocation(at), (record) =>
          told.push(record),
        )
        assert.equal(records.length, count)
        same(told.sort(newestFirst), records)
      }
    },
  )

  law('SS-20 deleteAll removes what matches, in any state, and counts it', async (open) => {
    const { stores, now } = open
    const records = await createAll(open, [{}, {}, { expiresAt: now() - 1 }, { userId: 'other' }, {}])
    await stores.sessions.revoke(handle(1), revocation(now()))
    assert.equal(await stores.sessions.deleteAll({ userId: 'user', exceptHandle: handle(4) }), 3)
    for (const gone of [0, 1, 2]) assert.equal(await stores.sessions.get(handle(gone)), null)
    for (const left of [3, 4]) same(await stores.sessions.get(handle(left)), records[left])
    assert.equal(await stores.sessions.deleteAll({ userId: 'user' }), 1)
    assert.equal(await stores.sessions.deleteAll({ userId: 'user' }), 0)
    same((await stores.sessions.list({ userId: 'user' })).records, [])
  })

  law(
    'SS-21 cleanup deletes the expired and the long revoked, never more than limit, and says what is left',
    async (open) => {
      const { stores, now } = open
      const at = now()
      const ended = { expiresAt: at - 1 }
      await createAll(open, [
        ...[ended, ended, ended, ended, ended],
        { refreshTokenExpiresAt: at - 1 },
        { expiresAt: at },
        {},
        ...[{}, {}, {}, ended],
        ...[ended, { refreshTokenExpiresAt: at - 1 }, {}],
      ])
      await stores.sessions.touch(handle(12), at, at + HOUR)
      await stores.sessions.update(handle(13), { updatedAt: at, refreshTokenExpiresAt: null }, 1)
      await stores.sessions.update(handle(14), { updatedAt: at, refreshTokenExpiresAt: at - 1 }, 1)
      await stores.sessions.revoke(handle(8), revocation(at - DAY - 1))
      await stores.sessions.revoke(handle(9), revocation(at - DAY))
      await stores.sessions.revoke(handle(10), revocation(at))
      await stores.sessions.revoke(handle(11), revocation(at - HOUR))
      const clean = (limit: number) => stores.sessions.cleanup({ now: at, limit, retainRevokedMs: DAY })
      const kept = async () => (await stores.sessions.list({ userId: 'user' })).records.length
      same(await clean(3), { deleted: 3, more: true })
      assert.equal(await kept(), 12)
      same(await clean(3), { deleted: 3, more: true })
      same(await clean(2), { deleted: 2, more: false })
      same(await clean(100), { deleted: 0, more: false })
      const { records } = await stores.sessions.list({ userId: 'user' })
      same(new Set(records.map((record) => record.handle)), new Set([6, 7, 9, 10, 11, 12, 13].map(handle)))
      assert.equal(await stores.sessions.countActive({ userId: 'user' }, at), 4)
    },
  )

  law('SS-22 create with maxPerUser revokes the oldest active sessions in the same step', async (open) => {
    const { stores, now, peek } = open
    const at = now()
    const records = await createAll(open, [
      { createdAt: at - 40, expiresAt: at - 1 },
      { createdAt: at - 50 },
      { createdAt: at - 10 },
      { createdAt: at - 30 },
      { createdAt: at - 20 },
      { createdAt: at - 60, userId: 'other' },
      { createdAt: at - 70, issuer: 'https://else.example' },
      { createdAt: at - 80, issuer: null },
    ])
    await stores.sessions.revoke(handle(1), revocation(at - 5))
    const newcomer = (name: string, createdAt: number) => session(at, { handle: handle(name), createdAt })
    same(await stores.sessions.create(newcomer('four', at), { maxPerUser: 4 }), { evicted: [] })
    const { evicted: named } = await stores.sessions.create(newcomer('two', at + 1), { maxPerUser: 2 })
    same([...named].sort(), [2, 3, 4].map(handle))
    const { issuer = null } = records[0] ?? {}
    assert.equal(await stores.sessions.countActive({ userId: 'user', issuer }, at + 1), 2)
    const evicted = await peek(handle(3))
    const why = revocation(at + 1, { reasonCode: 'session_limit', actorType: 'system' })
    same(evicted, { ...records[3], ...WIPED, version: 2, revocation: why })
    for (const left of [0, 5, 6, 7]) same(await peek(handle(left)), records[left])
    same(await stores.sessions.create(newcomer('free', at + 2), { maxPerUser: 0 }), { evicted: [] })
    same(await stores.sessions.create(newcomer('free2', at + 3)), { evicted: [] })
    assert.equal(await stores.sessions.countActive({ userId: 'user', issuer }, at + 3), 4)
    const unnamed = { ...newcomer('none', at + 4), issuer: null }
    same(await stores.sessions.create(unnamed, { maxPerUser: 1 }), { evicted: [handle(7)] })
    assert.equal(await stores.sessions.countActive({ userId: 'user' }, at + 4), 6)
  })

  law(
    "SS-28 a filter's members narrow each other, and find a session under its present owner only",
    async (open) => {
      const { stores, now } = open
      const issuer = 'https://idp.example'
      await createAll(open, [
        { organizationId: 'o1', deviceId: 'd1', providerSessionId: 's1' },
        { organizationId: 'o1', deviceId: 'd2', providerSessionId: 's1', userId: 'other' },
        { organizationId: 'o2', deviceId: 'd1', providerSessionId: 's2' },
        { issuer: null, organizationId: 'o1' },
        { issuer: 'https://else.example', providerSessionId: 's1' },
      ])
      const expect = async (filter: SessionFilter, ...numbers: number[]) => {
        const { records } = await stores.sessions.list(filter)
        same(
          new Set(records.map((record) => record.handle)),
          new Set(numbers.map(handle)),
          JSON.stringify(filter),
        )
      }
      await expect({ userId: 'user' }, 0, 2, 3, 4)
      await expect({ organizationId: 'o1' }, 0, 1, 3)
      await expect({ issuer, providerSessionId: 's1' }, 0, 1)
      await expect({ userId: 'user', organizationId: 'o1' }, 0, 3)
      await expect({ userId: 'user', issuer, providerSessionId: 's1' }, 0)
      await expect({ userId: 'user', issuer }, 0, 2)
      await expect({ userId: 'user', providerSessionId: 's1' }, 0, 4)
      await expect({ userId: 'user', deviceId: 'd1' }, 0, 2)
      await expect({ userId: 'user', deviceId: 'd1', exceptHandle: handle(0) }, 2)
      await expect({ userId: 'user', organizationId: 'o3' })

      await stores.sessions.update(
        handle(0),
        { updatedAt: now(), organizationId: 'o2', providerSessionId: 's3' },
        1,
      )
      await stores.sessions.update(
        handle(1),
        { updatedAt: now(), organizationId: null, providerSessionId: null },
        1,
      )
      await expect({ organizationId: 'o1' }, 3)
      await expect({ organizationId: 'o2' }, 0, 2)
      await expect({ issuer, providerSessionId: 's1' })
      await expect({ issuer, providerSessionId: 's3' }, 0)
      await expect({ userId: 'other' }, 1)
      const { records } = await stores.sessions.revokeAll(
        { issuer, providerSessionId: 's3' },
        revocation(now()),
      )
      same(
        records.map((record) => record.handle),
        [handle(0)],
      )
      assert.equal(await stores.sessions.deleteAll({ organizationId: 'o2' }), 2)
      await expect({ userId: 'user' }, 3, 4)
    },
  )

  law('SS-30 issuer: null in a filter matches sessions without an issuer and no others', async (open) => {
    const { stores, now } = open
    const issuer = 'https://idp.example'
    await createAll(open, [
      { issuer },
      { issuer: null, organizationId: 'o' },
      { issuer, organizationId: 'o' },
      { issuer: null, providerSessionId: 's' },
      { issuer: null, userId: 'other' },
      { issuer: 'null' },
    ])
    const listed = async (filter: SessionFilter) =>
      (await stores.sessions.list(filter)).records.map((record) => record.handle)
    const mine = { userId: 'user', issuer: null }
    same(await listed(mine), [1, 3].map(handle))
    same(await listed({ ...mine, providerSessionId: 's' }), [handle(3)])
    same(await listed({ ...mine, exceptHandle: handle(3) }), [handle(1)])
    same(await listed({ organizationId: 'o', issuer: null }), [handle(1)])
    assert.equal(await stores.sessions.countActive(mine, now()), 2)
    assert.equal(await stores.sessions.countActive({ userId: 'user', issuer }, now()), 2)
    const { records } = await stores.sessions.revokeAll(mine, revocation(now()))
    same(
      records.map((record) => record.handle),
      [1, 3].map(handle),
    )
    assert.equal(await stores.sessions.countActive({ userId: 'user' }, now()), 3)
    assert.equal(await stores.sessions.deleteAll(mine), 2)
    same(await listed({ userId: 'user' }), [0, 2, 5].map(handle))
    same(await listed({ userId: 'other' }), [handle(4)])
  })

  law('SS-30 subject: null in a filter matches sessions without a subject and no others', async (open) => {
    const { stores, now } = open
    await createAll(open, [{ subject: null }, { subject: 'user' }, { subject: null, userId: 'other' }])
    const filter = { issuer: 'https://idp.example', userId: 'user', subject: null }
    same(await handlesOf(open, filter), [handle(0)])
    assert.equal(await stores.sessions.countActive(filter, now()), 1)
    await refuses('invalid_argument', () => stores.sessions.list({ issuer: filter.issuer, subject: null }))
    assert.equal((await stores.sessions.revokeAll(filter, revocation(now()))).records.length, 1)
    same(await handlesOf(open, { userId: 'user', subject: 'user' }), [handle(1)])
  })

  law(
    'SS-31 issuer with subject finds every session of that subject, of any user, and no namesake',
    async (open) => {
      const { stores, now } = open
      const [issuer, other] = ['https://idp.example', 'https://other.example']
      await createAll(open, [
        { issuer, subject: 's' },
        { issuer, subject: 's', userId: 'another' },
        { issuer: other, subject: 's' },
        { issuer, subject: 'S' },
        { issuer, subject: null, userId: 's' },
        { issuer: null, subject: 's' },
        ...HOSTILE.map((subject) => ({ issuer, subject: `${subject.slice(0, 200)}!` })),
      ])
      const filter = { issuer, subject: 's' }
      same(await handlesOf(open, filter), [0, 1].map(handle))
      same(await handlesOf(open, { ...filter, userId: 'another' }), [handle(1)])
      same(await handlesOf(open, { ...filter, exceptHandle: handle(0) }), [handle(1)])
      assert.equal(await stores.sessions.countActive(filter, now()), 2)
      for (const [index, subject] of HOSTILE.entries())
        same(await handlesOf(open, { issuer, subject: `${subject.slice(0, 200)}!` }), [handle(index + 6)])
      const { records } = await stores.sessions.revokeAll(filter, revocation(now()))
      same(
        records.map((record) => record.handle),
        [0, 1].map(handle),
      )
      assert.equal(await stores.sessions.deleteAll(filter), 2)
      same(await handlesOf(open, filter), [])
      same(await handlesOf(open, { issuer: other, subject: 's' }), [handle(2)])
    },
  )
}

async function handlesOf({ stores }: OpenStores, filter: SessionFilter) {
  return (await stores.sessions.list(filter)).records.map((record) => record.handle)
}

/** Sessions with the handles 0, 1, 2 ... unless they name their own. */
async function createAll(open: OpenStores, all: readonly Partial<SessionRecord>[]): Promise<SessionRecord[]> {
  const records = all.map((over, index) =>
    fullSession(open.now(), { handle: handle(index), ...FREE, ...over }),
  )
  for (const record of records) await open.stores.sessions.create(record)
  return records
}

const FREE = { organizationId: null, providerSessionId: null, deviceId: null, refreshTokenExpiresAt: null }

async function walk(
  { stores }: OpenStores,
  filter: SessionFilter,
  limit: number,
  between: (page: readonly SessionRecord[]) => Promise<void> = async () => {},
): Promise<SessionRecord[]> {
  const all: SessionRecord[] = []
  let cursor: string | null = null
  do {
    const page: SessionPage = await stores.sessions.list(
      filter,
      cursor === null ? { limit } : { limit, cursor },
    )
    assert.ok(page.records.length <= limit && all.length < 10_000, 'pages come to an end')
    assert.ok(page.next === null || page.records.length === limit, 'only the last page is short')
    all.push(...page.records)
    await between(page.records)
    cursor = page.next
  } while (cursor !== null)
  return all
}

/** While someone pages, sessions come and go: before, between and behind; also the one the cursor names. */
async function pagesWhileOthersWrite(open: OpenStores, expected: readonly SessionRecord[]): Promise<void> {
  const { stores, now } = open
  const deleted = new Set<SessionHandle>()
  let step = 0
  const seen = await walk(open, { userId: 'user' }, 2, async (page) => {
    const last = page.at(-1)
    if (last !== undefined) {
      deleted.add(last.handle)
      await stores.sessions.delete(last.handle)
    }
    await stores.sessions.create(session(now(), { handle: handle(`new${step++}`), createdAt: now() + step }))
  })
  same(seen, expected)
  const left = await walk(open, { userId: 'user' }, 1000)
  const old = left.filter((record) => !record.handle.startsWith('new'))
  same(
    old,
    expected.filter((record) => !deleted.has(record.handle)),
  )
}

async function defaultsAndBounds({ stores, now }: OpenStores): Promise<void> {
  for (let index = 0; index < 101; index++) {
    await stores.sessions.create(session(now(), { handle: handle(`many${index}`), userId: 'many' }))
  }
  const page = await stores.sessions.list({ userId: 'many' })
  assert.equal(page.records.length, 100)
  assert.ok(page.next)
  assert.equal((await stores.sessions.list({ userId: 'many' }, { cursor: page.next })).records.length, 1)
  for (const limit of [0, -1, 1001, 1.5, Number.NaN]) {
    await refuses(
      'invalid_argument',
      () => stores.sessions.list({ userId: 'many' }, { limit }),
      `limit ${limit}`,
    )
  }
  for (const cursor of ['', 'x', '1.', '.a', '1;DROP', '-1.a', 'null', `${'9'.repeat(30)}.a`]) {
    await refuses('invalid_argument', () => stores.sessions.list({ userId: 'many' }, { cursor }), cursor)
  }
}
