import { expect, test } from 'vitest'
import { memoryStore } from '../../../store-memory/src/index.ts'
import type { SessionRecord } from '../../src/contracts/session.ts'
import { createBff } from '../../src/index.ts'
import { createEncryptor, generateEncryptionKey } from '../../src/internal/crypto/create-encryptor.ts'
import { createVerifiedSecrets } from '../../src/session/verified-secrets.ts'
import { Browser, jsonOf, ORIGIN } from '../world.ts'

/** Alice, whose session is in use, in a BFF that counts the keyed hashes it makes. */
async function aliceInUse() {
  const encryptor = createEncryptor({ keys: [generateEncryptionKey()] })
  const store = memoryStore()
  let hashes = 0
  const bff = createBff({
    origin: ORIGIN,
    store,
    encryptor: {
      ...encryptor,
      mac(text, like) {
        hashes += 1
        return encryptor.mac(text, like)
      },
    },
    onEvent: () => {},
  })
  const { session, cookie } = await bff.sessions.create({ userId: 'alice', issuer: 'https://id.example.com' })
  const id = cookie.split(/[=;]/)[1] ?? ''
  const whoIs = async (sent: string) => {
    const browser = new Browser(bff)
    browser.keep(cookie.replace(id, sent))
    return jsonOf(await browser.fetch('GET', '/bff/session')).user_id ?? null
  }
  expect(await whoIs(id)).toBe('alice')
  const record = await store.sessions.get(session.handle)
  if (record === null) throw new Error('There is no session.')
  hashes = 0
  return { bff, store, id, record, whoIs, hashes: () => hashes }
}

test('a session in use costs no keyed hash', async () => {
  const { id, whoIs, hashes } = await aliceInUse()
  expect([await whoIs(id), await whoIs(id)]).toEqual(['alice', 'alice'])
  expect(hashes()).toBe(0)
})

test('another secret for a session in use is refused, however much of it is right', async () => {
  const { id, whoIs } = await aliceInUse()
  for (let at = 16; at < id.length; at++) {
    const other = id.slice(0, at) + (id[at] === 'A' ? 'B' : 'A') + id.slice(at + 1)
    expect(await whoIs(other)).toBeNull()
  }
  expect(await whoIs(id)).toBe('alice')
})

test.each([
  ['userId', { userId: 'mallory' }],
  ['subject', { subject: 'mallory' }],
  ['issuer', { issuer: 'https://other.example.com' }],
  ['provider', { provider: 'other' }],
  ['absoluteExpiresAt', { absoluteExpiresAt: Date.UTC(2040, 0, 1) }],
  ['createdAt', { createdAt: 0 }],
  ['secretHash', { secretHash: `${'A'.repeat(8)}.${'A'.repeat(43)}` }],
] as ReadonlyArray<[string, Partial<SessionRecord>]>)(
  'a session in use whose %s is rewritten in the store is no session',
  async (_, change) => {
    const { id, record, store, whoIs } = await aliceInUse()
    await store.sessions.delete(record.handle)
    await store.sessions.create({ ...record, ...change })
    expect(await whoIs(id)).toBeNull()
  },
)

test('a revoked session in use is no session', async () => {
  const { bff, id, record, whoIs } = await aliceInUse()
  await bff.sessions.revoke(record.handle)
  expect(await whoIs(id)).toBeNull()
})

test('it forgets the sessions that were not used for longest', () => {
  const verified = createVerifiedSecrets()
  const recordOf = (n: number) => ({ handle: `handle-${n}`, userId: 'alice' }) as unknown as SessionRecord
  verified.add('first', recordOf(0))
  verified.add('idle', recordOf(1))
  for (let n = 2; n < 1_200; n++) {
    verified.add('secret', recordOf(n))
    expect(verified.has('first', recordOf(0))).toBe(true)
  }
  expect([verified.has('idle', recordOf(1)), verified.has('secret', recordOf(1_199))]).toEqual([false, true])
})
