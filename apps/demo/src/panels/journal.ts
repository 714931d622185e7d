import type { BffEvent, SessionHandle } from '@bff/core'
import type { Call } from './call.ts'

const MAX_SESSIONS = 1_000
const MAX_ENTRIES = 20
const MAX_MARKS = 100

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
  /** The call that reached the API last, or `null` before the first. */
  readonly lastCall: Call | null
}

/** Remembers the last events of the sessions used last. Events and calls hold no secret, so neither does it. */
export interface Journal {
  record(event: BffEvent): void
  /** Remembers a call of this session. */
  recordCall(handle: SessionHandle, call: Call): void
  /** Remembers a call that has a mark in its query, regardless of who sent it. */
  recordMarked(mark: string, call: Call): void
  of(handle: SessionHandle): SessionHistory
  /** The calls with this mark, oldest first. */
  marked(mark: string): readonly Call[]
}

const NOTHING: SessionHistory = { refreshes: 0, entries: [], lastCall: null }

export function createJournal(): Journal {
  const histories = new Map<SessionHandle, SessionHistory>()
  const marks = new Map<string, readonly Call[]>()

  const historyOf = (handle: SessionHandle) => histories.get(handle) ?? NOTHING

  return {
    record: (event) => {
      if (!('handle' in event)) return
      const { refreshes, entries, lastCall } = historyOf(event.handle)
      putLast(histories, MAX_SESSIONS, event.handle, {
        refreshes: refreshes + (event.type === 'session.refreshed' ? 1 : 0),
        entries: [...entries, { at: event.at, type: event.type }].slice(-MAX_ENTRIES),
        lastCall,
      })
    },
    recordCall: (handle, call) =>
      putLast(histories, MAX_SESSIONS, handle, { ...historyOf(handle), lastCall: call }),
    recordMarked: (mark, call) =>
      putLast(marks, MAX_MARKS, mark, [...(marks.get(mark) ?? []), call].slice(-MAX_ENTRIES)),
    of: historyOf,
    marked: (mark) => marks.get(mark) ?? [],
  }
}

/** Puts an entry behind all others; the one that was used longest ago makes way for a new one. */
function putLast<Key, Value>(map: Map<Key, Value>, max: number, key: Key, value: Value): void {
  map.delete(key)
  const oldest = map.size >= max ? map.keys().next() : undefined
  if (oldest?.done === false) map.delete(oldest.value)
  map.set(key, value)
}
