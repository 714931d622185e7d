import { generateEncryptionKey } from '@bff/core'
import { withPseudonyms } from '@bff/core/store'
import type { StoreHarness } from './harness.ts'

/** The stores of a harness behind `withPseudonyms`. What is peeked at behind their back is opened with the same key. */
export function pseudonymous(harness: StoreHarness): StoreHarness {
  const key = generateEncryptionKey()
  return {
    async open() {
      const open = await harness.open()
      const { sessions } = open.stores
      const peeking = new Proxy(sessions, {
        get: (target, name) => (name === 'get' ? open.peek : Reflect.get(target, name)),
      })
      const behind = withPseudonyms({ ...open.stores, sessions: peeking }, { key })
      return {
        ...open,
        stores: withPseudonyms(open.stores, { key }),
        peek: (handle) => behind.sessions.get(handle),
      }
    },
  }
}
