import { expect, test } from 'vitest'
import { readText } from '../../src/internal/http/form.ts'
import { request } from '../world.ts'

function deferred() {
  let resolve = () => {}
  const promise = new Promise<void>((done) => {
    resolve = done
  })
  return { promise, resolve }
}

/** A body of that many bytes, in chunks; says how much of it was read, and whether its source was ended. */
function body(bytes: number, chunk = 65_536) {
  const seen = { read: 0, ended: false }
  const over = deferred()
  const source: AsyncIterator<Uint8Array> = {
    async next() {
      const size = Math.min(chunk, bytes - seen.read)
      seen.read += size
      if (size > 0) return { done: false, value: new Uint8Array(size) }
      over.resolve()
      return { done: true, value: undefined }
    },
    async return() {
      seen.ended = true
      over.resolve()
      return { done: true, value: undefined }
    },
  }
  const view = { ...request('POST', '/bff/callback'), body: () => ({ [Symbol.asyncIterator]: () => source }) }
  return { seen, over: over.promise, view }
}

test('the rest of a body that is too large is read to its end, so that its sender reads the refusal', async () => {
  const { seen, over, view } = body(1_000_000)
  await expect(readText(view, 16_384)).rejects.toMatchObject({ code: 'bad_request' })
  await over
  expect(seen).toEqual({ read: 1_000_000, ended: false })
})

test('a body without an end is given up', async () => {
  const { seen, over, view } = body(Number.POSITIVE_INFINITY)
  await expect(readText(view, 16_384)).rejects.toMatchObject({ code: 'bad_request' })
  await over
  expect([seen.ended, seen.read]).toEqual([true, 16_777_216 + 65_536])
})

test('a body that fits is read whole, and one that breaks off is refused', async () => {
  const { seen, view } = body(16_384, 1_000)
  expect(await readText(view, 16_384)).toHaveLength(16_384)
  expect(seen.ended).toBe(false)
  const broken = {
    ...view,
    body: () => ({ [Symbol.asyncIterator]: () => ({ next: () => Promise.reject(new Error('cut')) }) }),
  }
  await expect(readText(broken, 16_384)).rejects.toMatchObject({ code: 'bad_request' })
})
