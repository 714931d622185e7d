import { once } from 'node:events'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { buffer } from 'node:stream/consumers'
import { isBffError } from '@bff/core'
import { origins } from '@bff/core/origins'
import { expect, it } from 'vitest'
import { NodeRequestView } from '../src/index.ts'
import { deferred, listen, nothing, Wire } from './harness.ts'

/** The view of one real request sent as `text`, while its connection is open. */
async function viewOf(text: string) {
  const seen = deferred<{ req: IncomingMessage; res: ServerResponse; view: NodeRequestView }>()
  const { port } = await listen((req, res) => seen.resolve({ req, res, view: new NodeRequestView(req, res) }))
  const wire = new Wire(port)
  wire.send(text)
  return { ...(await seen.promise), wire }
}

const GET = 'GET /bff/user?x=%2F%2f HTTP/1.1\r\nhost: a\r\n'
const code = (error: unknown) => (isBffError(error) ? error.code : error)

it('gives method, target as sent, peer and headers', async () => {
  const { view } = await viewOf(
    `${GET}X-One: 1\r\nx-many: a\r\nX-Many: b\r\nCookie: a=1\r\ncookie: b=2\r\n\r\n`,
  )
  expect(view.method).toBe('GET')
  expect(view.target).toBe('/bff/user?x=%2F%2f')
  expect(view.remoteAddress).toBe('127.0.0.1')
  expect(view.header('x-one')).toBe('1')
  expect(view.header('x-many')).toBe('a, b')
  expect(view.header('cookie')).toBe('a=1; b=2')
  expect(view.header('absent')).toBeUndefined()
  expect([...view.headers()]).toEqual([
    ['host', 'a'],
    ['x-one', '1'],
    ['x-many', 'a'],
    ['x-many', 'b'],
    ['cookie', 'a=1'],
    ['cookie', 'b=2'],
  ])
})

it('finds no header in what every object inherits', async () => {
  const { view } = await viewOf(`${GET}\r\n`)
  for (const name of ['constructor', '__proto__', 'toString']) expect(view.header(name)).toBeUndefined()
})

it('joins a header that Node keeps as a list', async () => {
  const { view } = await viewOf(`${GET}set-cookie: a\r\nset-cookie: b\r\n\r\n`)
  expect(view.header('set-cookie')).toBe('a, b')
})

it('shows every Host header, so that a request with two has none that is known', async () => {
  const { view } = await viewOf(`${GET}Host: b\r\nHosts: c\r\n\r\n`)
  expect(view.header('host')).toBe('a, b')
  expect(origins(['https://a', 'https://b']).find(view)).toBeNull()
  const { view: usual } = await viewOf(`${GET}\r\n`)
  expect(usual.header('host')).toBe('a')
})

it('shows the target of the wire where a host rewrote url [PRX-05]', async () => {
  const { req, view } = await viewOf(`${GET}\r\n`)
  Object.assign(req, { originalUrl: req.url, url: '/mounted' })
  expect(view.target).toBe('/bff/user?x=%2F%2f')
})

it.each(['', 'content-length: 0\r\n', 'content-length: 000\r\n'])('has no body with %j', async (header) => {
  const { view } = await viewOf(`POST / HTTP/1.1\r\nhost: a\r\n${header}\r\n`)
  expect(view.body()).toBeUndefined()
})

it.each([
  ['content-length: 5\r\n\r\nhello', 'hello'],
  ['transfer-encoding: chunked\r\n\r\n5\r\nhello\r\n1\r\n!\r\n0\r\n\r\n', 'hello!'],
  ['transfer-encoding: chunked\r\n\r\n0\r\n\r\n', ''],
])('reads the body of %j', async (rest, expected) => {
  const { view } = await viewOf(`POST / HTTP/1.1\r\nhost: a\r\n${rest}`)
  const body = view.body()
  expect(body).toBeDefined()
  expect((await buffer(body ?? nothing)).toString()).toBe(expected)
})

it('body_consumed: refuses a body a parser has read', async () => {
  const { req, view } = await viewOf('POST / HTTP/1.1\r\nhost: a\r\ncontent-length: 2\r\n\r\n{}')
  await buffer(req)
  expect(() => view.body()).toThrow(expect.objectContaining({ code: 'body_consumed', status: 500 }))
})

