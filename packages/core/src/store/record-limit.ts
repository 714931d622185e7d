import type { Clock } from '../contracts/clock.ts'
import type { BffEvent } from '../contracts/events.ts'
import type { SessionStore } from '../contracts/session-store.ts'
import type { Stores } from '../contracts/stores.ts'
import { attachmentRules, createAttachment } from '../internal/attachment.ts'
import { BffError } from '../internal/bff-error.ts'
import { number } from '../internal/option-rules.ts'
import { readOptions } from '../internal/options.ts'
import { delegate } from './delegate.ts'

export interface RecordLimitOptions {
  /**
   * The most bytes that a session may take in the store, approximately. @default 1_048_576 (1 MiB). From 4096 to 16_777_216
   */
  readonly maxBytes?: number
  /** Receives `session.refused`. @default `onEvent` of the BFF */
  readonly onEvent?: (event: BffEvent) => void
  /** A clock of its own, for tests. @default the clock of the BFF */
  readonly clock?: Clock
}

const OPTIONS = {
  // At the least enough for all of a record except metadata, claims and tokens.
  maxBytes: number(1_048_576, 4_096, 16_777_216),
  ...attachmentRules,
}

/**
 * Returns the same stores, which refuse a session that is too large, or whose metadata is not JSON, before it reaches the
 * backend. To limit the sessions of a user, set `session.maxPerUser`.
 *
 * @throws BffError `invalid_config`; from `create`, and from an `update`, `invalid_argument`
 * @example
 * ```ts
 * import { withRecordLimit } from '@bff/core/store'
 * import { memoryStore } from '@bff/store-memory'
 *
 * export const store = withRecordLimit(memoryStore(), { maxBytes: 65_536 })
 * ```
 */
export function withRecordLimit<S extends Stores>(
  stores: S,
  options: RecordLimitOptions = {},
): Omit<S, 'sessions'> & { readonly sessions: SessionStore } {
  const { maxBytes, ...own } = readOptions('withRecordLimit', options, OPTIONS)
  const { emit, attach } = createAttachment(own)
  const { sessions } = stores

  function require(part: object): void {
    const bytes = sizeOf(part)
    if (bytes !== null && bytes <= maxBytes) return
    const reason = bytes === null ? 'not_serializable' : 'size_exceeded'
    emit({ type: 'session.refused', reason, bytes, maxBytes })
    throw new BffError(
      'invalid_argument',
      bytes === null
        ? 'The session cannot be stored: its metadata is not a JSON object. Store only JSON in it.'
        : `The session has ${bytes} bytes and may have at most ${maxBytes}. Keep less in its metadata and claims.`,
    )
  }

  const limited: SessionStore = {
    ...delegate(sessions),
    async create(record, limits) {
      require(record)
      return sessions.create(record, limits)
    },
    async update(handle, patch, ifVersion) {
      require(patch)
      return sessions.update(handle, patch, ifVersion)
    },
    attach(context) {
      attach(context)
      sessions.attach?.(context)
    },
  }
  return { ...stores, sessions: limited }
}

/** Returns the bytes as JSON, with sealed fields at their own length; `null` when it cannot be JSON. */
function sizeOf(part: object): number | null {
  let sealed = 0
  try {
    const text = JSON.stringify(part, (_key, value) => {
      if (!(value instanceof Uint8Array)) return value
      sealed += value.byteLength
      return null
    })
    return sealed + new TextEncoder().encode(text).byteLength
  } catch {
    return null
  }
}
