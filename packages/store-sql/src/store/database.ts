import type { Answer } from '../port.ts'
import type { Engine } from './engine.ts'
import { Gate, type GateOptions } from './gate.ts'

/** The access to the engine: the first call opens it, every call goes through the gate, and it is closed once. */
export class Database {
  readonly #gate: Gate
  readonly #open: () => Answer<Engine>
  #engine: Answer<Engine> | null = null
  #opened: Engine | null = null

  constructor(open: () => Answer<Engine>, options: GateOptions) {
    this.#open = open
    this.#gate = new Gate(options)
  }

  run<T>(operation: (engine: Engine) => Answer<T>): Promise<T> {
    const opened = this.#opened
    return this.#gate.run(opened === null ? () => this.#openAndRun(operation) : () => operation(opened))
  }

  async #openAndRun<T>(operation: (engine: Engine) => Answer<T>): Promise<T> {
    this.#engine ??= this.#open()
    try {
      this.#opened = await this.#engine
    } catch (error) {
      // The next call tries again.
      this.#engine = null
      throw error
    }
    return operation(this.#opened)
  }

  async close(): Promise<void> {
    if (this.#gate.closed) return
    this.#gate.close()
    const engine = await Promise.resolve(this.#engine).catch(() => null)
    await engine?.end()
  }
}
