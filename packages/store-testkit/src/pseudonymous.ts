import assert from 'node:assert/strict'
import { createBff, generateEncryptionKey, type Stores } from '@bff/core'
import { type FieldsWith, withPseudonyms } from '@bff/core/store'
import type { StoreHarness } from './harness.ts'

type PersonalText = Exclude<FieldsWith<{ personal: 'hashed' } | { personal: 'hidden' }>, 'metadata'>

/** Returns the stores of a harness with `withPseudonyms`. `peek` opens records with the same key. */
export function pseudonymous(harness: StoreHarness): StoreHarness {
  const key = generateEncryptionKey()
  return {
    async open() {
      const open = await harness.open()
      const { sessions } = open.stores
      const peeking = new Proxy(sessions, {
        get: (target, name) => (name === 'get' ? open.peek : Reflect.get(target, name)),
      })
      const behind = withPseudonyms({ ...open.stores, sessions: peeking }, { key })
      return {
        ...open,
        stores: withPseudonyms(open.stores, { key }),
        ...(open.another !== undefined && { another: withPseudonyms(open.another, { key }) }),
        peek: (handle) => behind.sessions.get(handle),
      }
    },
  }
}

/**
 * Fills stores with `withPseudonyms` with all data of a user: an active session, one that the user ended, one that an
 * operator ended, and a short-lived value. Returns what a dump must not contain, and what it contains.
 */
export async function fillPseudonymously(stores: Stores): Promise<{ hidden: string[]; shown: string[] }> {
  const key = generateEncryptionKey()
  const behind = withPseudonyms(stores, { key })
  const encryptionKeys = [generateEncryptionKey()]
  const bff = createBff({ origin: 'https://app.example', store: behind, encryptionKeys, onEvent: () => {} })
  // Written out, so that the table of fields cannot take a person out of this test.
  const person = {
    userId: 'hidden-user',
    organizationId: 'hidden-organization',
    subject: 'hidden-subject',
    providerSessionId: 'hidden-sid',
    deviceId: 'hidden-device',
    clientPublicKey: 'hidden-public-key',
    ipAddress: '203.0.113.77',
    userAgent: 'hidden-agent',
  } satisfies { readonly [Field in PersonalText]: string }
  const create = () =>
    bff.sessions.create({ ...person, issuer: 'https://idp.example', metadata: { note: 'hidden-note' } })
  const [living, left, ended] = [await create(), await create(), await create()]
  const by = { reasonCode: 'logout', actorType: 'user', actorId: person.userId }
  await bff.sessions.revoke(left.session.handle, by)
  await bff.sessions.revokeAll(
    { userId: person.userId, exceptHandle: living.session.handle },
    { actorId: 'hidden-operator' },
  )
  await behind.ttl.set(`mark:${person.userId}`, `value of ${person.userId}`, 3_600_000)
  const record = await stores.sessions.get(living.session.handle)
  assert.notEqual(record?.userId, person.userId)
  return {
    hidden: [key, ...encryptionKeys, ...Object.values(person), 'hidden-note', 'hidden-operator', 'mark:'],
    shown: [living, left, ended].map(({ session }) => session.handle),
  }
}
