import { expect, test } from 'vitest'
import { world } from '../world.ts'
import { bytes, chunksOf, setUp } from './support.ts'

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

test('a copy of the request that has another body has no pieces of the first one', async () => {
  const { upstream, call } = setUp()
  await call('/api/x', { method: 'POST', body: chunksOf('one', 'two') })
  const request = upstream.only
  expect(request.pieces).toEqual([bytes('one'), bytes('two')])
  const body = bytes('another')
  for (const copy of [{ ...request, body }, Object.create(request, { body: { value: body } })])
    expect([copy.body, copy.pieces]).toEqual([body, undefined])
  expect({ ...request }.body).toEqual(bytes('onetwo'))
})
