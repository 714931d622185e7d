import type { SessionStore } from '@bff/core'
import { fullSession, handle } from '@bff/store-testkit/fixtures'

/** A store with a number of sessions in it, ten for each user. */
export interface Stand {
  readonly size: number
  readonly sessions: SessionStore
  /** What all sessions need in the backend, with their indexes. */
  bytes(): Promise<number>
  stop(): Promise<void>
}

export const SESSIONS_A_USER = 10

const BATCH = 500

export const now = Date.now()

export const handleOf = (user: number, at: number) => handle(`user${user}.${at}`)

/** Every member has a value, and texts are long. */
export function recordOf(index: number) {
  const user = Math.floor(index / SESSIONS_A_USER)
  const ids = {
    handle: handleOf(user, index % SESSIONS_A_USER),
    userId: `user${user}`,
    providerSessionId: `user${user}`,
  }
  return fullSession(now, { ...ids, organizationId: null })
}

/** Creates the sessions one by one, as sign-ins do. */
export async function fill(sessions: SessionStore, size: number): Promise<void> {
  for (let start = 0; start < size; start += BATCH) {
    const records = Array.from({ length: Math.min(BATCH, size - start) }, (_, at) => recordOf(start + at))
    await Promise.all(records.map((record) => sessions.create(record)))
  }
}
