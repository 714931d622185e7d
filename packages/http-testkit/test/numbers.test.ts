import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { fetchUpstream } from '@bff/core/proxy'
import { test } from 'vitest'
import { describeHttpAdapter, describeWebSocketRelay, type WebSocketRelayOptions } from '../src/index.ts'

test('each law has a number of its own, and the README names the first and the last of each group', () => {
  const ids: string[] = []
  const options: WebSocketRelayOptions = {
    name: 'any',
    test: (name) => ids.push(name.slice(0, 5)),
    serve: () => Promise.reject(new Error('No law runs here.')),
    upstream: fetchUpstream,
  }
  describeHttpAdapter(options)
  describeWebSocketRelay(options)
  assert.equal(new Set(ids).size, ids.length)

  const readme = readFileSync(new URL('../README.md', import.meta.url), 'utf8')
  const groups = [...readme.matchAll(/^\| ((?:HA|WS)-\d\d) to ((?:HA|WS)-\d\d)\s/gm)]
  const inGroups = groups.flatMap(([, first = '', last = '']) => {
    const members = ids.filter((id) => id >= first && id <= last).sort()
    assert.deepEqual([members[0], members.at(-1)], [first, last])
    return members
  })
  assert.deepEqual(inGroups, [...ids].sort())
})
