import { manualClock } from '@bff/test-support/clock'
import { expect, it } from 'vitest'
import { memoryStore } from '../../../store-memory/src/index.ts'
import { type BffEvent, createBff, generateEncryptionKey } from '../../src/index.ts'
import { type RecordLimitOptions, withRecordLimit } from '../../src/store/index.ts'

function limited(options: RecordLimitOptions = {}) {
  const clock = manualClock()
  const plain = memoryStore({ clock })
  const events: BffEvent[] = []
  const store = withRecordLimit(plain, { onEvent: (event) => events.push(event), clock, ...options })
  const bff = createBff({
    origin: 'https://app.example.com',
    store,
    encryptionKeys: [generateEncryptionKey()],
    clock,
    onEvent: () => {},
  })
  return { plain, store, bff, events, clock }
}

it('a session that is too large is refused, before the backend sees it, and told of [S1-53]', async () => {
  const { bff, plain, events, clock } = limited({ maxBytes: 8_192 })
  await bff.sessions.create({ userId: 'alice', metadata: { note: 'x'.repeat(6_000) } })
  await expect(
    bff.sessions.create({ userId: 'alice', metadata: { note: 'ü'.repeat(6_000) } }),
  ).rejects.toMatchObject({
    code: 'invalid_argument',
    message: expect.stringMatching(/1\d{4} bytes and may have at most 8192/),
  })
  expect(plain.count()).toBe(1)
  expect(events).toEqual([
    {
      type: 'session.refused',
      reason: 'size_exceeded',
      bytes: expect.any(Number),
      maxBytes: 8_192,
      at: clock.now(),
    },
  ])
})

it('tokens and claims count as they are sealed [S1-53]', async () => {
  const { bff } = limited({ maxBytes: 8_192 })
  const sign = (length: number) =>
    bff.sessions.create({ userId: 'alice', tokens: { accessToken: 'x'.repeat(length) } })
  await sign(7_000)
  await expect(sign(8_192)).rejects.toMatchObject({ code: 'invalid_argument' })
  await expect(
    bff.sessions.create({ userId: 'a', claims: { photo: 'x'.repeat(9_000) } }),
  ).rejects.toMatchObject({
    code: 'invalid_argument',
  })
})

it('by default it is 1 MiB [S1-53]', async () => {
  const { bff } = limited()
  await bff.sessions.create({ userId: 'alice', metadata: { note: 'x'.repeat(1_000_000) } })
  await expect(
    bff.sessions.create({ userId: 'alice', metadata: { note: 'x'.repeat(1_048_576) } }),
  ).rejects.toMatchObject({ code: 'invalid_argument' })
})

it.each([
  [
    'a cycle',
    () => {
      const metadata: Record<string, unknown> = {}
      metadata['self'] = metadata
      return metadata
    },
  ],
  ['a bigint', () => ({ big: 1n })],
])('metadata with %s is refused in words [S1-53]', async (_name, metadata) => {
  const { bff, events } = limited()
  await expect(bff.sessions.create({ userId: 'alice', metadata: metadata() })).rejects.toMatchObject({
    code: 'invalid_argument',
    message: expect.stringContaining('not a JSON object'),
  })
  expect(events).toMatchObject([{ type: 'session.refused', reason: 'not_serializable', bytes: null }])
})

it('a sink that throws changes nothing, and an update is held to the limit too [LOG-05]', async () => {
  const { bff, store } = limited({
    maxBytes: 4_096,
    onEvent: () => {
      throw new Error('broken')
    },
  })
  const { session } = await bff.sessions.create({ userId: 'alice' })
  await expect(
    store.sessions.update(session.handle, { metadata: { note: 'x'.repeat(5_000) }, updatedAt: 1 }, 1),
  ).rejects.toMatchObject({ code: 'invalid_argument' })
  expect((await store.sessions.get(session.handle))?.version).toBe(1)
})

it.each([{ maxBytes: 4_095 }, { maxBytes: Number.NaN }, { max: 1 } as RecordLimitOptions])(
  '%j is a configuration error',
  (options) => {
    expect(() => limited(options)).toThrowError(expect.objectContaining({ code: 'invalid_config' }))
  },
)
