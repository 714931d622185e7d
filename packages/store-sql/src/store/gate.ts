import { BffError, systemClock } from '@bff/core'
import { type Answer, isPending } from '../port.ts'
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

  run<T>(operation: () => Answer<T>): Promise<T> {
    const refusal = this.#refusal()
    if (refusal !== null) return Promise.reject(refusal)
    const giveUp = this.#options.watch?.()
    const first = begin(operation)
    // better-sqlite3 has answered already: there is nothing to wait for, and no time to limit.
    return isPending(first) ? this.#wait(first, operation, giveUp) : Promise.resolve(first)
  }

  #refusal(): BffError | null {
    if (this.#closed) return new BffError('store_unavailable', 'The session store is closed. Make a new one.')
    if (this.#pending < this.#options.maxPending) return null
    return new BffError('store_unavailable', 'Too many operations wait for the database. Try again shortly.')
  }

  #wait<T>(first: PromiseLike<T>, operation: () => Answer<T>, giveUp: (() => void) | undefined): Promise<T> {
    // An operation counts until the database lets go of it, so that a paused server cannot pile them up.
    this.#pending++
    return new Promise((resolve, reject) => {
      const call: Call = { isAbandoned: false }
      const timer = setTimeout(() => {
        call.isAbandoned = true
        giveUp?.()
        reject(new BffError('store_unavailable', 'The database did not answer in time. Try again shortly.'))
      }, this.#options.operationTimeoutMs)
      const end = () => {
        this.#pending--
        clearTimeout(timer)
      }
      first.then(
        (value) => {
          end()
          resolve(value)
        },
        (error: unknown) => this.#tryAgain(error, operation, call).finally(end).then(resolve, reject),
      )
    })
  }

  /** After the error of the first attempt. */
  async #tryAgain<T>(error: unknown, operation: () => Answer<T>, call: Call): Promise<T> {
    const { classify } = this.#options
    let last = error
    for (let attempt = 1; ; attempt++) {
      const again = attempt < ATTEMPTS && !this.#closed && classify(readDriverError(last)) === 'retry'
      if (!again || call.isAbandoned) throw toBffError(last, classify)
      await systemClock.sleep(Math.random() * FIRST_WAIT_MS * 2 ** attempt)
      // The caller got an error, so the operation must not run later.
      if (call.isAbandoned) throw toBffError(last, classify)
      try {
        return await operation()
      } catch (error) {
        last = error
      }
    }
  }
}

interface Call {
  /** Its caller got an error, because the database did not answer in time. */
  isAbandoned: boolean
}

function begin<T>(operation: () => Answer<T>): Answer<T> {
  try {
    return operation()
  } catch (error) {
    return Promise.reject(error)
  }
}
