import type { Answer, Engine } from './engine.ts'
import { Gate, type GateOptions } from './gate.ts'

/** The access to the engine: the first call opens it, every call goes through the gate, and it is closed once. */
export class Database {
  readonly #gate: Gate
  readonly #open: () => Answer<Engine>
  #engine: Answer<Engine> | null = null

  constructor(open: () => Answer<Engine>, options: GateOptions) {
    this.#open = open
    this.#gate = new Gate(options)
  }

  run<T>(operation: (engine: Engine) => Answer<T>): Promise<T> {
    return this.#gate.run(async () => {
      this.#engine ??= this.#open()
      return operation(await this.#engine)
    })
  }

  async close(): Promise<void> {
    if (this.#gate.closed) return
    this.#gate.close()
    const engine = await this.#engine
    await engine?.end()
  }
}
