import fc from 'fast-check'
import { expect, test } from 'vitest'
import { DeadlineHeap, type Due } from '../src/deadline-heap.ts'

const step = fc.record({
  act: fc.constantFrom('add', 'add', 'move', 'remove'),
  at: fc.integer({ min: 0, max: 50 }),
  pick: fc.nat(),
})

test('the first of a heap is always the earliest, whatever was added, moved and removed', () => {
  fc.assert(
    fc.property(fc.array(step, { maxLength: 200 }), (steps) => {
      const heap = new DeadlineHeap<Due>()
      const items: Due[] = []
      for (const { act, at, pick } of steps) {
        const item = items[pick % items.length]
        if (item === undefined || act === 'add') {
          const added = { at, slot: 0 }
          items.push(added)
          heap.add(added)
        } else if (act === 'move') {
          heap.move(item, at)
        } else {
          items.splice(items.indexOf(item), 1)
          heap.remove(item)
        }
        expect(heap.first()?.at).toBe(
          items.length > 0 ? Math.min(...items.map((each) => each.at)) : undefined,
        )
      }
      for (let item = heap.first(); item !== undefined; item = heap.first()) {
        heap.remove(item)
        items.splice(items.indexOf(item), 1)
        expect(item.at).toBeLessThanOrEqual(Math.min(...items.map((each) => each.at)))
      }
      expect(items).toEqual([])
    }),
  )
})
