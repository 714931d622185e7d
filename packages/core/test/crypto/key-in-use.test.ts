import { manualClock } from '@bff/test-support/clock'
import { expect, test } from 'vitest'
import { memoryStore } from '../../../store-memory/src/index.ts'
import { SEALED_FIELDS } from '../../src/contracts/sealed-fields.ts'
import { createEncryptor, generateEncryptionKey, type SessionHandle } from '../../src/index.ts'
import { jsonOf, setCookies, world } from '../world.ts'

const [OLD, NEW] = [generateEncryptionKey(), generateEncryptionKey()]
const COOKIE = '__Host-Http-bff'
/** A tenth of the idle time of 8 hours: the next use after it is written to the store. */
const UNTIL_NOTED_MS = 48 * 60_000
const GRACE_MS = 30_000

/** One session of the old key, and processes of its app with other keys. */
async function sessionOfOldKey() {
  const clock = manualClock()
  const store = memoryStore({ clock })
  const deploy = (...encryptionKeys: string[]) => world({ clock, store, encryptionKeys })
  const browser = deploy(OLD).browser()
  await browser.signIn()
  const handle = (browser.cookies.get(COOKIE) ?? '').slice(0, 16) as SessionHandle
  const record = async () => {
    const stored = await store.sessions.get(handle)
    if (stored === null) throw new Error('The session is gone.')
    return stored
  }
  const use = async ({ bff }: Pick<ReturnType<typeof world>, 'bff'>) => {
    const reply = await bff.handle(browser.view('GET', '/bff/user'))
    if (reply === undefined) throw new Error('not answered')
    return { status: reply.status, error: reply.status === 200 ? null : jsonOf(reply).error, reply }
  }
  return { clock, store, deploy, browser, handle, record, use }
}

/** The id of the key that made a hash: what is before its dot. */
const idOf = (hash: string | null) => hash?.split('.')[0]
const idOfKey = async (key: string) => idOf(await createEncryptor({ keys: [key] }).mac(''))

test('A use that is written down moves its session to the newest key, once, and the old key is needed no more [CRY-06]', async () => {
  const { clock, store, deploy, record, use } = await sessionOfOldKey()
  const both = deploy(NEW, OLD)
  const before = await record()
  expect((await use(both)).status).toBe(200)
  // Too early for a write: principle 7.
  expect(await record()).toEqual(before)

  await clock.advance(UNTIL_NOTED_MS)
  expect((await use(both)).status).toBe(200)
  const moved = await record()
  expect(idOf(moved.secretHash)).toBe(await idOfKey(NEW))
  const newest = createEncryptor({ keys: [NEW] })
  for (const field of SEALED_FIELDS) {
    const envelope = moved[field]
    const context = { recordId: moved.handle, field: field.replace('Encrypted', '') }
    if (envelope !== null) await newest.decrypt(envelope, context)
    expect(envelope === null).toBe(before[field] === null)
  }
  expect(moved).toEqual({
    ...before,
    version: before.version + 1,
    secretHash: moved.secretHash,
    ...Object.fromEntries(SEALED_FIELDS.map((field) => [field, moved[field]])),
    lastAccessedAt: clock.now(),
    expiresAt: clock.now() + 8 * 3_600_000,
  })

  const update = store.sessions.update.bind(store.sessions)
  let updates = 0
  Object.assign(store.sessions, {
    update: (...args: Parameters<typeof update>) => {
      updates++
      return update(...args)
    },
  })
  await clock.advance(UNTIL_NOTED_MS)
  expect((await use(deploy(NEW, OLD))).status).toBe(200)
  expect((await record()).lastAccessedAt).toBe(clock.now())
  expect(updates).toBe(0)
  expect((await use(deploy(NEW))).status).toBe(200)
})

test('A cookie from before a rotation, used in its grace, leaves the hash of the newer cookie alone', async () => {
  const { clock, deploy, browser, record, use } = await sessionOfOldKey()
  const old = deploy(OLD)
  await clock.advance(UNTIL_NOTED_MS)
  const session = await old.bff.getSession(browser.view('GET', '/'))
  if (session === null) throw new Error('Nobody is signed in.')
  await clock.advance(UNTIL_NOTED_MS)
  const issued = await old.bff.sessions.rotate(session)
  const rotated = await record()

  const both = deploy(NEW, OLD)
  expect((await use(both)).status).toBe(200)
  const touched = await record()
  expect(touched.lastAccessedAt).toBe(clock.now())
  expect([touched.secretHash, touched.previousSecretHash]).toEqual([
    rotated.secretHash,
    rotated.previousSecretHash,
  ])
  browser.keep(issued?.cookie ?? '')
  expect((await use(both)).status).toBe(200)
})

