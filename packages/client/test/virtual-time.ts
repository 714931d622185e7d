/** Time that moves only when told to, and the timers on it. */
export class VirtualTime {
  now = 1_800_000_000_000
  readonly #timers = new Map<object, { at: number; work: () => void }>()

  later(work: () => void, ms: number): () => void {
    if (!(ms >= 0 && ms < 2 ** 31)) throw new Error(`No timer can wait ${ms} ms.`)
    const timer = {}
    this.#timers.set(timer, { at: this.now + ms, work })
    return () => void this.#timers.delete(timer)
  }

  sleep(ms: number): Promise<void> {
    return new Promise((resolve) => this.later(resolve, ms))
  }

  get pending(): number {
    return this.#timers.size
  }

  /** Runs every timer that is due on the way, and what follows from it. */
  async pass(ms: number): Promise<void> {
    const end = this.now + ms
    for (;;) {
      await settled()
      const [timer, next] = [...this.#timers].sort(([, a], [, b]) => a.at - b.at)[0] ?? []
      if (timer === undefined || next === undefined || next.at > end) break
      this.#timers.delete(timer)
      this.now = Math.max(this.now, next.at)
      next.work()
    }
    this.now = end
  }
}

/** Until nothing more happens by itself. */
const settled = () => new Promise<void>((resolve) => setImmediate(resolve))
