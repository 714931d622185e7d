import { describe, expect, it } from 'vitest'
import { csvOf, feedOf } from '../src/streams.ts'

describe('the feed', () => {
  it('ends in the middle of a wait when its reader is gone', async () => {
    const gone = new AbortController()
    const feed = feedOf('alice', 3_600_000, gone.signal)
    expect((await feed.next()).value).toContain('id: 1\n')
    const waiting = feed.next()
    gone.abort()
    expect(await waiting).toEqual({ done: true, value: undefined })
  })
})

describe('the export', () => {
  it('has as many rows as asked for, when that is no whole number of chunks too', () => {
    for (const rows of [0, 1, 500, 501]) {
      expect([...csvOf('alice', rows)].join('').split('\r\n')).toHaveLength(rows + 2)
    }
  })
})
