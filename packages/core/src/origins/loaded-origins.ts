import type { Clock } from '../contracts/clock.ts'
import { BffError, isBffError } from '../internal/bff-error.ts'
import { createLru } from '../internal/lru.ts'
import { origin as originRule } from '../internal/option-rules.ts'
import { singleFlight } from '../internal/single-flight.ts'

/** Returns the origin of a host; `null` for a host that is not the app's. */
export type LoadOrigin = (host: string) => string | null | Promise<string | null>

interface Loading {
  readonly main: string
  readonly load: LoadOrigin
  readonly ttlMs: number
  readonly max: number
  readonly clock: Clock
}

interface Kept {
  readonly origin: string | null
  /** On the monotonic clock. */
  readonly until: number
}

/** How long a host stays unknown: a new tenant needs no restart. */
const UNKNOWN_MS = 5_000

/** Loads the origins of hosts: one call for a host at a time, and the results kept for a while, in bounded memory. */
export function loadedOrigins({ main, load, ttlMs, max, clock }: Loading) {
  const known = createLru<Kept>(max)
  // On its own: hosts that strangers make up must not push out the app's.
  const unknown = createLru<Kept>(max)
  const flight = singleFlight<string, string | null>()

  async function loadOne(host: string): Promise<string | null> {
    try {
      const origin = await load(host)
      if (origin !== null) checkOrigin(origin, host, main)
      const kept = origin === null ? unknown : known
      const other = origin === null ? known : unknown
      other.delete(host)
      kept.set(host, {
        origin,
        until: clock.monotonic() + (origin === null ? Math.min(ttlMs, UNKNOWN_MS) : ttlMs),
      })
      return origin
    } catch (cause) {
      if (isBffError(cause)) throw cause
      // An outage of the app's table signs nobody out.
      const before = known.get(host)
      if (before !== undefined) return before.origin
      throw new BffError('store_unavailable', 'The origin of a host could not be loaded.', { cause })
    }
  }

  return (host: string): string | null | Promise<string | null> => {
    const kept = known.get(host) ?? unknown.get(host)
    if (kept !== undefined && clock.monotonic() < kept.until) return kept.origin
    return flight(host, () => loadOne(host))
  }
}

/** An origin with another host would send the browser to where its cookie is not, or to a stranger. */
function checkOrigin(origin: string, host: string, main: string): void {
  const expected = `${main.slice(0, main.indexOf('/'))}//${host}`
  const wrong = (sentence: string) =>
    new BffError('invalid_config', `origins: what load returns ${sentence}.`)
  if (originRule()(origin, wrong) !== expected)
    throw wrong(`must be null or the host that it was asked for, with the scheme of main`)
}
