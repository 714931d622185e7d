import type { Encryptor } from '../contracts/encryptor.ts'
import type { SessionPatch, SessionRecord } from '../contracts/session.ts'
import type { SessionStore } from '../contracts/session-store.ts'
import { equalsConstantTime } from '../internal/crypto/hash.ts'
import { resealStale } from '../internal/reseal.ts'
import { secretHashOf } from './id.ts'

interface NewestKeyDependencies {
  readonly store: SessionStore
  readonly encryptor: Encryptor
}

/** Concurrent writers of one session are few; after so many lost races the next touch tries again. */
const ATTEMPTS = 3

/**
 * Moves a session in use to the newest key: its sealed fields, and the hash of its secret, which only a request with the
 * secret can make again. Returns the record as it is stored then: `record` itself, without a write, when the newest key made
 * it all.
 */
export async function moveToNewestKey(
  secret: string,
  record: SessionRecord,
  { store, encryptor }: NewestKeyDependencies,
): Promise<SessionRecord> {
  let current = record
  for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
    const patch = await patchOf(secret, current, encryptor)
    if (Object.keys(patch).length === 0) return current
    // The session is the same to everyone: it was not changed at another time because its seals are new.
    const { updatedAt, version } = current
    const moved = await store.update(current.handle, { ...patch, updatedAt }, version)
    if (moved !== null) return moved
    const stored = await store.get(current.handle)
    if (stored === null || stored.revocation !== null) return record
    current = stored
  }
  return current
}

async function patchOf(
  secret: string,
  record: SessionRecord,
  encryptor: Encryptor,
): Promise<Omit<SessionPatch, 'updatedAt'>> {
  const newest = await secretHashOf(encryptor, secret, record)
  const { fields } = await resealStale(encryptor, record)
  return newest !== record.secretHash && (await isCurrent(secret, record, encryptor))
    ? { ...fields, secretHash: newest }
    : fields
}

/** During the grace of a rotation the request's secret may be the one before: its hash must not take the current one's place. */
async function isCurrent(secret: string, record: SessionRecord, encryptor: Encryptor): Promise<boolean> {
  const { secretHash } = record
  return equalsConstantTime(await secretHashOf(encryptor, secret, record, secretHash), secretHash)
}
