import { AssertionError } from 'node:assert'
import type { BffEvent, BffEventOf } from '@bff/core'

export type EventType = BffEvent['type']

/** The events of a BFF, in the order in which they happened, and assertions on them. */
export interface EventRecord {
  /** The sink: give it to `createBff` as `onEvent`. */
  readonly onEvent: (event: BffEvent) => void
  readonly all: readonly BffEvent[]
  /** Returns the events of one type. */
  of<T extends EventType>(type: T): readonly BffEventOf<T>[]
  /**
   * Returns the only event of a type.
   *
   * @throws AssertionError that lists the types that happened, unless there is exactly one
   */
  only<T extends EventType>(type: T): BffEventOf<T>
  /** @throws AssertionError when an event of this type happened */
  none(type: EventType): void
  /** Resolves with the next event of a type, for what happens in the background. Begin to wait before you cause it. */
  next<T extends EventType>(type: T): Promise<BffEventOf<T>>
  /** Forgets all events, for instance those of a sign-in that only prepares a test. */
  clear(): void
}

/**
 * Records the events of a BFF for a test.
 *
 * @example
 * ```ts
 * import { recordEvents } from '@bff/testing'
 *
 * const events = recordEvents() // createBff({ ..., onEvent: events.onEvent })
 * const { code } = events.only('login.failed')
 * events.none('session.theft')
 * ```
 */
export function recordEvents(): EventRecord {
  const all: BffEvent[] = []
  const waiting = new Set<(event: BffEvent) => void>()
  const isOf =
    <T extends EventType>(type: T) =>
    (event: BffEvent): event is BffEventOf<T> =>
      event.type === type

  return {
    all,
    onEvent(event) {
      all.push(event)
      for (const tell of waiting) tell(event)
    },
    of: (type) => all.filter(isOf(type)),
    only(type) {
      const [first, ...others] = all.filter(isOf(type))
      if (first !== undefined && others.length === 0) return first
      throw new AssertionError({
        message: `Expected one event ${type}, but there were ${first === undefined ? 0 : others.length + 1}. Events: ${typesOf(all)}`,
      })
    },
    none(type) {
      if (all.some(isOf(type)))
        throw new AssertionError({ message: `Expected no event ${type}. Events: ${typesOf(all)}` })
    },
    next: (type) =>
      new Promise((resolve) => {
        const tell = (event: BffEvent) => {
          if (!isOf(type)(event)) return
          waiting.delete(tell)
          resolve(event)
        }
        waiting.add(tell)
      }),
    clear: () => void all.splice(0),
  }
}

const typesOf = (events: readonly BffEvent[]): string => events.map(({ type }) => type).join(', ') || 'none'
