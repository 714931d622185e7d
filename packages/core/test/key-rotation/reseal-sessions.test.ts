import { expect, test } from 'vitest'
import { BffError, createBff, type SessionHandle } from '../../src/index.ts'
import { encryptorOn } from '../../src/internal/crypto/create-encryptor.ts'
import {
  encryptionKeyId,
  inspectKeys,
  isNewestKeyInUse,
  type KeyReport,
  resealSessions,
} from '../../src/key-rotation/index.ts'
import { withPseudonyms } from '../../src/store/index.ts'
import { request } from '../world.ts'
import { beforeUpdate, encryptorWith, HOUR_MS, LOST, NEW, OLD, ORIGIN, sealedStore } from './sealed-store.ts'

const both = encryptorWith(NEW, OLD)

test('Every active session is sealed with the newest key, and nothing else of it changes [CRY-06]', async () => {
  const { clock, sessions, signIn, records, opened } = sealedStore()
  await signIn(30, OLD)
  const before = await records()
  const plain = await opened(OLD)
  await clock.advance(1_000)

  const report = await resealSessions(sessions, both, { clock })

  expect(report).toMatchObject({ isComplete: true, sessions: 30, resealed: 30, broken: 0 })
  expect(await opened(NEW)).toEqual(plain)
  const after = await records()
  expect(after).toEqual(
    before.map((record, index) => ({
      ...record,
      version: record.version + 1,
      accessTokenEncrypted: after[index]?.accessTokenEncrypted,
      refreshTokenEncrypted: after[index]?.refreshTokenEncrypted,
      claimsEncrypted: after[index]?.claimsEncrypted,
    })),
  )
})

test('The report names the older key and says until when it is needed, and a use makes it unnecessary', async () => {
  const { clock, sessions, signIn, bffWith } = sealedStore()
  const [cookie = ''] = await signIn(2, OLD)
  await clock.advance(HOUR_MS)
  const now = clock.now()
  const first = await resealSessions(sessions, both, { clock })
  expect(first.olderKeys).toEqual([
    {
      id: await encryptionKeyId(OLD),
      isMissing: false,
      sessions: 2,
      idleUntil: now + 7 * HOUR_MS,
      until: now + 167 * HOUR_MS,
    },
  ])

  const session = await bffWith(NEW, OLD).getSession(request('GET', '/', { cookie }))
  expect(session?.userId).toBe('user-0')
  expect((await inspectKeys(sessions, both, { clock })).olderKeys).toMatchObject([
    { sessions: 1, idleUntil: now + 7 * HOUR_MS },
  ])
  await clock.advance(7 * HOUR_MS + 1)
  expect(await inspectKeys(sessions, both, { clock })).toMatchObject({ sessions: 1, olderKeys: [] })
  expect((await bffWith(NEW).getSession(request('GET', '/', { cookie })))?.userId).toBe('user-0')
})

test('A run that was stopped goes on where it was stopped', async () => {
  const { clock, sessions, signIn, opened } = sealedStore()
  await signIn(210, OLD)
  const stop = new AbortController()
  const first = beforeUpdate(sessions, () => first.updates === 100 && stop.abort())
  const stopped = await resealSessions(first.watched, both, { clock, signal: stop.signal })
  expect(stopped.isComplete).toBe(false)
  expect(stopped.resealed).toBe(first.updates)
  expect(first.updates).toBeLessThan(110)

  const second = beforeUpdate(sessions, () => {})
  const done = await resealSessions(second.watched, both, { clock })
  expect(done).toMatchObject({ isComplete: true, sessions: 210, resealed: 210 - first.updates })
  expect(second.updates).toBe(210 - first.updates)
  expect(await opened(NEW)).toHaveLength(210)
})

