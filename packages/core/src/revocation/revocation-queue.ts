import type { Clock } from '../contracts/clock.ts'
import type { Emit } from '../contracts/events.ts'
import type { IdentityProvider, RevocationRequest } from '../contracts/identity-provider.ts'
import { BffError, isBffError } from '../internal/bff-error.ts'

/** A refresh token that the provider should revoke, and whose it was. */
export interface QueuedRevocation {
  /** `null` when it is unknown. */
  readonly userId: string | null
  readonly request: Omit<RevocationRequest, 'signal'>
  /** A sign-in under way may share its grant, which gets {@link SHARED_PAUSE_MS} to store its session. */
  readonly mayBeShared: boolean
  /** Called before each attempt: the user may have signed in since. */
  isWanted(): Promise<boolean>
}

/** Revokes refresh tokens in the background: a few at a time, and again when the provider does not answer. */
export interface RevocationQueue {
  /** Adds a revocation and returns at once. When the queue is full, it drops it and emits `revocation.dropped`. */
  add(revocation: QueuedRevocation): void
  /** Sends the remaining revocations, for at most five seconds, and drops the rest. Idempotent. */
  close(): Promise<void>
}

export interface RevocationQueueDependencies {
  readonly provider: Pick<IdentityProvider, 'revoke'>
  readonly clock: Clock
  readonly emit: Emit
}

/** Calls under way at once: revoking thousands of sessions must not open as many connections. */
export const MAX_CONCURRENT = 4
/** Each holds a token of at most a few kilobytes. */
export const MAX_QUEUED = 10_000
/** From the provider's page to a stored session: one redirect, one call of the token endpoint, one write. */
export const SHARED_PAUSE_MS = 5_000
/** About an hour, where one token meets an outage alone: then its provider is left to expire it. */
const MAX_ATTEMPTS = 64
const FIRST_PAUSE_MS = 1_000
const MAX_PAUSE_MS = 60_000
const ATTEMPT_MS = 10_000
const CLOSE_MS = 5_000

type DropReason = 'queue_full' | 'refused' | 'gave_up' | 'closed'

interface Entry extends QueuedRevocation {
  attempts: number
}

export function createRevocationQueue(dependencies: RevocationQueueDependencies): RevocationQueue {
  const { provider, clock, emit } = dependencies
  const waiting = new Set<Entry>()
  /** Oldest first, with the `monotonic()` at which each may be sent. */
  const held = new Map<Entry, number>()
  const closing = new AbortController()
  const underWay = new Set<Promise<void>>()
  const calls = new Set<AbortController>()
  let pauseMs = 0
  let pause: AbortController | null = null

  function drop({ userId }: QueuedRevocation, reason: DropReason): void {
    emit({ type: 'revocation.dropped', reason, userId })
  }

  function dropAll(reason: DropReason): void {
    for (const entry of waiting) drop(entry, reason)
    waiting.clear()
  }

  function start(): void {
    // After a failure one call finds out whether the provider is back: the others wait for it.
    const limit = pauseMs > 0 ? 1 : MAX_CONCURRENT
    for (const entry of waiting) {
      if (pause !== null || underWay.size >= limit) return
      waiting.delete(entry)
      const attempt = send(entry).finally(() => {
        underWay.delete(attempt)
        start()
      })
      underWay.add(attempt)
    }
  }

  function hold(entry: Entry): void {
    held.set(entry, clock.monotonic() + SHARED_PAUSE_MS)
    if (held.size === 1) releaseInTime().catch(() => {})
  }

  /** One timer for all. It keeps a script that ends sessions and has nothing more to do until the tokens are sent. */
  async function releaseInTime(): Promise<void> {
    for (const [entry, due] of held) {
      await clock.sleep(Math.max(0, due - clock.monotonic()), closing.signal)
      release(entry)
      start()
    }
  }

  function release(entry: Entry): void {
    if (held.delete(entry)) waiting.add(entry)
  }

  async function send(entry: Entry): Promise<void> {
    entry.attempts++
    try {
      if (await entry.isWanted()) await revoke(entry.request)
      pauseMs = 0
    } catch (error) {
      failed(entry, error)
    }
  }

  /** It does not wait for a provider that ignores the signal. */
  async function revoke(request: QueuedRevocation['request']): Promise<void> {
    const limit = new AbortController()
    const { signal } = limit
    const call = async () => provider.revoke({ ...request, signal })
    const tooLate = clock.sleep(ATTEMPT_MS, signal).then(() => {
      throw new BffError('provider_unavailable')
    })
    calls.add(limit)
    try {
      await Promise.race([call(), tooLate])
    } finally {
      calls.delete(limit)
      limit.abort()
    }
  }

  function failed(entry: Entry, cause: unknown): void {
    const code = isBffError(cause) ? cause.code : 'provider_unavailable'
    if (code === 'store_unavailable') emit({ type: 'store.unavailable', operation: 'revoke', cause })
    else emit({ type: 'provider.failed', operation: 'revoke', code, cause })
    const isPassing = code === 'provider_unavailable' || code === 'store_unavailable'
    if (!isPassing) drop(entry, 'refused')
    else if (closing.signal.aborted) {
      drop(entry, 'closed')
      dropAll('closed')
    } else {
      if (entry.attempts >= MAX_ATTEMPTS) drop(entry, 'gave_up')
      else waiting.add(entry)
      if (pause === null) rest(isBffError(cause) ? (cause.retryAfter ?? 0) * 1000 : 0)
    }
  }

  function rest(atLeastMs: number): void {
    pauseMs = Math.min(MAX_PAUSE_MS, Math.max(FIRST_PAUSE_MS, pauseMs * 2, atLeastMs))
    const resting = new AbortController()
    pause = resting
    clock
      .sleep(pauseMs, resting.signal, true)
      .catch(() => {})
      .finally(() => {
        pause = null
        start()
      })
  }

  async function finish(): Promise<void> {
    while (underWay.size > 0 || waiting.size > 0) await Promise.race(underWay)
  }

  return {
    add(revocation) {
      if (closing.signal.aborted) return drop(revocation, 'closed')
      if (waiting.size + held.size >= MAX_QUEUED) return drop(revocation, 'queue_full')
      const entry = { ...revocation, attempts: 0 }
      if (entry.mayBeShared) return hold(entry)
      waiting.add(entry)
      start()
    },

    async close() {
      closing.abort()
      for (const entry of held.keys()) release(entry)
      pause?.abort()
      pause = null
      start()
      if (underWay.size === 0) return
      const done = new AbortController()
      const patience = clock.sleep(CLOSE_MS, done.signal).catch(() => {})
      await Promise.race([finish(), patience])
      done.abort()
      for (const call of calls) call.abort(new BffError('provider_unavailable'))
      await finish()
    },
  }
}
