import type { Clock, TtlStore } from '@bff/core'

/** What is written of a family that lives, and of one that is over. */
const LIVING = 'living'
const OVER = 'over'

/**
 * Which families of tokens live. One the store knows nothing of is over: a store that lost its content, or went back to
 * an older one, signs people out and revives nobody.
 */
export interface FamilyState {
  /** @param until when the family ends by itself, epoch seconds */
  begin(id: string, until: number): Promise<void>
  /** Ends it for good, as durably as the store can; may be repeated. */
  end(id: string, until: number): Promise<void>
  lives(id: string): Promise<boolean>
}

const keyOf = (id: string) => `wallet:family:${id}`

export function createFamilyState(
  ttl: TtlStore,
  { clock, clockToleranceMs }: { readonly clock: Clock; readonly clockToleranceMs: number },
): FamilyState {
  const lifeOf = (until: number) => Math.max(1, until * 1000 - clock.now() + clockToleranceMs)
  return {
    begin: (id, until) => ttl.set(keyOf(id), LIVING, lifeOf(until)),
    end: (id, until) => ttl.set(keyOf(id), OVER, lifeOf(until), { durable: true }),
    lives: async (id) => (await ttl.get(keyOf(id))) === LIVING,
  }
}
