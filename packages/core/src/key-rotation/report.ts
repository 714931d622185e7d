import type { SessionRecord } from '../contracts/session.ts'
import { endOfSession } from '../internal/lifetime.ts'
import type { RecordKeys } from './older-keys.ts'

/** A key that sessions still need, and that is not the newest. */
export interface OlderKey {
  /**
   * The key, as {@link encryptionKeyId} names it. `null` when the sessions do not say, as with an encryptor of the app's own.
   */
  readonly id: string | null
  /**
   * Whether the key ring does not have it. Requests of these sessions are answered with 503 `key_unavailable` until it does, or
   * until they end.
   */
  readonly isMissing: boolean
  /** How many active sessions need it. */
  readonly sessions: number
  /**
   * When the last of them ends that nobody uses again, in epoch milliseconds. Each that is used moves to the newest key, unless
   * the key is missing: so inspect the keys again then.
   */
  readonly idleUntil: number
  /** When the last of them ends in any case, in epoch milliseconds. */
  readonly until: number
}

/** What the active sessions of a store need the keys of a key ring for. */
export interface KeyReport {
  /** Whether the whole store was read: `false` when the signal stopped it. */
  readonly isComplete: boolean
  /** How many active sessions were read. */
  readonly sessions: number
  /** How many of them this call has sealed again. */
  readonly resealed: number
  /** How many have a value that no key opens, because it was changed in the store. */
  readonly broken: number
  /** Keys besides the newest that sessions need; the one that most of them need comes first. Empty: all others can be removed. */
  readonly olderKeys: readonly OlderKey[]
}

/** Adds up a {@link KeyReport}. */
export function createTally() {
  let [sessions, resealed, broken] = [0, 0, 0]
  const keys = new Map<string, OlderKey>()

  return {
    add(record: SessionRecord, { olderKeys, isBroken }: RecordKeys, wasResealed: boolean): void {
      sessions += 1
      if (wasResealed) resealed += 1
      if (isBroken) broken += 1
      const named = new Map(olderKeys.map((use) => [`${use.id} ${use.isMissing}`, use]))
      for (const [name, use] of named) {
        const known = keys.get(name)
        keys.set(name, {
          ...use,
          sessions: (known?.sessions ?? 0) + 1,
          idleUntil: Math.max(known?.idleUntil ?? 0, endOfSession(record)),
          until: Math.max(known?.until ?? 0, record.absoluteExpiresAt),
        })
      }
    },
    report: (isComplete: boolean): KeyReport => ({
      isComplete,
      sessions,
      resealed,
      broken,
      olderKeys: [...keys.values()].sort((a, b) => b.sessions - a.sessions),
    }),
  }
}
