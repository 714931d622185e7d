import type { Clock } from '../contracts/clock.ts'
import type { Encryptor } from '../contracts/encryptor.ts'
import { SEALED_FIELDS } from '../contracts/sealed-fields.ts'
import type { SessionRecord } from '../contracts/session.ts'
import type { SessionStore } from '../contracts/session-store.ts'
import { isBffError } from '../internal/bff-error.ts'
import { systemClock } from '../internal/system-clock.ts'
import { activeSessions } from './active-sessions.ts'
import { isHashedByNewest } from './older-keys.ts'

/**
 * Returns whether any active session uses the newest key of the key ring: the proof that a process of the app has it too. A
 * session that is sealed with a key that no process has cannot be used.
 *
 * @param clock the system's clock by default
 * @throws BffError `store_unavailable`
 * @example
 * ```ts
 * import type { Encryptor, Stores } from '@bff/core'
 * import { isNewestKeyInUse, resealSessions } from '@bff/core/key-rotation'
 *
 * export async function reseal({ sessions }: Stores, encryptor: Encryptor) {
 *   return (await isNewestKeyInUse(sessions, encryptor)) ? resealSessions(sessions, encryptor) : null
 * }
 * ```
 */
export async function isNewestKeyInUse(
  sessions: SessionStore,
  encryptor: Encryptor,
  clock: Clock = systemClock,
): Promise<boolean> {
  for await (const records of activeSessions(sessions, clock))
    for (const record of records) if (await usesNewest(encryptor, record)) return true
  return false
}

async function usesNewest(encryptor: Encryptor, record: SessionRecord): Promise<boolean> {
  try {
    if (await isHashedByNewest(encryptor, record.secretHash)) return true
  } catch (error) {
    if (!isBffError(error, 'key_unavailable') && !isBffError(error, 'seal_broken')) throw error
  }
  return SEALED_FIELDS.some((column) => {
    const envelope = record[column]
    return envelope !== null && !encryptor.needsReseal(envelope)
  })
}
