/** A map that keeps the `limit` most recently used entries. */
export interface Lru<Value> {
  get(key: string): Value | undefined
  /** As `get`, but does not count as a use. */
  peek(key: string): Value | undefined
  set(key: string, value: Value): void
  delete(key: string): void
  /** The least recently used entry first. Reading entries here does not count as a use. */
  entries(): Iterable<readonly [key: string, value: Value]>
}

/** Makes a map that forgets the least recently used entry when it has more than `limit`. */
export function createLru<Value>(limit: number): Lru<Value> {
  const entries = new Map<string, Value>()
  return {
    get(key) {
      const value = entries.get(key)
      if (value === undefined) return undefined
      entries.delete(key)
      entries.set(key, value)
      return value
    },
    peek: (key) => entries.get(key),
    set(key, value) {
      entries.delete(key)
      entries.set(key, value)
      if (entries.size <= limit) return
      for (const oldest of entries.keys()) {
        entries.delete(oldest)
        return
      }
    },
    delete: (key) => void entries.delete(key),
    entries: () => entries,
  }
}
