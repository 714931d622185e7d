import type { Clock, TtlStore } from '@bff/core'

/** The value of a denied id. */
const DENIED = 'revoked'

/**
 * The ids of used and revoked tokens and families. An entry is kept exactly as long as its token could be valid (JWT-04),
 * and while the store does not answer, every id is denied.
 */
export interface Denylist {
  /**
   * Denies an id, in one atomic step. Returns `false` when it was already denied.
   *
   * @param until when the denied token or family expires, in epoch seconds
   * @param note stored in place of the plain value, for a second caller
   */
  deny(id: string, until: number, note?: string): Promise<boolean>
  denies(id: string): Promise<boolean>
  /** Returns the note of a denied id; `null` without one. */
  noteOf(id: string): Promise<string | null>
}

const keyOf = (id: string) => `revoked:${id}`

export function createDenylist(
  ttl: TtlStore,
  { clock, clockToleranceMs }: { readonly clock: Clock; readonly clockToleranceMs: number },
): Denylist {
  return {
    async deny(id, until, note = DENIED) {
      const left = until * 1000 - clock.now() + clockToleranceMs
      // A token that expires now can still be denied once.
      return ttl.setIfAbsent(keyOf(id), note, Math.max(1, left))
    },
    denies: async (id) => (await ttl.get(keyOf(id))) !== null,
    async noteOf(id) {
      const note = await ttl.get(keyOf(id))
      return note === DENIED ? null : note
    },
  }
}
