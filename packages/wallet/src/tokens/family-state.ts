import type { Clock, TtlStore } from '@bff/core'

/** The values of an active family and of an ended one. */
const LIVING = 'living'
const OVER = 'over'

/**
 * Knows which families of tokens are active. A family that the store does not know has ended: a store that lost its content,
 * or was restored to an older one, signs users out and does not reactivate a family.
 */
export interface FamilyState {
  /** @param until when the family expires, in epoch seconds */
  begin(id: string, until: number): Promise<void>
  /** Ends it permanently, as durably as the store can. It can be repeated. */
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
