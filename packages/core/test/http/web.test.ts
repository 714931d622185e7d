import { describe, expect, it, vi } from 'vitest'
import { BffError, webResponse } from '../../src/index.ts'

/** A body that waits, and says when it is let go. */
function waiting() {
  const released = vi.fn(async () => ({ done: true as const, value: undefined }))
  const next = () => new Promise<IteratorResult<Uint8Array>>(() => {})
  const body = { [Symbol.asyncIterator]: () => ({ next, return: released }) }
  return { body, released }
}

describe('the response of a reply with a signal', () => {
  it('breaks off when the session is over, also while nobody reads', async () => {
    const over = new AbortController()
    const { body, released } = waiting()
    const response = webResponse({ status: 200, headers: [], body, signal: over.signal })
    const closed = response.body?.getReader().closed
    over.abort(new BffError('session_expired'))
    await expect(closed).rejects.toMatchObject({ code: 'session_expired' })
    expect(released).toHaveBeenCalledOnce()
  })

  it('breaks off at once when the session was over before', async () => {
    const { body, released } = waiting()
    const signal = AbortSignal.abort(new BffError('invalid_session'))
    const response = webResponse({ status: 200, headers: [], body, signal })
    await expect(response.text()).rejects.toMatchObject({ code: 'invalid_session' })
    expect(released).toHaveBeenCalledOnce()
  })

  it('ends as its body ends when the signal only says that all is over', async () => {
    const over = new AbortController()
    const body = (async function* () {
      yield new TextEncoder().encode('all')
      over.abort('The exchange is over.')
    })()
    const response = webResponse({ status: 200, headers: [], body, signal: over.signal })
    expect(await response.text()).toBe('all')
  })
})
