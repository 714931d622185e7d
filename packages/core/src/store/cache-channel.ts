import type { Clock } from '../contracts/clock.ts'
import type { EventBus } from '../contracts/event-bus.ts'
import type { BffEvent, Emit, Topic } from '../contracts/events.ts'
import type { SessionHandle } from '../contracts/session.ts'
import { randomToken } from '../internal/crypto/hash.ts'

/** Events after which a session is not what it was. */
const CHANGES: readonly Topic[] = ['session.revoked', 'session.refreshed', 'session.expired', 'auth.logout']

/** How often the bus is tried, in parts of the time that it may be silent. */
const PULSES = 4

export interface CacheChannel {
  /** Whether the bus carried a pulse of this process within the time that it may be silent, at this monotonic time. */
  isAlive(now: number): boolean
  /** Begins to listen; a second call does nothing. */
  start(): void
  stop(): Promise<void>
}

interface ChannelOptions {
  readonly events: EventBus
  readonly clock: Clock
  readonly emit: Emit
  /** In milliseconds. */
  readonly maxSilenceMs: number
  onChange(handle: SessionHandle): void
  /** The bus carries nothing any more. */
  onSilence(): void
}

/**
 * Listens to what other processes do to sessions. A bus that is cut, paused or slow reports no error to those who only
 * listen, so this process sends itself a pulse, and knows the bus to be alive for as long as the pulses come back in time.
 */
export function cacheChannel({ events, clock, emit, maxSilenceMs, ...on }: ChannelOptions): CacheChannel {
  // In the form of a handle, so that `withPartition` carries it, too.
  const id = randomToken(12) as SessionHandle
  const stopping = new AbortController()
  let isStarted = false
  let unsubscribe: readonly (() => Promise<void>)[] | undefined
  /** When the newest pulse that came back was sent. */
  let aliveAt = Number.NEGATIVE_INFINITY

  const isAlive = (now: number) => now - aliveAt <= maxSilenceMs

  function hear(event: BffEvent): void {
    if (event.type === 'cache.pulse') {
      if (event.handle === id) aliveAt = Math.max(aliveAt, Math.min(event.sentAt, clock.monotonic()))
    } else if ('handle' in event) on.onChange(event.handle)
  }

  async function subscribe(): Promise<void> {
    const made: (() => Promise<void>)[] = []
    try {
      for (const topic of [...CHANGES, 'cache.pulse'] as const) made.push(await events.subscribe(topic, hear))
      if (stopping.signal.aborted) await endAll(made)
      else unsubscribe = made
    } catch (error) {
      await endAll(made)
      throw error
    }
  }

  async function pulse(): Promise<unknown> {
    try {
      if (unsubscribe === undefined) await subscribe()
      const sentAt = clock.monotonic()
      await events.publish('cache.pulse', { type: 'cache.pulse', handle: id, sentAt, at: clock.now() })
      return null
    } catch (cause) {
      return cause
    }
  }

  async function run(): Promise<void> {
    const startedAt = clock.monotonic()
    let reported: boolean | undefined
    while (!stopping.signal.aborted) {
      const cause = await pulse()
      await clock.sleep(maxSilenceMs / PULSES, stopping.signal, true)
      const alive = isAlive(clock.monotonic())
      if (!alive) on.onSilence()
      if (alive === reported || (!alive && clock.monotonic() - startedAt <= maxSilenceMs)) continue
      reported = alive
      emit(alive ? { type: 'cache.on' } : { type: 'cache.off', cause })
    }
  }

  return {
    isAlive,
    start() {
      if (isStarted) return
      isStarted = true
      // Ends with the abort: the sleep rejects.
      run().catch(() => {})
    },
    async stop() {
      stopping.abort()
      await endAll(unsubscribe ?? [])
    },
  }
}

/** A bus that is away has ended them already. */
async function endAll(subscriptions: readonly (() => Promise<void>)[]): Promise<void> {
  await Promise.allSettled(subscriptions.map((end) => end()))
}