test('A session that is signed out between the touch and the move to the newest key stays signed out', async () => {
  const { clock, store, deploy, handle, record, use } = await sessionOfOldKey()
  const another = deploy(NEW, OLD)
  await clock.advance(UNTIL_NOTED_MS)
  const touch = store.sessions.touch.bind(store.sessions)
  Object.assign(store.sessions, {
    touch: async (...args: Parameters<typeof touch>) => {
      const lives = await touch(...args)
      await another.bff.sessions.revoke(handle)
      return lives
    },
  })
  const both = deploy(NEW, OLD)
  await use(both)
  const ended = await record()
  expect(ended.revocation?.reasonCode).toBe('operator_revoked')
  expect(SEALED_FIELDS.map((field) => ended[field])).toEqual(SEALED_FIELDS.map(() => null))
  expect((await use(another)).status).toBe(401)
})

test('A write of another process during the move to the newest key is kept, and the move goes on top of it', async () => {
  const { clock, store, deploy, handle, record, use } = await sessionOfOldKey()
  const another = deploy(NEW, OLD)
  await clock.advance(UNTIL_NOTED_MS)
  const touch = store.sessions.touch.bind(store.sessions)
  Object.assign(store.sessions, {
    touch: async (...args: Parameters<typeof touch>) => {
      const lives = await touch(...args)
      await another.bff.sessions.update({ handle }, { metadata: { theme: 'dark' } })
      return lives
    },
  })
  expect((await use(deploy(NEW, OLD))).status).toBe(200)
  const moved = await record()
  expect(moved.metadata).toEqual({ theme: 'dark' })
  expect(idOf(moved.secretHash)).toBe(await idOfKey(NEW))
})

test('A failed move to the newest key refuses no request', async () => {
  const { clock, store, deploy, record, use } = await sessionOfOldKey()
  await clock.advance(UNTIL_NOTED_MS)
  Object.assign(store.sessions, {
    update: async () => {
      throw new Error('The disk is full.')
    },
  })
  const both = deploy(NEW, OLD)
  expect((await use(both)).status).toBe(200)
  expect(both.events).toContainEqual(
    expect.objectContaining({ type: 'store.unavailable', operation: 'touch' }),
  )
  expect(idOf((await record()).secretHash)).toBe(await idOfKey(OLD))
})

test('A secret from before a rotation whose key is gone is refused after its grace, and is an outage during it', async () => {
  const { clock, deploy, browser, record, use } = await sessionOfOldKey()
  const both = deploy(NEW, OLD)
  const session = await both.bff.getSession(browser.view('GET', '/'))
  if (session === null) throw new Error('Nobody is signed in.')
  const issued = await both.bff.sessions.rotate(session)
  const { secretHash, previousSecretHash } = await record()
  expect([idOf(secretHash), idOf(previousSecretHash)]).toEqual([await idOfKey(NEW), await idOfKey(OLD)])

  const newest = deploy(NEW)
  expect(await use(newest)).toMatchObject({ status: 503, error: 'key_unavailable' })
  await clock.advance(GRACE_MS + 1)
  const refused = await use(newest)
  expect(refused).toMatchObject({ status: 401, error: 'invalid_session' })
  expect(setCookies(refused.reply)).toEqual([])
  browser.keep(issued?.cookie ?? '')
  expect((await use(newest)).status).toBe(200)
})

test('A session that has ended needs no key: its cookie is refused when the key is gone, and is no outage', async () => {
  const { clock, deploy, use } = await sessionOfOldKey()
  const newest = deploy(NEW)
  expect(await use(newest)).toMatchObject({ status: 503, error: 'key_unavailable' })
  await clock.advance(9 * 3_600_000)
  expect(await use(newest)).toMatchObject({ status: 401, error: 'invalid_session' })

  const other = await sessionOfOldKey()
  await other.deploy(OLD).bff.sessions.revoke(other.handle)
  const revoked = await other.use(other.deploy(NEW))
  expect(revoked).toMatchObject({ status: 401, error: 'invalid_session' })
  expect(setCookies(revoked.reply)).toEqual([])
  expect(newest.events.filter(({ type }) => type === 'crypto.decrypt_failed')).toHaveLength(1)
})
