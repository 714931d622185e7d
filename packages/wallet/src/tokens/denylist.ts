import type { Clock, TtlStore } from '@bff/core'

/** What is written for an id nobody may use any more. */
const DENIED = 'revoked'

/**
 * Ids of tokens and families that are over. An entry lives exactly as long as what it denies could (JWT-04), and a
 * store that does not answer denies (flaw 39).
 */
export interface Denylist {
  /**
   * Denies an id from now on, in one atomic step; `false` when that was done already, by whomever.
   *
   * @param until when what it denies ends by itself, epoch seconds
   * @param note kept in place of the plain mark, for whoever comes second
   */
  deny(id: string, until: number, note?: string): Promise<boolean>
  denies(id: string): Promise<boolean>
  /** The note an id was denied with; `null` when there is none. */
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
      // What ends this very moment still has one who denies it first.
      return ttl.setIfAbsent(keyOf(id), note, Math.max(1, left))
    },
    denies: async (id) => (await ttl.get(keyOf(id))) !== null,
    async noteOf(id) {
      const note = await ttl.get(keyOf(id))
      return note === DENIED ? null : note
    },
  }
}
