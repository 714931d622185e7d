import type { Clock, Stores } from '@bff/core'
import type { OpenStores } from '@bff/store-testkit'
import { manualClock } from '../clock.ts'

/** How the stores under test are opened on one database, which nothing else uses. */
export interface Opened {
  open(clock: Clock): Stores
  /** How another client is opened. @default like the first */
  readonly openAnother?: (clock: Clock) => Stores
  /** Stores of another driver, which read behind the back of the first. */
  readonly behind: Stores
  /** `true`: events reach other clients. */
  readonly carriesEvents?: true
  /** Ends the connections of the first stores. */
  readonly breakConnection?: () => Promise<void>
  close(): Promise<void>
}

/** What the laws need, with a second client of the same database. */
export function forLaws({
  open,
  openAnother = open,
  behind,
  carriesEvents,
  breakConnection,
  close,
}: Opened): OpenStores & { readonly another: Stores } {
  const clock = manualClock()
  const [stores, another] = [open(clock), openAnother(clock)]
  return {
    stores,
    // Events stay within the stores, as the README says.
    another: carriesEvents ? another : { ...another, events: stores.events },
    now: clock.now,
    advance: async (ms) => clock.jump(ms),
    peek: (handle) => behind.sessions.get(handle),
    ...(breakConnection && { breakConnection }),
    async close() {
      await Promise.all([stores, another, behind].map(({ sessions }) => sessions.close()))
      await close()
    },
  }
}
