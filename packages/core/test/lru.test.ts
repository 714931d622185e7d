import { expect, test } from 'vitest'
import { createLru } from '../src/internal/lru.ts'

test('an LRU keeps the most recently used entries and never more than its limit', () => {
  const lru = createLru<number>(2)
  lru.set('a', 1)
  lru.set('b', 2)
  expect(lru.get('a')).toBe(1)
  lru.set('c', 3)
  expect([lru.get('a'), lru.get('b'), lru.get('c')]).toEqual([1, undefined, 3])
  lru.set('a', 4)
  lru.set('d', 5)
  expect([lru.get('a'), lru.get('c'), lru.get('d')]).toEqual([4, undefined, 5])
})

test('a peek at an LRU does not count as a use', () => {
  const lru = createLru<number>(2)
  lru.set('a', 1)
  lru.set('b', 2)
  expect([lru.peek('a'), lru.peek('c')]).toEqual([1, undefined])
  lru.set('c', 3)
  expect([lru.peek('a'), lru.peek('b'), lru.peek('c')]).toEqual([undefined, 2, 3])
})

test('reading the entries of an LRU does not count as a use, and a deleted entry is gone', () => {
  const lru = createLru<number>(2)
  lru.set('a', 1)
  lru.set('b', 2)
  expect([...lru.entries()]).toEqual([
    ['a', 1],
    ['b', 2],
  ])
  lru.set('c', 3)
  expect(lru.get('a')).toBeUndefined()
  for (const [key, value] of lru.entries()) if (value === 2) lru.delete(key)
  expect([...lru.entries()]).toEqual([['c', 3]])
})
