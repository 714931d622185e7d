import type { Clock } from '../contracts/clock.ts'
import type { BffEvent } from '../contracts/events.ts'
import type { Revocation, SessionHandle, SessionPatch, SessionRecord } from '../contracts/session.ts'
import { absent, fieldsWith, SESSION_FIELDS } from '../contracts/session-fields.ts'
import type { AnyOwnerFilter, SessionFilter, SessionStore } from '../contracts/session-store.ts'
import type { Stores } from '../contracts/stores.ts'
import { attachmentRules, createAttachment } from '../internal/attachment.ts'
import { isBffError } from '../internal/bff-error.ts'
import { encryptorOn } from '../internal/crypto/create-encryptor.ts'
import { fromUtf8, utf8 } from '../internal/crypto/encoding.ts'
import { nodeCrypto } from '../internal/crypto/platform.ts'
import { text } from '../internal/option-rules.ts'
import { readOptions } from '../internal/options.ts'
import { fromBase64, toBase64 } from './base64.ts'
import { isOfAnyOwner, requireOwner } from './filter.ts'
import { givenFields } from './given-fields.ts'
import { pseudonymKey } from './pseudonym-key.ts'
import { pseudonymousValues } from './pseudonymous-values.ts'

export interface PseudonymsOptions {
  /**
   * 32 bytes as base64 or hex, the same in every process. Use a separate key: not one of `encryptionKeys`, and not stored
   * with the database. You cannot rotate it: with another key every session is unknown.
   */
  readonly key: string
  /** Receives `crypto.decrypt_failed` for a record that was not written with this key. @default `onEvent` of the BFF */
  readonly onEvent?: (event: BffEvent) => void
  /** A clock of its own, for tests. @default the clock of the BFF */
  readonly clock?: Clock
}

const OPTIONS = {
  key: text(),
  ...attachmentRules,
}

/** The members that the store gets as keyed hashes. */
const HASHED = fieldsWith({ personal: 'hashed' })
/** The members that the store gets only as a sealed copy, in `metadata`. */
const HIDDEN = fieldsWith({ personal: 'hidden' })

const PERSONAL = [...HASHED, ...HIDDEN] as const

type HashedField = (typeof HASHED)[number]
type Personal = Pick<SessionRecord, (typeof PERSONAL)[number]>

const MAX_ACTOR = SESSION_FIELDS.revocation.max

/**
 * Returns the same stores with pseudonyms of users: user, organization, provider session and device ids are keyed hashes,
 * and all other data about a user is sealed. Someone with a dump and without the key learns no names, and cannot test a
 * guess. Someone who can write to the store cannot give a session to another user.
 *
 * Sealed with the record's handle are `userId`, `organizationId`, `subject`, `providerSessionId`, `deviceId`, `clientPublicKey`,
 * `ipAddress`, `userAgent` and `metadata`. Keys of the `ttl` store are hashed and its values sealed. Handles, issuers,
 * times, reasons of revocations and the thumbprint of a DPoP key are not sealed. Events still contain user ids: they pass
 * through the backend, which does not store them.
 *
 * `get` opens one more short text and needs no further read. An `update` that changes one of the sealed fields reads the
 * record first. A record that does not open, because it was written without this wrapper or with another key, is neither
 * found nor listed.
 *
 * @throws BffError `invalid_config` when the key is not 32 bytes, or an option is unknown
 * @example
 * ```ts
 * import { withPseudonyms } from '@bff/core/store'
 * import { memoryStore } from '@bff/store-memory'
 *
 * export const store = withPseudonyms(memoryStore(), { key: process.env['BFF_PSEUDONYM_KEY'] ?? '' })
 * ```
 */
