import assert from 'node:assert/strict'
import type { AnyOwnerFilter, SessionHandle, SessionPage, SessionRecord } from '@bff/core'
import { DAY, HOUR, handle, refuses, revocation, same, session } from '../fixtures.ts'
import type { Law, OpenStores } from '../harness.ts'

/** More than the batches of the walks here, and enough to lie on every node of a cluster. */
const MANY = 60
const ANY: AnyOwnerFilter = { owner: 'any' }
const IDP = 'https://idp.example'

/** The laws of `owner: 'any'`: all sessions of the store, for operators. */
export function anyOwnerLaws(law: Law): void {
  law(
    "SS-32 list with owner: 'any' finds every session once, in any state, in pages of any size",
    async (open) => {
      const records = await fill(open)
      const walked = await walk(open, ANY, 1000)
      sameRecords(walked, records)
      for (const limit of [1, 7, MANY]) same(await walk(open, ANY, limit), walked, `pages of ${limit}`)
      const { sessions } = open.stores
      for (const limit of [0, 1001, 1.5, Number.NaN])
        await refuses('invalid_argument', () => sessions.list(ANY, { limit }), `limit ${limit}`)
      for (const cursor of ['', ' ', '1.a', "a'b", 'a'.repeat(65)])
        await refuses('invalid_argument', () => sessions.list(ANY, { cursor }), cursor)
    },
  )

  law("SS-32 the other members of a filter narrow owner: 'any'", async (open) => {
    const records = await fill(open)
    const filters: readonly Omit<AnyOwnerFilter, 'owner'>[] = [
      { issuer: IDP },
      { issuer: null },
      { issuer: IDP, deviceId: 'd1' },
      { organizationId: 'o1' },
      { providerSessionId: 's3' },
      { userId: 'u2' },
      { userId: 'u2', issuer: 'https://else.example' },
      { subject: null },
      { deviceId: 'none' },
    ]
    for (const filter of filters) {
      const matching = records.filter((record) =>
        Object.entries(filter).every(([name, value]) => record[name as keyof SessionRecord] === value),
      )
      const name = JSON.stringify(filter)
      sameRecords(await walk(open, { ...filter, owner: 'any' }, 20), matching, name)
      const active = matching.filter(
        ({ expiresAt, revocation: by }) => by === null && expiresAt >= open.now(),
      )
      assert.equal(
        await open.stores.sessions.countActive({ ...filter, owner: 'any' }, open.now()),
        active.length,
        name,
      )
    }
    const [first] = records
    assert.ok(first)
    sameRecords(await walk(open, { ...ANY, exceptHandle: first.handle }, 50), records.slice(1))
  })

  law("SS-33 countActive with owner: 'any' counts every active session", async (open) => {
    const at = open.now()
    const { sessions } = open.stores
    assert.equal(await sessions.countActive(ANY, at), 0)
    await fill(open)
    const living = Array.from({ length: MANY }, (_, index) => index).filter((index) => !isDead(index))
    assert.equal(await sessions.countActive(ANY, at), living.length)
    assert.equal(await sessions.countActive(ANY, at + 2 * DAY), 0)
    await sessions.delete(handle(living[0] ?? 0))
    assert.equal(await sessions.countActive(ANY, at), living.length - 1)
  })

  law("SS-32 a walk over owner: 'any' has no gap and no repeat while sessions change", async (open) => {
    const { stores, now } = open
    const records = await fill(open)
    const deleted = new Set<SessionHandle>()
    const names = records.map((record) => record.handle)
    let step = 0
    /** What moves a session in one backend or another: its end, its owner, its state. */
    const move = async (moved: SessionHandle, round: number) => {
      await stores.sessions.touch(moved, now() + round, now() + 3 * HOUR + round)
      const record = await stores.sessions.get(moved)
      if (record === null) return
      const patch = { updatedAt: now(), organizationId: `o${round}`, refreshTokenExpiresAt: now() + round }
      await stores.sessions.update(moved, patch, record.version)
      if (round % 3 === 0) await stores.sessions.revoke(moved, revocation(now()))
    }
    const writes: Promise<unknown>[] = []
    const seen = await walk(open, ANY, 5, async (page) => {
      // Before and behind the position of the walk, and while its next page is read.
      for (const moved of [names[step % MANY], names[(step + MANY / 2) % MANY]])
        if (moved !== undefined) writes.push(move(moved, step))
      const last = page.at(-1)?.handle
      if (last !== undefined && step % 2 === 0) {
        deleted.add(last)
        writes.push(stores.sessions.delete(last))
      }
      const newcomer = { handle: handle(`new${step}`), userId: `new${step++}` }
      writes.push(stores.sessions.create(session(now(), newcomer)))
    })
    await Promise.all(writes)
    const walked = handlesOf(seen)
    assert.equal(new Set(walked).size, walked.length, 'no repeat')
    const old = walked.filter((name) => !name.startsWith('new'))
    same(new Set(old), new Set(names))
    const left = handlesOf(await walk(open, ANY, 1000))
    same(
      new Set(left.filter((name) => !name.startsWith('new'))),
      new Set(names.filter((name) => !deleted.has(name))),
    )
    assert.equal(left.length, MANY - deleted.size + step)
  })
}

const isDead = (index: number) => index % 5 === 0 || index % 7 === 0

/** Sessions of many owners; every fifth is revoked, every seventh expired. */
async function fill({ stores, now }: OpenStores): Promise<SessionRecord[]> {
  const records: SessionRecord[] = []
  for (let index = 0; index < MANY; index++) {
    const record = session(now(), {
      handle: handle(index),
      userId: `u${index % 11}`,
      subject: index % 2 === 0 ? null : `sub${index}`,
      issuer: [IDP, 'https://else.example', null][index % 3] ?? null,
      organizationId: index % 4 === 0 ? null : `o${index % 4}`,
      providerSessionId: `s${index % 9}`,
      deviceId: `d${index % 2}`,
      createdAt: now() - (index % 6),
      expiresAt: index % 7 === 0 ? now() - 1 : now() + HOUR,
    })
    await stores.sessions.create(record)
    const ended = index % 5 === 0 ? await stores.sessions.revoke(record.handle, revocation(now())) : null
    records.push(ended?.record ?? record)
  }
  return records
}

const handlesOf = (records: readonly SessionRecord[]) => records.map((record) => record.handle)

/** The same records, in any order. */
function sameRecords(
  actual: readonly SessionRecord[],
  expected: readonly SessionRecord[],
  what?: string | number,
): void {
  const sorted = (records: readonly SessionRecord[]) =>
    [...records].sort((a, b) => (a.handle < b.handle ? -1 : a.handle > b.handle ? 1 : 0))
  same(sorted(actual), sorted(expected), String(what))
}

async function walk(
  { stores }: OpenStores,
  filter: AnyOwnerFilter,
  limit: number,
  between: (page: readonly SessionRecord[]) => Promise<void> = async () => {},
): Promise<SessionRecord[]> {
  const all: SessionRecord[] = []
  let cursor: string | null = null
  let pages = 0
  do {
    const page: SessionPage = await stores.sessions.list(
      filter,
      cursor === null ? { limit } : { limit, cursor },
    )
    assert.ok(page.records.length <= limit && pages++ < 10_000, 'pages come to an end')
    all.push(...page.records)
    await between(page.records)
    cursor = page.next
  } while (cursor !== null)
  return all
}
