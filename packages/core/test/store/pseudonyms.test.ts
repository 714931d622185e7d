import { inspect } from 'node:util'
import { expect, test } from 'vitest'
import { memoryStore } from '../../../store-memory/src/index.ts'
import { fillPseudonymously } from '../../../store-testkit/src/fixtures.ts'
import {
  type BffEventDetail,
  createBff,
  generateEncryptionKey,
  type SessionHandle,
  type SessionStore,
} from '../../src/index.ts'
import { withPseudonyms } from '../../src/store/index.ts'

const HOUR = 3_600_000
const hex = Buffer.alloc(32, 7).toString('hex')

/** A BFF on stores behind pseudonyms, and those stores as they are. */
function pseudonymous(key = generateEncryptionKey()) {
  const plain = memoryStore()
  const events: BffEventDetail[] = []
  const store = withPseudonyms(plain, { key, onEvent: (event) => events.push(event) })
  const encryptionKeys = [generateEncryptionKey()]
  const bff = createBff({ origin: 'https://app.example.com', store, encryptionKeys, onEvent: () => {} })
  return { plain, store, bff, events, key }
}

test('the app sees everyone as they are, at once and after the end; the store knows hashes', async () => {
  const { plain, bff } = pseudonymous()
  const { session } = await bff.sessions.create({
    userId: 'alice',
    deviceId: 'laptop',
    metadata: { theme: 'dark' },
  })
  expect(session).toMatchObject({ userId: 'alice', deviceId: 'laptop', metadata: { theme: 'dark' } })
  const kept = await plain.sessions.get(session.handle)
  expect(kept?.userId).toMatch(/^[\w-]{43}$/)
  expect(kept?.deviceId).toMatch(/^[\w-]{43}$/)
  expect(kept?.userId).not.toBe(kept?.deviceId)
  expect((await bff.sessions.list({ userId: 'alice' })).sessions).toHaveLength(1)
  expect((await bff.sessions.list({ userId: kept?.userId ?? '' })).sessions).toEqual([])
  const [ended] = await bff.sessions.revokeAll({ userId: 'alice' }, { actorId: 'alice' })
  expect(ended).toMatchObject({ userId: 'alice', revocation: { actorId: 'alice' } })
  expect((await bff.sessions.list({ userId: 'alice' })).sessions).toMatchObject([
    { userId: 'alice', revocation: { actorId: 'alice' } },
  ])
})

test('the store gets nothing of a person in the clear', async () => {
  const plain = memoryStore()
  const { hidden, shown } = await fillPseudonymously(plain)
  const kept = await Promise.all(shown.map((handle) => plain.sessions.get(handle as SessionHandle)))
  const text = inspect(kept, { depth: 8, maxStringLength: null })
  for (const handle of shown) expect(text).toContain(handle)
  for (const name of hidden) expect(text).not.toContain(name)
})

test('the same key in hex and base64 knows the same people, another key nobody', async () => {
  const { plain, bff } = pseudonymous(hex)
  const { session } = await bff.sessions.create({ userId: 'alice' })
  const events: BffEventDetail[] = []
  const reopen = (key: string) =>
    withPseudonyms(plain, { key, onEvent: (event) => events.push(event) }).sessions
  const base64 = reopen(Buffer.from(hex, 'hex').toString('base64'))
  expect((await base64.list({ userId: 'alice' })).records).toHaveLength(1)
  const stranger = reopen(generateEncryptionKey())
  expect(await stranger.get(session.handle)).toBeNull()
  expect((await stranger.list({ userId: 'alice' })).records).toEqual([])
  expect(events).toMatchObject([{ type: 'crypto.decrypt_failed', field: 'personal' }])
})

test('a record that was not sealed here, or has the owner of another one, is no session [CRY-03]', async () => {
  const { plain, store, bff } = pseudonymous()
  const [alice, bob] = [
    await bff.sessions.create({ userId: 'alice' }),
    await bff.sessions.create({ userId: 'bob' }),
  ]
  const stolen = await plain.sessions.get(bob.session.handle)
  const { handle } = alice.session
  const patch = { updatedAt: Date.now(), metadata: stolen?.metadata ?? {} }
  await plain.sessions.update(handle, patch, 1)
  expect(await store.sessions.get(handle)).toBeNull()
  expect((await store.sessions.list({ userId: 'alice' })).records).toEqual([])
  expect(await store.sessions.update(handle, { updatedAt: Date.now(), deviceId: 'd' }, 2)).toBeNull()
  expect(
    await store.sessions.revoke(handle, { at: 1, reasonCode: 'r', actorType: 'a', actorId: null }),
  ).toBeNull()
  expect((await plain.sessions.get(handle))?.revocation).not.toBeNull()
  for (const [index, sealed] of [undefined, 7, '', 'x', '{}', 'AAAA'].entries()) {
    const forged = `forged${index}---------` as SessionHandle
    if (stolen !== null) await plain.sessions.create({ ...stolen, handle: forged, metadata: { sealed } })
    expect(await store.sessions.get(forged)).toBeNull()
  }
})

