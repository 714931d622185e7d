import type { Clock } from '../contracts/clock.ts'
import type { SessionRecord } from '../contracts/session.ts'
import type { SessionStore } from '../contracts/session-store.ts'
import { isActive } from '../internal/lifetime.ts'

/** Small enough that no answer of the store delays the app's own reads. */
const PAGE = 200

/** The active sessions of a store, of every owner, page by page. */
export async function* activeSessions(
  sessions: SessionStore,
  clock: Clock,
): AsyncGenerator<readonly SessionRecord[]> {
  for (let cursor: string | null | undefined; cursor !== null; ) {
    const page = await sessions.list(
      { owner: 'any' },
      { limit: PAGE, ...(cursor !== undefined && { cursor }) },
    )
    yield page.records.filter((record) => isActive(record, clock.now()))
    cursor = page.next
  }
}
