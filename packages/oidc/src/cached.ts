import type { Clock } from '@bff/core'

const FAILURE_COOLDOWN_MS = 5_000

/** A value that is fetched when first needed, and kept; concurrent callers share one fetch. */
export interface Cached<Value> {
  /**
   * Returns the value. It still returns an old value while it fetches a new one in the background, so that an outage of the
   * source has no effect; it waits for a new value when the old one is too old.
   */
  get(): Promise<Value>
  /** Returns the value if it is present and not too old, without waiting. */
  peek(): Value | null
  /** Fetches again, unless a fetch ran within `cooldownMs`, or failed within 5 seconds. Resolves to the current value. */
  renew(cooldownMs: number): Promise<Value>
}

export interface CachedOptions<Value> {
  readonly clock: Clock
  readonly load: () => Promise<Value>
  /** Age after which the value is fetched again. */
  readonly maxAgeMs: number
  /** Age after which the value is not returned any more. */
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

  const reload = (): Promise<Value> => {
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
      if (value === null) return reload()
      const isOld = entry !== null && clock.monotonic() - entry.at >= options.maxAgeMs
      if (isOld && !attemptedWithin(options.retryMs)) reload().catch(() => {})
      return value
    },
    renew: async (cooldownMs) => {
      const value = usable()
      // After an outage the source must be asked again soon.
      const isCooling = attemptedWithin(hasFailed ? Math.min(cooldownMs, FAILURE_COOLDOWN_MS) : cooldownMs)
      return value !== null && isCooling && inFlight === null ? value : reload()
    },
  }
}
