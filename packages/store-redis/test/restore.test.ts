import { EventEmitter } from 'node:events'
import { afterEach, expect, test, vi } from 'vitest'
import { Connection } from '../src/connection.ts'
import type { Driver, Subscriber } from '../src/link.ts'
import { readStoreOptions } from '../src/options.ts'

afterEach(() => void vi.useRealTimers())

test('A server that refuses to subscribe is asked once a second, however often the connection was lost', async () => {
  vi.useFakeTimers()
  let refuses = false
  const subscribe = vi.fn(async () => {
    if (refuses) throw new Error('NOPERM')
  })
  const link = Object.assign(new EventEmitter(), { isReady: true, isCluster: false, subscribe, gather() {} })
  const made = () => link as unknown as Subscriber
  const driver: Driver = { open: made, openSubscriber: made, channelPrefix: '' }
  const connection = new Connection(readStoreOptions({ url: 'redis://localhost:1' }), driver)
  await connection.subscribe('bff:events', () => {})

  refuses = true
  for (let times = 0; times < 5; times++) {
    link.emit('ready')
    await vi.advanceTimersByTimeAsync(0)
  }
  subscribe.mockClear()
  await vi.advanceTimersByTimeAsync(3_000)
  expect(subscribe).toHaveBeenCalledTimes(3)

  refuses = false
  await vi.advanceTimersByTimeAsync(1_000)
  subscribe.mockClear()
  await vi.advanceTimersByTimeAsync(3_000)
  expect(subscribe).not.toHaveBeenCalled()
})
