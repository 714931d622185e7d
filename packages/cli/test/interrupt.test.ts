import { expect, it } from 'vitest'
import { interruptible } from '../src/interrupt.ts'

const listeners = () => process.listenerCount('SIGINT') + process.listenerCount('SIGTERM')

it('The first signal stops the work, and leaves the second one, of any kind, to the process', async () => {
  const before = listeners()
  await interruptible(async (stop) => {
    expect(listeners()).toBe(before + 2)
    process.emit('SIGINT')
    expect(stop.aborted).toBe(true)
    expect(listeners()).toBe(before)
  })
})

it('Work that ends by itself leaves no listener', async () => {
  const before = listeners()
  await expect(interruptible(() => Promise.reject(new Error('failed')))).rejects.toThrow('failed')
  expect(listeners()).toBe(before)
})
