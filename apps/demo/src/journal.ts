import type { BffEvent, SessionHandle } from '@bff/core'

const MAX_SESSIONS = 1_000
const MAX_ENTRIES = 20

export interface JournalEntry {
  /** Epoch milliseconds. */
  readonly at: number
  readonly type: BffEvent['type']
}

/** What is remembered about one session. */
export interface SessionHistory {
  readonly refreshes: number
  /** Oldest first. */
  readonly entries: readonly JournalEntry[]
}

/** Remembers the last events of the sessions used last. Events hold no secret, so neither does it. */
export interface Journal {
  record(event: BffEvent): void
  of(handle: SessionHandle): SessionHistory
}

const NOTHING: SessionHistory = { refreshes: 0, entries: [] }

export function createJournal(): Journal {
  const histories = new Map<SessionHandle, SessionHistory>()

  return {
    record: (event) => {
      if (!('handle' in event)) return
      const { refreshes, entries } = histories.get(event.handle) ?? NOTHING
      const oldest = histories.size >= MAX_SESSIONS ? histories.keys().next().value : undefined
      histories.delete(event.handle)
      if (oldest !== undefined) histories.delete(oldest)
      histories.set(event.handle, {
        refreshes: refreshes + (event.type === 'session.refreshed' ? 1 : 0),
        entries: [...entries, { at: event.at, type: event.type }].slice(-MAX_ENTRIES),
      })
    },
    of: (handle) => histories.get(handle) ?? NOTHING,
  }
}