test('Two runs at once seal each session once', async () => {
  const { clock, sessions, signIn, records, opened } = sealedStore()
  await signIn(210, OLD)
  const reports = await Promise.all([1, 2].map(() => resealSessions(sessions, both, { clock })))
  expect((await records()).map(({ version }) => version)).toEqual(Array(210).fill(2))
  expect(reports.reduce((sum, { resealed }) => sum + resealed, 0)).toBe(210)
  expect(await opened(NEW)).toHaveLength(210)
})

test('A session that is signed out or deleted under its reseal stays ended', async () => {
  const { clock, sessions, signIn, bffWith, records } = sealedStore()
  await signIn(40, OLD)
  const bff = bffWith(NEW, OLD)
  const seen = new Set<SessionHandle>()
  const { watched } = beforeUpdate(sessions, async (handle) => {
    seen.add(handle)
    if (seen.size % 2 === 0) await bff.sessions.revoke(handle)
    else await sessions.delete(handle)
  })
  expect(await resealSessions(watched, both, { clock })).toMatchObject({
    isComplete: true,
    sessions: 0,
    resealed: 0,
    olderKeys: [],
  })
  const left = await records()
  expect(left).toHaveLength(20)
  for (const record of left) {
    expect(record.revocation?.reasonCode).toBe('operator_revoked')
    expect([record.accessTokenEncrypted, record.claimsEncrypted]).toEqual([null, null])
  }
})

test('A write of the app under the reseal is kept', async () => {
  const { clock, sessions, signIn, bffWith, records, opened } = sealedStore()
  await signIn(20, OLD)
  const bff = bffWith(NEW, OLD)
  const { watched } = beforeUpdate(sessions, async (handle, _patch, version) => {
    if (version === 1) await bff.sessions.update({ handle }, { metadata: { theme: 'dark' } })
  })
  expect(await resealSessions(watched, both, { clock })).toMatchObject({ resealed: 20 })
  expect((await records()).map(({ metadata }) => metadata)).toEqual(Array(20).fill({ theme: 'dark' }))
  expect(await opened(NEW)).toHaveLength(20)
})

test('Sessions of a key that is not in the key ring are named with it, and left alone', async () => {
  const { clock, sessions, signIn, records } = sealedStore()
  await signIn(3, LOST)
  await signIn(2, OLD)
  const before = await records()
  const report = await resealSessions(sessions, both, { clock })
  expect(report).toMatchObject({ sessions: 5, resealed: 2, broken: 0 })
  expect(report.olderKeys).toMatchObject([
    { id: await encryptionKeyId(LOST), isMissing: true, sessions: 3 },
    { id: await encryptionKeyId(OLD), isMissing: false, sessions: 2 },
  ])
  const lost = await encryptionKeyId(LOST)
  const ofLost = (all: typeof before) => all.filter(({ secretHash }) => secretHash.startsWith(lost))
  expect(ofLost(await records())).toEqual(ofLost(before))
})

test('A value that was changed in the store is counted and stays, and the others of its session are sealed again', async () => {
  const { clock, sessions, signIn, records } = sealedStore()
  await signIn(1, OLD)
  const [record] = await records()
  if (record === undefined) throw new Error('Nobody signed in.')
  const tampered = Uint8Array.from(record.refreshTokenEncrypted ?? [])
  tampered[tampered.length - 1] = (tampered.at(-1) ?? 0) ^ 1
  await sessions.update(record.handle, { refreshTokenEncrypted: tampered, updatedAt: 0 }, record.version)
  expect(await resealSessions(sessions, both, { clock })).toMatchObject({ resealed: 1, broken: 1 })
  const [after] = await records()
  expect(after?.refreshTokenEncrypted).toEqual(tampered)
  expect(both.needsReseal(after?.accessTokenEncrypted ?? new Uint8Array())).toBe(false)
})

