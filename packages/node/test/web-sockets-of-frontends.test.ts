import { once } from 'node:events'
import { createServer } from 'node:http'
import { type BffEvent, generateEncryptionKey } from '@bff/core'
import { frontends } from '@bff/core/frontends'
import { apiProxy } from '@bff/core/proxy'
import { memoryStore } from '@bff/store-memory'
import { manualClock } from '@bff/test-support/clock'
import { expect, it, onTestFinished } from 'vitest'
import { WebSocket } from 'ws'
import { nodeListener, relayWebSockets, undiciUpstream } from '../src/index.ts'
import { closeOf, listening, messageOf, refusalOf, webSocketApi } from './web-socket-world.ts'

it('a WebSocket outlives a removal of its frontend for drainMs, then closes; that of another frontend goes on', async () => {
  const clock = manualClock()
  const all = frontends({ clock, drainMs: 3_000 })
  onTestFinished(() => all.close())
  const store = memoryStore()
  const events: BffEvent[] = []
  const api = await webSocketApi()
  const server = createServer(nodeListener(all))
  const port = await listening(server)
  relayWebSockets(server, all)

  async function openAt(name: string) {
    const origin = `http://${name}.localhost`
    const bff = all.add(name, {
      origin,
      store,
      clock,
      encryptionKeys: [generateEncryptionKey()],
      proxy: apiProxy({
        routes: [{ path: '/api', target: `http://127.0.0.1:${api.port}`, webSocket: true }],
        upstream: undiciUpstream(),
      }),
      onEvent: (event) => events.push(event),
    })
    const { cookie } = await bff.sessions.create({
      userId: name,
      tokens: { accessToken: `token-of-${name}`, expiresIn: 86_400 },
    })
    const connect = () => {
      const socket = new WebSocket(`ws://127.0.0.1:${port}/api/live`, {
        origin,
        headers: { host: `${name}.localhost`, cookie: cookie.split(';', 1)[0] },
      })
      socket.on('error', () => {})
      onTestFinished(() => socket.terminate())
      return socket
    }
    const socket = connect()
    await once(socket, 'open')
    return { socket, connect }
  }
  const echoed = async (socket: WebSocket, text: string) => {
    socket.send(text)
    return String((await messageOf(socket)).data)
  }

  const [shop, admin] = [await openAt('shop'), await openAt('admin')]
  const removal = all.remove('shop')
  expect(await echoed(shop.socket, 'still here')).toBe('still here')
  expect(await refusalOf(shop.connect())).toMatchObject({ status: 503 })
  const closed = closeOf(shop.socket)
  await clock.advance(3_000)
  expect(await closed).toEqual([1001, 'going_away'])
  expect(await removal).toBe(true)
  expect(events.filter(({ type }) => type === 'proxy.failed')).toEqual([])
  expect(await echoed(admin.socket, 'not concerned')).toBe('not concerned')
})
