import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { memoryHarness } from '../../store-memory/test/harness.ts'
import { storeLaws } from '../src/index.ts'

test('the suite holds each law that the contracts of core state, and no other', () => {
  const files = ['session-store.ts', 'ttl-store.ts', 'event-bus.ts']
  const stated = files.flatMap((file) => {
    const text = readFileSync(new URL(`../../core/src/contracts/${file}`, import.meta.url), 'utf8')
    return [...text.matchAll(/^ \* - ((?:SS|TS|EB)-\d\d) /gm)].map(([, id]) => id)
  })
  const held = new Set<string>()
  storeLaws({ test: (name) => held.add(name.slice(0, 5)), harness: memoryHarness })
  expect([...held].sort()).toEqual(stated.sort())
})
