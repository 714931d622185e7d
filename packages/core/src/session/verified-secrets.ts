import type { SessionHandle, SessionRecord } from '../contracts/session.ts'

/** How many sessions' secrets are remembered: as many as at least half of it, and all of it at most. */
const REMEMBERED = 1_000

/** What the hash of a record covers, as it was when the hash was found to be right. */
interface Verified {
  /** A copy: a part of a string would keep the whole `Cookie` header in memory. */
  readonly secret: Uint8Array
  readonly record: Bound
}

type Bound = Pick<
  SessionRecord,
  'secretHash' | 'userId' | 'subject' | 'issuer' | 'provider' | 'createdAt' | 'absoluteExpiresAt'
>

/** Remembers which secrets belong to which records, so that a session in use costs no keyed hash. */
export interface VerifiedSecrets {
  /** Whether the hash of a record with exactly these members was found to belong to this secret. */
  has(secret: string, record: SessionRecord): boolean
  add(secret: string, record: SessionRecord): void
}

/**
 * The hash is a function of the secret, the bound members and the key that it names: where all of them are as they were, it
 * need not be computed again ([decision 0026](../../../../docs/contribute/adr/0026-a-hash-is-verified-once.md)).
 */
export function createVerifiedSecrets(): VerifiedSecrets {
  // Two generations in place of an order of use: a hit writes nothing.
  let recent = new Map<SessionHandle, Verified>()
  let older: ReadonlyMap<SessionHandle, Verified> = new Map()

  function keep(handle: SessionHandle, verified: Verified): void {
    if (recent.size >= REMEMBERED / 2 && !recent.has(handle)) {
      older = recent
      recent = new Map()
    }
    recent.set(handle, verified)
  }

  return {
    has(secret, record) {
      const { handle } = record
      let known = recent.get(handle)
      if (known === undefined) {
        known = older.get(handle)
        if (known === undefined) return false
        keep(handle, known)
      }
      return isSameRecord(known.record, record) && isSameSecret(known.secret, secret)
    },
    add(secret, record) {
      const { secretHash, userId, subject, issuer, provider, createdAt, absoluteExpiresAt } = record
      const copy = Uint8Array.from(secret, (character) => character.charCodeAt(0))
      const bound = { secretHash, userId, subject, issuer, provider, createdAt, absoluteExpiresAt }
      keep(record.handle, { secret: copy, record: bound })
    },
  }
}

/** None of these comes from a client, so the time that it takes tells a client nothing. */
const isSameRecord = (a: Bound, b: Bound) =>
  a.secretHash === b.secretHash &&
  a.userId === b.userId &&
  a.subject === b.subject &&
  a.issuer === b.issuer &&
  a.provider === b.provider &&
  a.createdAt === b.createdAt &&
  a.absoluteExpiresAt === b.absoluteExpiresAt

/** In a time that depends on no character (CRY-14). */
function isSameSecret(known: Uint8Array, secret: string): boolean {
  let difference = known.length ^ secret.length
  for (let at = 0; at < known.length; at++) difference |= (known[at] ?? 0) ^ secret.charCodeAt(at)
  return difference === 0
}