export function withPseudonyms<S extends Stores>(
  stores: S,
  options: PseudonymsOptions,
): Omit<S, 'sessions' | 'ttl'> & Pick<Stores, 'sessions' | 'ttl'> {
  const { key, ...own } = readOptions('withPseudonyms', options, OPTIONS)
  const { emit, attach } = createAttachment(own)
  const { hash, seal, open } = pseudonymKey(key)
  const encryptor = encryptorOn(nodeCrypto(), { keys: [key], emit })
  const { sessions } = stores
  const contextOf = (recordId: SessionHandle) => ({ recordId, field: 'personal' })

  async function hashed<T extends Partial<Pick<SessionRecord, HashedField>>>(from: T): Promise<T> {
    const changed: Record<string, string> = {}
    for (const field of HASHED) {
      const value = from[field]
      if (typeof value === 'string') changed[field] = await hash(field, value)
    }
    return { ...from, ...changed }
  }

  /** What the store gets in place of these members: hashes, and all that is personal in the record sealed. */
  async function conceal<T extends Partial<SessionRecord>>(
    handle: SessionHandle,
    from: T,
    personal: Personal,
  ) {
    const sealed = await encryptor.encrypt(utf8(JSON.stringify(pick(personal))), contextOf(handle))
    const hidden = absent(HIDDEN.filter((field) => field !== 'metadata' && field in from))
    return { ...(await hashed(from)), ...hidden, metadata: { sealed: toBase64(sealed) } }
  }

  async function openPersonal({ handle, metadata }: SessionRecord): Promise<Personal | null> {
    const { sealed } = metadata
    try {
      const envelope = typeof sealed === 'string' ? fromBase64(sealed) : null
      return envelope && JSON.parse(fromUtf8(await encryptor.decrypt(envelope, contextOf(handle))))
    } catch (error) {
      if (isBffError(error, 'seal_broken') || isBffError(error, 'key_unavailable')) return null
      throw error
    }
  }

  /** The user's own id is a hash that their record has as well; a longer one than fits is left as a hash. */
  async function hideActor(revocation: Revocation): Promise<Revocation> {
    const { actorId } = revocation
    if (actorId === null) return revocation
    const sealed = `~${await seal('actor', actorId)}`
    const fits = sealed.length <= MAX_ACTOR
    return { ...revocation, actorId: fits ? sealed : await hash('userId', actorId) }
  }

  async function showActor(revocation: Revocation | null, user: string, userId: string) {
    const actorId = revocation?.actorId
    if (!revocation || !actorId) return revocation
    if (actorId === user) return { ...revocation, actorId: userId }
    const opened = actorId.startsWith('~') ? await open('actor', actorId.slice(1)) : null
    return { ...revocation, actorId: opened ?? actorId }
  }

  async function show(record: SessionRecord | null): Promise<SessionRecord | null> {
    const personal = record && (await openPersonal(record))
    if (record === null || personal === null) return null
    const revocation = await showActor(record.revocation, record.userId, personal.userId)
    return { ...record, ...personal, revocation }
  }

  const showAll = async (records: readonly SessionRecord[]) =>
    (await Promise.all(records.map(show))).filter((record) => record !== null)

  async function hiddenFilter(filter: SessionFilter): Promise<SessionFilter> {
    requireOwner(filter)
    return hashed(filter)
  }

  async function hiddenQuery(filter: SessionFilter | AnyOwnerFilter) {
    isOfAnyOwner(filter)
    return hashed(filter)
  }

  async function updatePersonal(handle: SessionHandle, patch: SessionPatch, ifVersion: number) {
    const stored = await sessions.get(handle)
    if (stored?.version !== ifVersion || stored.revocation !== null) return null
    const before = await openPersonal(stored)
    if (before === null) return null
    const change = await conceal(handle, patch, { ...before, ...givenFields(patch) })
    return show(await sessions.update(handle, change, ifVersion))
  }

  const pseudonymous: SessionStore = {
    async create(record, limits) {
      const { handle, revocation } = record
      const concealed: SessionRecord = {
        ...(await conceal(handle, record, record)),
        revocation: revocation && (await hideActor(revocation)),
      }
      return sessions.create(concealed, limits)
    },
    get: async (handle) => show(await sessions.get(handle)),
    async update(handle, patch, ifVersion) {
      const isPersonal = PERSONAL.some((field) => field in patch)
      if (isPersonal) return updatePersonal(handle, patch, ifVersion)
      return show(await sessions.update(handle, patch, ifVersion))
    },
    touch: (handle, at, expiresAt) => sessions.touch(handle, at, expiresAt),
    async revoke(handle, revocation) {
      const found = await sessions.revoke(handle, await hideActor(revocation))
      const record = found && (await show(found.record))
      return found && record && { outcome: found.outcome, record }
    },
    delete: (handle) => sessions.delete(handle),
    async list(filter, page) {
      const { records, next } = await sessions.list(await hiddenQuery(filter), page)
      return { records: await showAll(records), next }
    },
    countActive: async (filter, now) => sessions.countActive(await hiddenQuery(filter), now),
    async revokeAll(filter, revocation, onRevoked) {
      const [hidden, by] = [await hiddenFilter(filter), await hideActor(revocation)]
      const revoked: SessionRecord[] = []
      try {
        const ended = await sessions.revokeAll(hidden, by, (record) => revoked.push(record))
        return { outcome: ended.outcome, records: await showAll(ended.records) }
      } finally {
        if (onRevoked) for (const record of await showAll(revoked)) onRevoked(record)
      }
    },
    deleteAll: async (filter) => sessions.deleteAll(await hiddenFilter(filter)),
    cleanup: (options) => sessions.cleanup(options),
    ping: () => sessions.ping(),
    close: () => sessions.close(),
    attach(context) {
      attach(context)
      sessions.attach?.(context)
    },
  }
  return { ...stores, sessions: pseudonymous, ttl: pseudonymousValues(stores.ttl, { hash, seal, open }) }
}

function pick(record: Personal): Personal {
  return Object.fromEntries(PERSONAL.map((field) => [field, record[field]])) as Personal
}
