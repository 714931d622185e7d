import { BffError, type SessionStore, type Stores } from '@bff/core'

/** A store that can be cut off, as by a network that fails. */
export interface SwitchableStore extends Stores {
  down: boolean
}

export function switchableStore(stores: Stores): SwitchableStore {
  const switchable: SwitchableStore = { ...stores, down: false }
  const sessions = new Proxy<SessionStore>(stores.sessions, {
    get: (target, name) => {
      const method: unknown = Reflect.get(target, name)
      if (typeof method !== 'function') return method
      return (...given: unknown[]) =>
        switchable.down && name !== 'close'
          ? Promise.reject(new BffError('store_unavailable'))
          : Reflect.apply(method, target, given)
    },
  })
  return Object.assign(switchable, { sessions })
}
