/** Makes something for each text on first use. Past the limit it starts afresh rather than grow. */
export function remembered<T>(make: (text: string) => T, limit = 256): (text: string) => T {
  const made = new Map<string, T>()
  return (text) => {
    const found = made.get(text)
    if (found !== undefined) return found
    const fresh = make(text)
    if (made.size >= limit) made.clear()
    made.set(text, fresh)
    return fresh
  }
}
