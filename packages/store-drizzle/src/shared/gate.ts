import { BffError, systemClock } from '@bff/core'
import type { Answer } from './engine.ts'
import { type Classify, readDriverError, toBffError } from './errors.ts'

export interface GateOptions {
  readonly classify: Classify
  /** Milliseconds. */
  readonly operationTimeoutMs: number
  readonly maxPending: number
  /** Called when a call begins. The function that it returns is called when that call got no response in time. */
  readonly watch?: () => () => void
}

const ATTEMPTS = 8
const FIRST_WAIT_MS = 4

/**
 * Every call to the database goes through the gate. It refuses calls when the store is closed or too many are under way,
 * runs a call again after a deadlock or a failed serialization (STO-11, STO-13), stops waiting when it takes too long
 * (STO-16), and removes data from its errors (SS-24).
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
    if (this.#closed) throw new BffError('store_unavailable', 'The session store is closed. Make a new one.')
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
        // The caller got an error, so the operation must not run later.
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
