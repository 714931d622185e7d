/** An item with a deadline. The heap stores its own position in `slot`, to find the item again. */
export interface Due {
  at: number
  slot: number
}

/** A binary min-heap by deadline: it returns the next due item at once, and changes in logarithmic time, without timers. */
export class DeadlineHeap<T extends Due> {
  readonly #items: T[] = []

  /** Returns the item with the earliest deadline. */
  first(): T | undefined {
    return this.#items[0]
  }

  add(item: T): void {
    this.#raise(item, this.#items.length)
  }

  /** Changes the deadline of an item in this heap. */
  move(item: T, at: number): void {
    if (item.at === at) return
    item.at = at
    this.#settle(item, item.slot)
  }

  remove(item: T): void {
    const last = this.#items.pop()
    if (last !== undefined && last !== item) this.#settle(last, item.slot)
  }

  #settle(item: T, slot: number): void {
    if (this.#raise(item, slot) === slot) this.#sink(item, slot)
  }

  #raise(item: T, from: number): number {
    let slot = from
    while (slot > 0) {
      const up = (slot - 1) >> 1
      const parent = this.#items[up]
      if (parent === undefined || parent.at <= item.at) break
      this.#put(parent, slot)
      slot = up
    }
    return this.#put(item, slot)
  }

  #sink(item: T, from: number): void {
    let slot = from
    for (;;) {
      const left = this.#items[2 * slot + 1]
      const right = this.#items[2 * slot + 2]
      const child = left && right && right.at < left.at ? right : left
      if (child === undefined || child.at >= item.at) break
      const down = child.slot
      this.#put(child, slot)
      slot = down
    }
    this.#put(item, slot)
  }

  #put(item: T, slot: number): number {
    this.#items[slot] = item
    item.slot = slot
    return slot
  }
}
