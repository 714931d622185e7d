import assert from 'node:assert/strict'
import { once } from 'node:events'
import { connect, createServer, type Socket } from 'node:net'
import { afterEach, test } from 'vitest'
import { type FaultProxy, type FaultProxyOptions, faultProxy } from '../src/index.ts'

const opened: { close(): Promise<void> | void }[] = []
afterEach(async () => {
  for (const each of opened.splice(0).reverse()) await each.close()
})

/** A server that answers each line with itself, behind a proxy. */
async function echoBehindProxy(options?: FaultProxyOptions) {
  const clients = new Set<Socket>()
  const heard: string[] = []
  let ended = 0
  const server = createServer((socket) => {
    clients.add(socket)
    socket.on('data', (data) => {
      heard.push(data.toString())
      socket.write(data)
    })
    socket.on('error', () => {})
    socket.on('close', () => {
      ended += 1
    })
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  assert(address !== null && typeof address !== 'string')
  const proxy = await faultProxy({ host: '127.0.0.1', port: address.port }, options)
  const close = async () => {
    await proxy.close()
    for (const socket of clients) socket.destroy()
    server.close()
    await once(server, 'close')
  }
  opened.push({ close })
  return { proxy, server, heard, ended: () => ended }
}

async function dial(proxy: FaultProxy): Promise<Socket> {
  const socket = connect(proxy.port, proxy.host)
  opened.push({ close: () => void socket.destroy() })
  socket.on('error', () => {})
  await once(socket, 'connect')
  return socket
}

async function echo(socket: Socket, text: string): Promise<string> {
  socket.write(text)
  let answer = ''
  while (answer.length < text.length) answer += String((await once(socket, 'data'))[0])
  return answer
}

test('connections dropped silently answer nothing and do not end, and a new one works', async () => {
  const { proxy, heard, ended } = await echoBehindProxy()
  const old = await dial(proxy)
  assert.equal(await echo(old, 'before'), 'before')
  await proxy.dropSilently()
  old.write('lost')
  assert.equal(await echo(await dial(proxy), 'new'), 'new')
  await proxy.restore()
  assert.equal(await echo(await dial(proxy), 'newer'), 'newer')
  assert.deepEqual(heard, ['before', 'new', 'newer'])
  assert.equal(proxy.counts.dropped, 1)
  assert.equal(old.destroyed, false)
  old.destroy()
  await once(old, 'close')
  assert.equal(await echo(await dial(proxy), 'newest'), 'newest')
  assert.equal(ended(), 0)
})

test('a server that probes its connections gives up a dead one whose client has gone', async () => {
  const { proxy, server } = await echoBehindProxy({ serverGivesUpMs: 20 })
  const [old, [accepted]] = await Promise.all([dial(proxy), once(server, 'connection')])
  assert.equal(await echo(old, 'before'), 'before')
  await proxy.dropSilently()
  const closed = once(accepted, 'close')
  old.destroy()
  await closed
})

test('a black hole swallows new connections too, and what was made in it stays dead', async () => {
  const { proxy, heard } = await echoBehindProxy()
  await proxy.blackhole()
  const inside = await dial(proxy)
  inside.write('lost')
  while (proxy.counts.dropped === 0) await new Promise(setImmediate)
  await proxy.restore()
  assert.equal(await echo(await dial(proxy), 'after'), 'after')
  assert.deepEqual(heard, ['after'])
})

test('delayed answers arrive late and in order', async () => {
  const { proxy } = await echoBehindProxy()
  const socket = await dial(proxy)
  await proxy.delay(60)
  const start = performance.now()
  const first = echo(socket, 'abc')
  assert.equal(await first, 'abc')
  assert(performance.now() - start >= 59)
  const late = once(socket, 'data')
  socket.write('1')
  while (proxy.counts.delayed < 2) await new Promise(setImmediate)
  await proxy.restore()
  socket.write('2')
  let answers = String((await late)[0])
  while (answers.length < 2) answers += String((await once(socket, 'data'))[0])
  assert.equal(answers, '12')
})

test('dripped answers arrive a byte at a time and whole', async () => {
  const { proxy } = await echoBehindProxy()
  const socket = await dial(proxy)
  await proxy.drip(5)
  const start = performance.now()
  assert.equal(await echo(socket, 'ten bytes!'), 'ten bytes!')
  assert(performance.now() - start >= 49)
  await proxy.drip(60_000)
  const rest = echo(socket, 'at once')
  while (proxy.counts.delayed < 2) await new Promise(setImmediate)
  await proxy.restore()
  assert.equal(await rest, 'at once')
})

test('a half-closed connection ends for the client, and the server hears nothing more', async () => {
  const { proxy, heard } = await echoBehindProxy()
  const socket = connect({ host: proxy.host, port: proxy.port, allowHalfOpen: true })
  opened.push({ close: () => void socket.destroy() })
  await once(socket, 'connect')
  assert.equal(await echo(socket, 'before'), 'before')
  const end = once(socket, 'end')
  socket.resume()
  await proxy.halfClose()
  await end
  socket.write('after')
  while (proxy.counts.dropped === 0) await new Promise(setImmediate)
  assert.deepEqual(heard, ['before'])
  assert.equal(proxy.counts.halfClosed, 1)
  assert.equal(await echo(await dial(proxy), 'new'), 'new')
})

test('a chosen answer cuts its connection after the server has acted', async () => {
  const { proxy, heard } = await echoBehindProxy()
  await proxy.cutWhen((answer) => answer.includes('secret'))
  const socket = await dial(proxy)
  assert.equal(await echo(socket, 'plain'), 'plain')
  const closed = once(socket, 'close')
  socket.write('secret')
  await closed
  assert.deepEqual(heard, ['plain', 'secret'])
  assert.equal(proxy.counts.cut, 1)
})

test('a chosen request makes its connection late, and no other', async () => {
  const { proxy } = await echoBehindProxy()
  await proxy.delayWhen((request) => request.includes('lease'), 60)
  const [chosen, other] = [await dial(proxy), await dial(proxy)]
  const start = performance.now()
  const late = echo(chosen, 'lease')
  assert.equal(await echo(other, 'read'), 'read')
  assert.equal(proxy.counts.delayed <= 1, true)
  assert.equal(await late, 'lease')
  assert(performance.now() - start >= 59)
  assert.equal(proxy.counts.delayed, 1)
})