test('another organization in the clear changes no session, nor does the seal of another one, but an older one of its own is put back', async () => {
  const { plain, store, bff } = pseudonymous()
  const { session } = await bff.sessions.create({
    userId: 'alice',
    organizationId: 'one',
    metadata: { role: 'buyer' },
  })
  const other = await bff.sessions.create({
    userId: 'alice',
    organizationId: 'two',
    metadata: { role: 'admin' },
  })
  const { handle } = session
  const [old, taken] = [await plain.sessions.get(handle), await plain.sessions.get(other.session.handle)]
  const write = async (patch: { organizationId?: string | null; metadata?: Record<string, unknown> }) => {
    const version = (await plain.sessions.get(handle))?.version ?? 0
    await plain.sessions.update(handle, { ...patch, updatedAt: Date.now() }, version)
    return store.sessions.get(handle)
  }
  expect(await write({ organizationId: taken?.organizationId ?? null })).toMatchObject({
    organizationId: 'one',
  })
  expect(await write({ metadata: { ...taken?.metadata } })).toBeNull()
  const restored = await write({
    organizationId: old?.organizationId ?? null,
    metadata: { ...old?.metadata },
  })
  expect(restored).toMatchObject({ userId: 'alice', organizationId: 'one', metadata: { role: 'buyer' } })
})

test('an actor of any length is kept: sealed, or as a hash that their own session knows [S3-13]', async () => {
  const { bff, plain, store } = pseudonymous()
  const [self, other] = ['s'.repeat(255), 'o'.repeat(255)]
  const make = async () => (await bff.sessions.create({ userId: self })).session.handle
  const [first, second, third] = [await make(), await make(), await make()]
  await bff.sessions.revoke(first, { actorId: self })
  await bff.sessions.revoke(second, { actorId: 'operator 7' })
  await bff.sessions.revoke(third, { actorId: other })
  const actor = async (handle: SessionHandle, sessions: SessionStore) =>
    (await sessions.get(handle))?.revocation?.actorId
  expect(await actor(first, store.sessions)).toBe(self)
  expect(await actor(second, store.sessions)).toBe('operator 7')
  expect(await actor(third, store.sessions)).toMatch(/^[\w-]{43}$/)
  for (const handle of [first, second, third]) {
    const kept = (await actor(handle, plain.sessions)) ?? ''
    expect(kept.length).toBeLessThanOrEqual(255)
    expect(kept).not.toMatch(/sss|operator|ooo/)
  }
})

test('a request reads once; only a change of what is sealed reads first', async () => {
  const { plain, bff, store } = pseudonymous()
  const { session } = await bff.sessions.create({ userId: 'alice', tokens: { accessToken: 'token' } })
  let reads = 0
  const { get } = plain.sessions
  plain.sessions.get = (handle) => {
    reads++
    return get.call(plain.sessions, handle)
  }
  await store.sessions.get(session.handle)
  expect(reads).toBe(1)
  const now = Date.now()
  await store.sessions.touch(session.handle, now, now + HOUR)
  const updated = await store.sessions.update(
    session.handle,
    { updatedAt: now, accessTokenEncrypted: null },
    1,
  )
  expect([reads, updated?.userId]).toEqual([1, 'alice'])
  await store.sessions.update(session.handle, { updatedAt: now, deviceId: 'd' }, 2)
  expect(reads).toBe(2)
})

test('a short-lived value does not open under another key of the store', async () => {
  const { plain, store } = pseudonymous()
  const kept = new Map<string, string>()
  const { set } = plain.ttl
  plain.ttl.set = async (name, value, life) => {
    kept.set(name, value)
    await set.call(plain.ttl, name, value, life)
  }
  for (const name of ['one', 'two']) await store.ttl.set(name, 'value', HOUR)
  const [one, two] = [...kept.keys()]
  expect(kept.get(one ?? '')).not.toBe(kept.get(two ?? ''))
  await plain.ttl.set(two ?? '', kept.get(one ?? '') ?? '', HOUR)
  expect([await store.ttl.get('one'), await store.ttl.get('two')]).toEqual(['value', null])
  for (const broken of ['', 'x', '*', kept.get(two ?? '')?.slice(0, -2) ?? '']) {
    await plain.ttl.set(one ?? '', broken, HOUR)
    expect(await store.ttl.take('one')).toBeNull()
  }
})

test('an unknown option is invalid_config', () => {
  const options = { key: hex, keys: [hex] }
  expect(() => withPseudonyms(memoryStore(), options)).toThrow(/Unknown option keys of withPseudonyms/)
})

const MAKE = 'Make a key with: openssl rand -base64 32'
test.each([
  ['', 'is empty. Set it, or its environment variable: it must be a text.'],
  [undefined, 'is missing. Set it, or its environment variable: it must be a text.'],
  ['a passphrase', `is neither base64 nor hex. ${MAKE}`],
  ['abcd', `has 2 bytes, not 32. ${MAKE}`],
  ['0'.repeat(64), `is all zeros. ${MAKE}`],
])('withPseudonyms: a key that is none is invalid_config, and says why: %s', (key, flaw) => {
  const options: { key: string } = JSON.parse(JSON.stringify({ key }))
  expect(() => withPseudonyms(memoryStore(), options)).toThrow(
    expect.objectContaining({ code: 'invalid_config', message: `withPseudonyms: key ${flaw}` }),
  )
})
