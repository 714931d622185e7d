import { BffError, type Stores } from '@bff/core'

/** A store that a test can take down. */
export interface StoresWithOutage extends Stores {
  /** `true`: every call of sessions and short-lived values fails with `store_unavailable`. @default false */
  down: boolean
}

/**
 * Returns the same store, which fails like a backend that does not answer while `down` is `true`. Closing still works.
 *
 * @example
 * ```ts
 * import { memoryStore } from '@bff/store-memory'
 * import { withOutage } from '@bff/testing'
 *
 * const store = withOutage(memoryStore())
 * store.down = true
 * ```
 */
export function withOutage(store: Stores): StoresWithOutage {
  const failing = <Part extends object>(part: Part): Part =>
    new Proxy(part, {
      get(target, name) {
        const member: unknown = Reflect.get(target, name)
        if (typeof member !== 'function') return member
        return (...given: unknown[]) =>
          stores.down && name !== 'close' && name !== 'attach'
            ? Promise.reject(
                new BffError('store_unavailable', undefined, {
                  cause: new Error('The test took the store down.'),
                }),
              )
            : Reflect.apply(member, target, given)
      },
    })
  const stores: StoresWithOutage = {
    sessions: failing(store.sessions),
    ttl: failing(store.ttl),
    events: store.events,
    down: false,
  }
  return stores
}
