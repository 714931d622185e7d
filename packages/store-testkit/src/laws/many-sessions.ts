import assert from 'node:assert/strict'
import type { SessionFilter, SessionRecord, SessionStore } from '@bff/core'
import { handle, revocation, same, session } from '../fixtures.ts'
import type { Law, OpenStores } from '../harness.ts'

/** More than any page, batch or default limit of a backend. */
const MANY = 130
const OWNER = {
  userId: 'owner',
  organizationId: 'organization',
  issuer: 'https://idp.example',
  providerSessionId: 'sid',
}
const FILTERS: readonly SessionFilter[] = [
  { userId: OWNER.userId },
  { organizationId: OWNER.organizationId },
  { issuer: OWNER.issuer, providerSessionId: OWNER.providerSessionId },
]

/** The laws of an owner with many sessions: what holds for a few holds for all of them. */
export function manySessionsLaws(law: Law): void {
  law('SS-02 concurrent creates for one owner are all found by each of its ids', async (open) => {
    const records = await signedIn(open)
    for (const filter of FILTERS)
      same(await everyPage(open.stores.sessions, filter), records, JSON.stringify(filter))
  })

  law('SS-16 the last page of many is full or not, and has no next', async (open) => {
    const records = await signedIn(open)
    const { sessions } = open.stores
    for (const limit of [MANY - 1, MANY, MANY + 1]) {
      const { records: listed, next } = await sessions.list({ userId: OWNER.userId }, { limit })
      assert.equal(listed.length, Math.min(limit, MANY))
      assert.equal(next === null, limit >= MANY, `the page of ${limit}`)
    }
    same(await everyPage(sessions, { userId: OWNER.userId }, MANY / 2), records)
  })

  law('SS-18 countActive counts many sessions', async (open) => {
    await signedIn(open)
    for (const filter of FILTERS)
      assert.equal(await open.stores.sessions.countActive(filter, open.now()), MANY, JSON.stringify(filter))
  })

  law('SS-19 revokeAll revokes many sessions and returns them all', async (open) => {
    const records = await signedIn(open)
    const { sessions } = open.stores
    const outcome = await sessions.revokeAll({ userId: OWNER.userId }, revocation(open.now()))
    same(namesOf(outcome.records), namesOf(records))
    assert.equal(await sessions.countActive({ userId: OWNER.userId }, open.now()), 0)
    for (const { handle } of records) assert.notEqual((await open.peek(handle))?.revocation, null)
  })

  law('SS-20 deleteAll removes many sessions and counts them', async (open) => {
    await signedIn(open)
    const { sessions } = open.stores
    assert.equal(await sessions.deleteAll({ organizationId: OWNER.organizationId }), MANY)
    same(await sessions.list({ userId: OWNER.userId }), { records: [], next: null })
  })

  law('SS-22 create with maxPerUser revokes many older sessions in one step', async (open) => {
    const records = await signedIn(open)
    const newest = session(open.now(), { ...OWNER, handle: handle('newest'), createdAt: open.now() + 1 })
    const { evicted } = await open.stores.sessions.create(newest, { maxPerUser: 1 })
    same([...evicted].sort(), namesOf(records).sort())
    assert.equal(await open.stores.sessions.countActive({ userId: OWNER.userId }, open.now()), 1)
  })
}

/** Many sessions of one owner, created at once; newest first. */
async function signedIn({ stores, now }: OpenStores): Promise<readonly SessionRecord[]> {
  const records = Array.from({ length: MANY }, (_, index) =>
    session(now(), { ...OWNER, handle: handle(index), createdAt: now() - index }),
  )
  const created = await Promise.allSettled(records.map((record) => stores.sessions.create(record)))
  for (const outcome of created) assert.equal(outcome.status, 'fulfilled')
  return records
}

/** More than any filter here has, for a store whose pages never end. */
const MOST_PAGES = 1000

async function everyPage(
  sessions: SessionStore,
  filter: SessionFilter,
  limit = 50,
): Promise<readonly SessionRecord[]> {
  const found: SessionRecord[] = []
  let cursor: string | undefined
  for (let pages = 0; pages < MOST_PAGES; pages++) {
    const { records, next } = await sessions.list(filter, { limit, ...(cursor !== undefined && { cursor }) })
    found.push(...records)
    if (next === null) return found
    cursor = next
  }
  return assert.fail('pages come to an end')
}

const namesOf = (records: readonly SessionRecord[]) => records.map(({ handle }) => handle)
