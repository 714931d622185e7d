import { expect, test } from 'vitest'
import { world } from '../world.ts'

test('a transport that wraps another one can copy the request, with its signal', async () => {
  const { bff, upstream, browser } = world()
  const user = browser()
  await user.signIn()
  await user.fetch('GET', '/api/orders')
  const [request] = upstream.requests
  const copy = { ...request }
  expect(copy.signal).toBe(request?.signal)
  let reason: unknown = null
  copy.onAbort?.((why) => {
    reason = why
  })
  expect([copy.signal?.aborted, reason]).toEqual([true, copy.signal?.reason])
  await bff.close()
})
