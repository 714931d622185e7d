import { createHash, randomBytes } from 'node:crypto'
import { expect, test } from 'vitest'
import { memoryStore } from '../../../store-memory/src/index.ts'
import {
  generateEncryptionKey,
  type SessionHandle,
  type SessionPatch,
  type SessionRecord,
} from '../../src/index.ts'
import { encryptorOn } from '../../src/internal/crypto/create-encryptor.ts'
import { nodeCrypto } from '../../src/internal/crypto/platform.ts'
import { withPseudonyms } from '../../src/store/index.ts'
import { Browser, jsonOf, world } from '../world.ts'

const COOKIE = '__Host-Http-bff'

/** Alice's and mallory's sessions; mallory can also write the session table. */
async function withMallory() {
  const all = world()
  const signIn = async (subject: string) => {
    all.provider.subject = subject
    const browser = all.browser()
    await browser.signIn()
    const id = browser.cookies.get(COOKIE) ?? ''
    const record = await all.store.sessions.get(id.slice(0, 16) as SessionHandle)
    if (record === null) throw new Error('Nobody signed in.')
    return { browser, id, record }
  }
  const [alice, mallory] = [await signIn('alice'), await signIn('mallory')]
  const whoIs = async (id: string) => {
    const browser = new Browser(all.bff)
    browser.cookies.set(COOKIE, id)
    return jsonOf(await browser.fetch('GET', '/bff/session')).user_id ?? null
  }
  const overwrite = ({ handle, version }: SessionRecord, patch: Omit<SessionPatch, 'updatedAt'>) =>
    all.store.sessions.update(handle, { ...patch, updatedAt: 0 }, version)
  return { ...all, alice, mallory, whoIs, overwrite }
}

test('a hash of a secret of their own gives nobody a session of somebody else', async () => {
  const { alice, mallory, whoIs, overwrite } = await withMallory()
  const secret = mallory.id.slice(16)
  const forged = alice.id.slice(0, 16) + secret
  const plain = createHash('sha256').update(secret).digest('base64url')
  for (const secretHash of [
    plain,
    mallory.record.secretHash,
    `${alice.record.secretHash.split('.')[0]}.${plain}`,
    '',
  ]) {
    const { secretHash: _, ...rest } = alice.record
    const version = (
      await overwrite({ ...rest, secretHash, version: alice.record.version } as SessionRecord, { secretHash })
    )?.version
    expect(await whoIs(forged)).toBeNull()
    await overwrite({ ...alice.record, version: version ?? 0 }, { secretHash: alice.record.secretHash })
    Object.assign(alice.record, { version: (version ?? 0) + 1 })
  }
  expect(await whoIs(alice.id)).toBe('alice')
})

test('a hash in the place of the one before a rotation is no way in either', async () => {
  const { alice, mallory, whoIs, overwrite, clock } = await withMallory()
  const forged = alice.id.slice(0, 16) + mallory.id.slice(16)
  const previousSecretUntil = clock.now() + 1e9
  await overwrite(alice.record, { previousSecretHash: mallory.record.secretHash, previousSecretUntil })
  expect(await whoIs(forged)).toBeNull()
  expect(await whoIs(alice.id)).toBe('alice')
})

test.each([
  ['userId', { userId: 'alice' }],
  ['issuer', { issuer: 'https://other.example.com' }],
  ['absoluteExpiresAt', { absoluteExpiresAt: Date.UTC(2040, 0, 1) }],
  ['createdAt', { createdAt: 0 }],
])('a session whose %s was rewritten is no session', async (_, change) => {
  const { mallory, store, whoIs } = await withMallory()
  await store.sessions.delete(mallory.record.handle)
  await store.sessions.create({ ...mallory.record, ...change })
  expect(await whoIs(mallory.id)).toBeNull()
  await store.sessions.delete(mallory.record.handle)
  await store.sessions.create(mallory.record)
  expect(await whoIs(mallory.id)).toBe('mallory')
})