it('body_consumed: refuses a chunked body a parser found empty', async () => {
  const { req, view } = await viewOf(
    'POST / HTTP/1.1\r\nhost: a\r\ntransfer-encoding: chunked\r\n\r\n0\r\n\r\n',
  )
  await buffer(req)
  expect(() => view.body()).toThrow(expect.objectContaining({ code: 'body_consumed' }))
})

it('body_consumed: refuses a body something has begun to read', async () => {
  const { req, view } = await viewOf('POST / HTTP/1.1\r\nhost: a\r\ncontent-length: 9\r\n\r\nhello')
  for await (const _chunk of req.iterator({ destroyOnReturn: false })) break
  expect(() => view.body()).toThrow(expect.objectContaining({ code: 'body_consumed' }))
})

it('body_consumed: refuses a second reading', async () => {
  const { view } = await viewOf('POST / HTTP/1.1\r\nhost: a\r\ncontent-length: 2\r\n\r\n{}')
  view.body()
  expect(() => view.body()).toThrow(expect.objectContaining({ code: 'body_consumed' }))
})

it('leaving a body early keeps the connection for the refusal [PRX-15]', async () => {
  const { view, res, wire } = await viewOf('POST / HTTP/1.1\r\nhost: a\r\ncontent-length: 100\r\n\r\nhello')
  for await (const _chunk of view.body() ?? nothing) break
  res.end('too large')
  expect(await wire.until('too large')).toContain('200 OK')
})

it('a body cut off by the client is an error, never an end', async () => {
  const { view, wire } = await viewOf('POST / HTTP/1.1\r\nhost: a\r\ncontent-length: 100\r\n\r\nhello')
  const read = buffer(view.body() ?? nothing).catch((error: unknown) => error)
  wire.socket.destroy()
  expect(await read).toBeInstanceOf(Error)
})

it('aborts its signal when the client leaves before the answer', async () => {
  const { view, wire } = await viewOf(`${GET}\r\n`)
  const { signal } = view
  expect(view.signal).toBe(signal)
  wire.socket.destroy()
  await once(signal, 'abort')
  expect(signal.aborted).toBe(true)
})

it('a signal first asked for after the client left is aborted', async () => {
  const { req, view, wire } = await viewOf(`${GET}\r\n`)
  const gone = new Promise((resolve) => req.socket.once('close', resolve))
  wire.socket.destroy()
  await gone
  expect(view.signal.aborted).toBe(true)
})

it('tells of a client that leaves without a signal, at once of one that has left, and not after it was asked to stop', async () => {
  const { req, view, wire } = await viewOf(`${GET}\r\n`)
  const before = req.socket.listenerCount('close')
  const told: string[] = []
  const stop = view.onDisconnect(() => told.push('stopped'))
  const left = new Promise<void>((resolve) => void view.onDisconnect(resolve))
  stop()
  expect(req.socket.listenerCount('close')).toBeLessThanOrEqual(before + 1)
  wire.socket.destroy()
  await left
  view.onDisconnect(() => told.push('late'))
  expect(told).toEqual(['late'])
  expect(view.signal.aborted).toBe(true)
})

it('does not abort for a finished response, and leaves nothing on a kept connection', async () => {
  const { req, res, view, wire } = await viewOf(`${GET}\r\n`)
  const before = req.socket.listenerCount('close')
  const { signal } = view
  const closed = once(res, 'close')
  res.end('done')
  await closed
  expect(req.socket.listenerCount('close')).toBeLessThanOrEqual(before)
  const gone = new Promise((resolve) => req.socket.once('close', resolve))
  wire.socket.destroy()
  await gone
  expect(signal.aborted).toBe(false)
})

it('names the error for its reader', async () => {
  const { req, view } = await viewOf('POST / HTTP/1.1\r\nhost: a\r\ncontent-length: 2\r\n\r\n{}')
  await buffer(req)
  const error = await Promise.resolve()
    .then(() => view.body())
    .catch((reason: unknown) => reason)
  expect(code(error)).toBe('body_consumed')
  expect(String(error)).toContain('ahead of any body parser')
})
