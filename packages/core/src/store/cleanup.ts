import type { Clock } from '../contracts/clock.ts'
import type { BffEvent } from '../contracts/events.ts'
import type { SessionStore } from '../contracts/session-store.ts'
import type { Stores } from '../contracts/stores.ts'
import { attachmentRules, createAttachment } from '../internal/attachment.ts'
import { number } from '../internal/option-rules.ts'
import { readOptions } from '../internal/options.ts'
import { delegate } from './delegate.ts'

export interface BackgroundCleanupOptions {
  /** Milliseconds from the end of one run to the start of the next. @default 300_000 (5 minutes). At least 1000 */
  readonly intervalMs?: number
  /** The most records deleted in one statement; a run continues until nothing is left. @default 100 */
  readonly batch?: number
  /** Each pause is up to this share longer, so that many instances do not run at once. @default 0.2. From 0 to 1 */
  readonly jitter?: number
  /** How long a revoked session is kept for the audit trail, in milliseconds. @default 604_800_000 (7 days) */
  readonly retainRevokedMs?: number
  /** Receives `cleanup.done` and `cleanup.failed`. @default `onEvent` of the BFF */
  readonly onEvent?: (event: BffEvent) => void
  /** A clock of its own, for tests. @default the clock of the BFF */
  readonly clock?: Clock
}

const OPTIONS = {
  intervalMs: number(300_000, 1_000, 86_400_000),
  batch: number(100, 1, 10_000),
  jitter: number(0.2, 0, 1),
  retainRevokedMs: number(604_800_000, 0, 31_536_000_000),
  ...attachmentRules,
}

/**
 * Returns the same stores, and deletes expired and long revoked sessions in the background until `sessions.close()`.
 *
 * Every instance may run it: batches are small, two instances never delete the same record, and a jitter spreads the runs.
 * For a backend that expires records by itself, such as Redis, it only cleans indexes. It reports a run that fails and tries
 * again at the next interval.
 *
 * @throws BffError `invalid_config` with the option and the values it accepts
 * @example
 * ```ts
 * import { withCleanup } from '@bff/core/store'
 * import { memoryStore } from '@bff/store-memory'
 *
 * export const store = withCleanup(memoryStore(), { intervalMs: 60_000 })
 * ```
 */
export function withCleanup<S extends Stores>(
  stores: S,
  options: BackgroundCleanupOptions = {},
): Omit<S, 'sessions'> & { readonly sessions: SessionStore } {
  const { intervalMs, batch, jitter, retainRevokedMs, ...own } = readOptions('withCleanup', options, OPTIONS)
  const { clock, emit, attach } = createAttachment(own)
  const { sessions } = stores
  let stop = new AbortController()
  let isAttached = false

  async function run(stop: AbortSignal): Promise<number> {
    let deleted = 0
    for (let more = true; more && !stop.aborted; ) {
      const done = await sessions.cleanup({ now: clock.now(), limit: batch, retainRevokedMs })
      deleted += done.deleted
      // A backend that deletes nothing although more is left must not cause an endless loop.
      more = done.more && done.deleted > 0
    }
    return deleted
  }

  async function loop(stop: AbortSignal): Promise<void> {
    for (;;) {
      await clock.sleep(intervalMs * (1 + jitter * Math.random()), stop, true)
      try {
        emit({ type: 'cleanup.done', deleted: await run(stop) })
      } catch (cause) {
        if (!stop.aborted) emit({ type: 'cleanup.failed', cause })
      }
    }
  }

  // Ends with the abort: the sleep rejects.
  const start = () => loop(stop.signal).catch(() => {})
  let running: Promise<unknown> = start()
  const cleaning: SessionStore = {
    ...delegate(sessions),
    async close() {
      stop.abort()
      await running
      await sessions.close()
    },
    attach(context) {
      attach(context)
      sessions.attach?.(context)
      if (isAttached || stop.signal.aborted) return
      isAttached = true
      // The wait under way is one of the system's clock.
      stop.abort()
      stop = new AbortController()
      running = Promise.all([running, start()])
    },
  }
  return { ...stores, sessions: cleaning }
}
