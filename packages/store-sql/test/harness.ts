import type { Clock, Stores } from '@bff/core'
import type { OpenStores } from '@bff/store-testkit'
import { handClock } from './clock.ts'

/** How the stores under test are opened on one database, which nothing else uses. */
export interface Opened {
  open(clock: Clock): Stores
  /** Stores of another driver, which read behind the back of the first. */
  readonly behind: Stores
  /** `true`: events reach other clients. */
  readonly carriesEvents?: true
  /** Ends the connections of the first stores. */
  readonly breakConnection?: () => Promise<void>
  close(): Promise<void>
}

/** What the laws need, with a second client of the same database. */
export function forLaws({ open, behind, carriesEvents, breakConnection, close }: Opened): OpenStores {
  const clock = handClock()
  const [stores, another] = [open(clock), open(clock)]
  return {
    stores,
    // Events stay within the stores, as the README says.
    another: carriesEvents ? another : { ...another, events: stores.events },
    now: clock.now,
    advance: async (ms) => clock.advance(ms),
    peek: (handle) => behind.sessions.get(handle),
    ...(breakConnection && { breakConnection }),
    async close() {
      await Promise.all([stores, another, behind].map(({ sessions }) => sessions.close()))
      await close()
    },
  }
}