test('somebody who can write the table can change what is bound to nothing, and put back older claims and tokens', async () => {
  const { alice, bff, overwrite, clock, provider } = await withMallory()
  const { accessTokenEncrypted, claimsEncrypted, accessTokenExpiresAt } = alice.record
  const view = () => alice.browser.view('GET', '/')
  await clock.advance(61_000)
  const refreshed = await bff.requireSession(view())
  expect((await refreshed.tokens())?.accessToken).not.toBe('access-1')
  expect(provider.calls).toContain('refresh')
  const version = (await bff.requireSession(view())).version
  await overwrite(
    { ...alice.record, version },
    {
      accessTokenEncrypted,
      claimsEncrypted,
      accessTokenExpiresAt,
      organizationId: 'other',
      metadata: { role: 'admin' },
    },
  )
  const changed = await bff.requireSession(view())
  expect([changed.userId, changed.organizationId, changed.metadata]).toEqual([
    'alice',
    'other',
    { role: 'admin' },
  ])
  expect((await changed.identity()).claims).toMatchObject({ sub: 'alice', roles: ['buyer', 'admin'] })
})

test('a rotation makes a new hash under the newest key, and both cookies work for its grace', async () => {
  const clock = world().clock
  const store = memoryStore({ clock })
  const [oldKey, newKey] = [generateEncryptionKey(), generateEncryptionKey()]
  const before = world({ clock, store, encryptionKeys: [oldKey] })
  const user = before.browser()
  await user.signIn()
  const id = user.cookies.get(COOKIE) ?? ''
  const after = world({ clock, store, encryptionKeys: [newKey, oldKey] })
  const session = await after.bff.getSession(user.view('GET', '/'))
  const rotated = session && (await after.bff.sessions.rotate(session))
  const ids = [id, rotated?.cookie.split(/[=;]/)[1] ?? '']
  for (const one of ids) {
    const browser = new Browser(after.bff)
    browser.cookies.set(COOKIE, one)
    expect(jsonOf(await browser.fetch('GET', '/bff/session')).authenticated).toBe(true)
  }
  const stored = await store.sessions.get(id.slice(0, 16) as SessionHandle)
  expect(stored?.secretHash.split('.')[0]).not.toBe(stored?.previousSecretHash?.split('.')[0])
  const stale = new Browser(before.bff)
  stale.cookies.set(COOKIE, ids[1] ?? '')
  expect(jsonOf(await stale.fetch('GET', '/bff/session')).error).toBe('key_unavailable')
})

test('a session behind pseudonyms is what core knows of it', async () => {
  const clock = world().clock
  const key = randomBytes(32).toString('base64')
  const { browser } = world({ clock, store: withPseudonyms(memoryStore({ clock }), { key }) })
  const user = browser()
  await user.signIn()
  expect(jsonOf(await user.fetch('GET', '/bff/session')).user_id).toBe('alice')
})

test('a keyed hash is the same on Node and on WebCrypto, and differs by text and by key', async () => {
  const keys = [generateEncryptionKey()]
  const [node, web] = [encryptorOn(nodeCrypto(), { keys }), encryptorOn(null, { keys })]
  const mac = await node.mac('grüße')
  expect(mac).toMatch(/^[\w-]{8}\.[\w-]{43}$/)
  expect([await web.mac('grüße'), await web.mac('x', mac)]).toEqual([mac, await node.mac('x')])
  expect(await node.mac('grüsse')).not.toBe(mac)
  const other = encryptorOn(nodeCrypto(), { keys: [generateEncryptionKey(), ...keys] })
  expect([await other.mac('grüße'), await other.mac('grüße', mac)]).toEqual([
    expect.not.stringContaining(mac),
    mac,
  ])
  await expect(encryptorOn(null, { keys: [generateEncryptionKey()] }).mac('x', mac)).rejects.toMatchObject({
    code: 'key_unavailable',
  })
  await expect(node.mac('x', 'A'.repeat(43))).rejects.toMatchObject({ code: 'seal_broken' })
})
