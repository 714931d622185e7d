import type { Clock } from '@bff/core'

const FAILURE_COOLDOWN_MS = 5_000

/** A value fetched when first needed and kept; any number of callers share one fetch. */
export interface Cached<Value> {
  /**
   * The value. One that has grown old is still served while it is fetched anew in the background, so that an outage
   * of its source harms nobody; one that is too old is waited for.
   */
  get(): Promise<Value>
  /** The value if it is there and not too old, without waiting. */
  peek(): Value | null
  /**
   * Fetches anew unless that was done within `cooldownMs`, or failed within 5 seconds; resolves to the value there is
   * then.
   */
  renew(cooldownMs: number): Promise<Value>
}

export interface CachedOptions<Value> {
  readonly clock: Clock
  readonly load: () => Promise<Value>
  /** Older than this, the value is fetched anew. */
  readonly maxAgeMs: number
  /** Older than this, the value is not served any more. */
  readonly maxStaleMs: number
  /** After a failed fetch in the background, the next one waits this long. */
  readonly retryMs: number
}

export function createCached<Value>(options: CachedOptions<Value>): Cached<Value> {
  const { clock, load } = options
  let entry: { readonly value: Value; readonly at: number } | null = null
  let inFlight: Promise<Value> | null = null
  let lastAttemptAt = Number.NEGATIVE_INFINITY
  let hasFailed = false

  const fetchAnew = (): Promise<Value> => {
    inFlight ??= attempt().finally(() => {
      inFlight = null
    })
    return inFlight
  }

  const attempt = async (): Promise<Value> => {
    lastAttemptAt = clock.monotonic()
    hasFailed = true
    const value = await load()
    hasFailed = false
    entry = { value, at: clock.monotonic() }
    return value
  }

  const usable = (): Value | null =>
    entry !== null && clock.monotonic() - entry.at < options.maxStaleMs ? entry.value : null

  const attemptedWithin = (ms: number): boolean => clock.monotonic() - lastAttemptAt < ms

  return {
    peek: usable,
    get: async () => {
      const value = usable()
      if (value === null) return fetchAnew()
      const isOld = entry !== null && clock.monotonic() - entry.at >= options.maxAgeMs
      if (isOld && !attemptedWithin(options.retryMs)) fetchAnew().catch(() => {})
      return value
    },
    renew: async (cooldownMs) => {
      const value = usable()
      // A source that is well again after an outage has to be asked soon.
      const isCooling = attemptedWithin(hasFailed ? Math.min(cooldownMs, FAILURE_COOLDOWN_MS) : cooldownMs)
      return value !== null && isCooling && inFlight === null ? value : fetchAnew()
    },
  }
}
