import { BffError, systemClock } from '@bff/core'
import type { Answer } from './engine.ts'
import { type Classify, readDriverError, toBffError } from './errors.ts'

export interface GateOptions {
  readonly classify: Classify
  /** Milliseconds. */
  readonly operationTimeoutMs: number
  readonly maxPending: number
  /** Called as a call begins; what it returns is called when that one got no answer in time. */
  readonly watch?: () => () => void
}

const ATTEMPTS = 8
const FIRST_WAIT_MS = 4

/**
 * What every call to the database passes: it is refused when the store is closed or too many are under way, run
 * again after a deadlock or a failed serialization (STO-11, STO-13), given up on when it takes too long (STO-16),
 * and its errors are rid of data (SS-24).
 */
export class Gate {
  readonly #options: GateOptions
  #pending = 0
  #closed = false

  constructor(options: GateOptions) {
    this.#options = options
  }

  get closed(): boolean {
    return this.#closed
  }

  close(): void {
    this.#closed = true
  }

  async run<T>(operation: () => Answer<T>): Promise<T> {
    if (this.#closed) throw new BffError('store_unavailable', 'The session store is closed.')
    if (this.#pending >= this.#options.maxPending) {
      throw new BffError('store_unavailable', 'Too many operations wait for the database. Try again shortly.')
    }
    const abandoned = new AbortController()
    const giveUp = this.#options.watch?.()
    this.#pending++
    // An operation counts until the database lets go of it, so that a paused server cannot pile them up.
    const attempt = this.#attempt(operation, abandoned.signal).finally(() => this.#pending--)
    return this.#within(attempt, () => {
      abandoned.abort()
      giveUp?.()
    })
  }

  async #attempt<T>(operation: () => Answer<T>, abandoned: AbortSignal): Promise<T> {
    for (let attempt = 1; ; attempt++) {
      try {
        return await operation()
      } catch (error) {
        const { classify } = this.#options
        const again = attempt < ATTEMPTS && !this.#closed && classify(readDriverError(error)) === 'retry'
        if (!again || abandoned.aborted) throw toBffError(error, classify)
        await systemClock.sleep(Math.random() * FIRST_WAIT_MS * 2 ** attempt)
        // Nobody waits for it any longer: what was answered as not done must not be done later.
        if (abandoned.aborted) throw toBffError(error, classify)
      }
    }
  }

  #within<T>(attempt: Promise<T>, giveUp: () => void): Promise<T> {
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => {
        giveUp()
        reject(new BffError('store_unavailable', 'The database did not answer in time. Try again shortly.'))
      }, this.#options.operationTimeoutMs)
      attempt.then(resolve, reject).finally(() => clearTimeout(timer))
    })
  }
}