test('Revoked and expired sessions are not written', async () => {
  const { clock, sessions, signIn, bffWith, records } = sealedStore()
  await signIn(2, OLD)
  const [first] = await records()
  await bffWith(OLD).sessions.revoke(first?.handle ?? ('' as SessionHandle))
  const watched = beforeUpdate(sessions, () => {})
  await clock.advance(9 * HOUR_MS)
  expect(await resealSessions(watched.watched, both, { clock })).toMatchObject({
    isComplete: true,
    sessions: 0,
    olderKeys: [],
  })
  expect(watched.updates).toBe(0)
})

test('A store that fails ends the run with its error, and no further session is written', async () => {
  const { clock, sessions, signIn } = sealedStore()
  await signIn(100, OLD)
  const failing = beforeUpdate(sessions, () => {
    if (failing.updates > 20) throw new BffError('store_unavailable')
  })
  const run = resealSessions(failing.watched, both, { clock })
  await expect(run).rejects.toMatchObject({ code: 'store_unavailable' })
  const { updates } = failing
  expect(updates).toBeLessThan(40)
  expect(await resealSessions(sessions, both, { clock })).toMatchObject({ isComplete: true, resealed: 80 })
  expect(failing.updates).toBe(updates)
})

test('The newest key is in use when one session has it, also only in its tokens or only in its hash', async () => {
  const { clock, sessions, signIn, bffWith, records } = sealedStore()
  const inUse = () => isNewestKeyInUse(sessions, both, clock)
  expect(await inUse()).toBe(false)
  await signIn(3, OLD)
  await signIn(1, LOST)
  expect(await inUse()).toBe(false)
  const [one] = await records()
  if (one === undefined) throw new Error('Nobody signed in.')
  await resealSessions(sessions, both, { clock })
  expect(await inUse()).toBe(true)
  for (const { handle } of await records()) await sessions.delete(handle)
  await bffWith(NEW, OLD).sessions.create({ userId: 'alice' })
  const [alice] = await records()
  await sessions.update(alice?.handle ?? one.handle, { claimsEncrypted: null, updatedAt: 0 }, 1)
  expect(await inUse()).toBe(true)
})

test('On WebCrypto the first session is sealed again too', async () => {
  const { clock, sessions, signIn, opened } = sealedStore()
  await signIn(3, OLD)
  const web = encryptorOn(null, { keys: [NEW, OLD] })
  expect(await resealSessions(sessions, web, { clock })).toMatchObject({ resealed: 3 })
  expect(await opened(NEW)).toHaveLength(3)
})

test('Sessions behind pseudonyms are sealed again with the wrapper that the app has', async () => {
  const { clock, store } = sealedStore()
  const wrapped = withPseudonyms(store, { key: OLD })
  const bff = createBff({
    origin: ORIGIN,
    store: wrapped,
    encryptionKeys: [OLD],
    clock,
    onEvent: () => {},
  })
  await bff.sessions.create({ userId: 'alice', claims: { name: 'Alice' }, metadata: { theme: 'dark' } })
  expect(await resealSessions(wrapped.sessions, both, { clock })).toMatchObject({ resealed: 1, broken: 0 })
  const { sessions } = await bff.sessions.list({ userId: 'alice' })
  expect(sessions).toMatchObject([{ userId: 'alice', metadata: { theme: 'dark' }, version: 2 }])
})

test('Progress is told page by page, and adds up to the report', async () => {
  const { clock, sessions, signIn } = sealedStore()
  await signIn(210, OLD)
  const told: KeyReport[] = []
  const report = await resealSessions(sessions, both, { clock, onProgress: (one) => told.push(one) })
  expect(told.map((one) => one.sessions)).toEqual([200, 210])
  expect({ ...told.at(-1), isComplete: true }).toEqual(report)
})

test('The id of a key is the one that its sessions name', async () => {
  const { signIn, records } = sealedStore()
  await signIn(1, OLD)
  const [record] = await records()
  expect(record?.secretHash.startsWith(`${await encryptionKeyId(OLD)}.`)).toBe(true)
  await expect(encryptionKeyId('short')).rejects.toMatchObject({ code: 'invalid_config' })
})
