import type { Clock } from '../contracts/clock.ts'
import type { Encryptor } from '../contracts/encryptor.ts'
import type { SessionRecord } from '../contracts/session.ts'
import type { SessionStore } from '../contracts/session-store.ts'
import { isActive } from '../internal/lifetime.ts'
import { given } from '../internal/option-rules.ts'
import { type OptionValues, readOptions } from '../internal/options.ts'
import { resealStale } from '../internal/reseal.ts'
import { systemClock } from '../internal/system-clock.ts'
import { activeSessions } from './active-sessions.ts'
import { olderKeysOf } from './older-keys.ts'
import { createTally, type KeyReport } from './report.ts'

export interface ResealOptions {
  /** Receives the report so far, several times a second. @default none */
  readonly onProgress?: (report: KeyReport) => void
  /** Stops between two sessions; the report then has `isComplete: false`. @default none */
  readonly signal?: AbortSignal
  /** Decides which sessions are active. @default the system's clock */
  readonly clock?: Clock
}

const OPTIONS = {
  onProgress: given<(report: KeyReport) => void>(),
  signal: given<AbortSignal>(),
  clock: given(systemClock),
}

/** How many sessions are written at once. */
const CONCURRENCY = 8
/** Other writers of one session are few: past so many lost races the report counts it, and the next run tries again. */
const ATTEMPTS = 5

/**
 * Seals every active session of a store again whose tokens or claims an older key of the key ring sealed, and returns which older
 * keys are still needed.
 *
 * Run it beside the traffic of the app, after each process has the newest key and seals with it. Every write is a
 * compare-and-set that changes sealed values only: no session ends, and none lives longer. What the newest key sealed needs
 * no write, so a second call goes on where the first was stopped, and calls at the same time do not disturb each other.
 *
 * The hash of a session's secret stays: the next use of the session makes it again. `olderKeys` of the report says until when.
 *
 * @param sessions `sessions` of the stores as the app has them: with the same wrappers, such as `withPseudonyms`
 * @param encryptor with the keys of the app, newest first
 * @throws BffError `store_unavailable` when the store does not answer: call it again
 * @example
 * ```ts
 * import { createEncryptor, type Stores } from '@bff/core'
 * import { resealSessions } from '@bff/core/key-rotation'
 *
 * export async function rotate({ sessions }: Stores, keys: readonly string[]) {
 *   const { resealed, olderKeys } = await resealSessions(sessions, createEncryptor({ keys }))
 *   console.log(`${resealed} sealed again. Keys to keep: ${olderKeys.map(({ id }) => id).join(', ')}`)
 * }
 * ```
 */
export function resealSessions(
  sessions: SessionStore,
  encryptor: Encryptor,
  options: ResealOptions = {},
): Promise<KeyReport> {
  return walk(sessions, encryptor, readOptions('resealSessions', options, OPTIONS), reseal)
}

/** Returns which keys the active sessions of a store need, as {@link resealSessions} does, and changes nothing. */
export function inspectKeys(
  sessions: SessionStore,
  encryptor: Encryptor,
  options: ResealOptions = {},
): Promise<KeyReport> {
  const keep = async (_store: SessionStore, _encryptor: Encryptor, record: SessionRecord) => ({
    record,
    wasResealed: false,
  })
  return walk(sessions, encryptor, readOptions('inspectKeys', options, OPTIONS), keep)
}

type Visit = (
  sessions: SessionStore,
  encryptor: Encryptor,
  record: SessionRecord,
  clock: Clock,
) => Promise<{ readonly record: SessionRecord; readonly wasResealed: boolean } | null>

async function walk(
  sessions: SessionStore,
  encryptor: Encryptor,
  { clock, signal, onProgress }: OptionValues<typeof OPTIONS>,
  visit: Visit,
): Promise<KeyReport> {
  const tally = createTally()
  // With WebCrypto `needsReseal` knows the keys only after their first use.
  await encryptor.mac('')
  for await (const records of activeSessions(sessions, clock)) {
    await inParallel(records, signal, async (read) => {
      const visited = await visit(sessions, encryptor, read, clock)
      if (visited === null) return
      tally.add(visited.record, await olderKeysOf(encryptor, visited.record), visited.wasResealed)
    })
    if (signal?.aborted) return tally.report(false)
    onProgress?.(tally.report(false))
  }
  return tally.report(true)
}

/** Returns the session as it is stored then; `null` when it has ended. */
const reseal: Visit = async (sessions, encryptor, record, clock) => {
  let current = record
  for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
    const { fields } = await resealStale(encryptor, current)
    if (Object.keys(fields).length === 0) break
    // To everyone else the session is the same: only its seals are new.
    const { handle, updatedAt, version } = current
    const resealed = await sessions.update(handle, { ...fields, updatedAt }, version)
    if (resealed !== null) return { record: resealed, wasResealed: true }
    const stored = await sessions.get(handle)
    if (stored === null || !isActive(stored, clock.now())) return null
    current = stored
  }
  return { record: current, wasResealed: false }
}

async function inParallel<Item>(
  items: readonly Item[],
  signal: AbortSignal | undefined,
  work: (item: Item) => Promise<void>,
): Promise<void> {
  const queue = items.values()
  let hasFailed = false
  const take = async () => {
    for (const item of queue) {
      if (hasFailed || signal?.aborted) return
      await work(item).catch((error: unknown) => {
        hasFailed = true
        throw error
      })
    }
  }
  await Promise.all(Array.from({ length: CONCURRENCY }, take))
}
