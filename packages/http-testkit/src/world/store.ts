import type { SessionStore } from '@bff/core'

/** A session store whose reads a law counts, holds back, or makes fail. */
export class WatchedStore {
  readonly sessions: SessionStore
  /** Sessions read so far. */
  reads = 0
  /** Runs before each read; throw from here for a fault, wait here for a slow store. */
  beforeRead: () => Promise<void> | void = () => {}

  constructor(inner: SessionStore) {
    const get: SessionStore['get'] = async (handle) => {
      this.reads += 1
      await this.beforeRead()
      return inner.get(handle)
    }
    this.sessions = new Proxy(inner, {
      get: (target, key) => {
        if (key === 'get') return get
        const member: unknown = Reflect.get(target, key)
        return typeof member === 'function' ? member.bind(target) : member
      },
    })
  }
}
