/**
 * Lets concurrent callers with one key share one run of `work`. It keeps nothing after `work` has settled.
 *
 * The key must name everything the result depends on: a session's tokens are shared within that session and never beyond it
 * (RFT-03).
 */
export function singleFlight<K, V>(): (key: K, work: () => Promise<V>) => Promise<V> {
  const flights = new Map<K, Promise<V>>()
  return (key, work) => {
    const running = flights.get(key)
    if (running !== undefined) return running
    const flight = work().finally(() => flights.delete(key))
    flights.set(key, flight)
    return flight
  }
}
