import type { Clock } from '@bff/core'

const REMEMBERED_MS = 60 * 60 * 1000

/** Remembers for an hour that the provider refuses pushed authorization requests, which its metadata offers. */
export interface Pushes {
  refused(): void
  areWorthTrying(): boolean
}

export function createPushes(clock: Pick<Clock, 'monotonic'>): Pushes {
  let refusedUntil = Number.NEGATIVE_INFINITY
  return {
    refused: () => {
      refusedUntil = clock.monotonic() + REMEMBERED_MS
    },
    areWorthTrying: () => clock.monotonic() >= refusedUntil,
  }
}
