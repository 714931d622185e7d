import { randomBytes } from 'node:crypto'
import { createBff, type Reply, type Stores } from '@bff/core'
import { apiProxy, type Upstream } from '@bff/core/proxy'
import { memoryStore } from '@bff/store-memory'
import { expect, test } from 'vitest'
import { IDP, post, receiver, transmitter } from './transmitter.ts'

const WITHIN_MS = 5_000

/** An API that answers with events for as long as it is listened to. */
const feed: Upstream = {
  async send({ signal }) {
    async function* events(): AsyncGenerator<Uint8Array> {
      yield new TextEncoder().encode('data: 1\n\n')
      await new Promise((_resolve, reject) => signal.addEventListener('abort', () => reject(signal.reason)))
    }
    return { status: 200, headers: [['content-type', 'text/event-stream']], body: events() }
  },
  async close() {},
}

/** Reads a stream on and on; tells whether it is over. */
function follow(reply: Reply | undefined): { over: boolean } {
  const state = { over: false }
  const body = reply?.body
  if (!body || typeof body === 'string' || body instanceof Uint8Array) throw new Error('No stream.')
  const read = async () => {
    for await (const chunk of body) if (chunk.byteLength === 0) break
  }
  read()
    .catch(() => {})
    .finally(() => {
      state.over = true
    })
  return state
}

test('A signal that one of three processes gets ends open event streams at the others within five seconds', async () => {
  const from = await transmitter()
  const { clock } = from
  const store = memoryStore()
  const deaf: Stores = { ...store, events: { ...store.events, subscribe: async () => async () => {} } }
  const encryptionKeys = [randomBytes(32).toString('base64')]
  const processOn = (stores: Stores) =>
    createBff({
      origin: 'https://app.example.com',
      store: stores,
      encryptionKeys,
      clock,
      proxy: apiProxy({ routes: [{ path: '/api', target: 'https://orders.internal' }], upstream: feed }),
      onEvent: () => {},
    })
  const [onBus, offBus] = [processOn(store), processOn(deaf)]
  const { bff, push } = receiver(from, {}, { store, encryptionKeys })
  const tokens = { accessToken: 'access', expiresIn: 3_600 }
  const { cookie } = await bff.sessions.create({ userId: 'alice', issuer: IDP, tokens })
  const headers: Record<string, string> = {
    cookie: cookie.split(';')[0] ?? '',
    'x-csrf': '1',
    accept: 'text/event-stream',
  }
  const open = async (at: typeof onBus) =>
    follow(await at.handle({ ...post('/api/feed', '', headers), method: 'GET' }))
  const streams = [await open(onBus), await open(offBus)]
  await clock.settle()
  expect(streams).toEqual([{ over: false }, { over: false }])

  expect((await push(await from.set())).status).toBe(202)
  await clock.settle()
  expect(streams).toEqual([{ over: true }, { over: false }])
  await clock.advance(WITHIN_MS)
  expect(streams).toEqual([{ over: true }, { over: true }])
  await Promise.all([bff.close(), onBus.close(), offBus.close()])
})
