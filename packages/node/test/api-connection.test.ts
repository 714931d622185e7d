import { once } from 'node:events'
import { type AddressInfo, createServer, type Socket } from 'node:net'
import { text } from 'node:stream/consumers'
import type { UpstreamRequest } from '@bff/core/proxy'
import { describe, expect, it, onTestFinished } from 'vitest'
import { undiciUpstream } from '../src/index.ts'
import { chunks, nothing } from './harness.ts'

interface Piece {
  readonly socket: Socket
  /** Its number on its connection, and the number of that. */
  readonly piece: number
  readonly connection: number
  readonly said: string
}

/** An API below HTTP, which has one connection and answers piece by piece as they come. */
async function rawApi(answer: (come: Piece) => void) {
  let connections = 0
  const server = createServer((socket) => {
    connections += 1
    const connection = connections
    let piece = 0
    socket.on('error', () => {})
    socket.on('data', (bytes) => {
      piece += 1
      answer({ socket, piece, connection, said: bytes.toString('latin1') })
    })
    onTestFinished(() => void socket.destroy())
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  onTestFinished(() => void server.close())
  const upstream = undiciUpstream({ connections: 1 })
  onTestFinished(() => upstream.close())
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`

  function send(given: Partial<UpstreamRequest> = {}) {
    const { signal } = new AbortController()
    return upstream.send({
      method: 'GET',
      url,
      headers: [],
      body: null,
      signal,
      headersTimeoutMs: 0,
      ...given,
    })
  }
  async function ask(given?: Partial<UpstreamRequest>) {
    const { status, body } = await send(given)
    return [status, await text(body ?? nothing)]
  }
  return { send, ask, connections: () => connections }
}

const OK = 'HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok'
const CONTINUE = 'HTTP/1.1 100 Continue\r\n\r\n'
const HINTS = 'HTTP/1.1 103 Early Hints\r\nlink: </a.css>; rel=preload\r\n\r\n'

describe('an interim answer nobody asked for', () => {
  it.each([
    ['100 Continue', CONTINUE],
    ['100 Continue with a header', 'HTTP/1.1 100 Continue\r\nx: 1\r\n\r\n'],
    ['100 Continue without a reason', 'HTTP/1.1 100 \r\n\r\n'],
    ['102 Processing', 'HTTP/1.1 102 Processing\r\n\r\n'],
    ['103 Early Hints', HINTS],
    ['several of them', CONTINUE + HINTS + CONTINUE],
  ])('%s is passed over, whatever the method, and the connection serves on', async (_name, interim) => {
    const { ask, connections } = await rawApi(({ socket }) => socket.write(interim + OK))
    expect(await ask()).toEqual([200, 'ok'])
    expect(await ask({ method: 'POST', body: new Uint8Array(3) })).toEqual([200, 'ok'])
    expect(await ask({ method: 'HEAD' })).toEqual([200, ''])
    expect(connections()).toBe(1)
  })

  it('is passed over in whatever pieces it comes', async () => {
    const { ask } = await rawApi(async ({ socket }) => {
      socket.setNoDelay(true)
      for (const piece of CONTINUE + HINTS + OK) {
        socket.write(piece)
        await new Promise((resolve) => setImmediate(resolve))
      }
    })
    expect(await ask()).toEqual([200, 'ok'])
  })

  it('is passed over at its own time, before the body was sent', async () => {
    const { ask } = await rawApi(({ socket, piece, said }) => {
      if (piece === 1) socket.write(CONTINUE)
      if (said.includes('\x01\x01\x01\x01')) socket.write(OK)
    })
    const body = (async function* () {
      for (const chunk of chunks(2, 4)) {
        yield chunk
        await new Promise((resolve) => setImmediate(resolve))
      }
    })()
    const answer = await ask({ method: 'POST', headers: [['content-length', '8']], body })
    expect(answer).toEqual([200, 'ok'])
  })

  it('is content when it stands in the content', async () => {
    const { ask } = await rawApi(({ socket }) => {
      socket.write(`HTTP/1.1 200 OK\r\ncontent-length: ${CONTINUE.length * 2}\r\n\r\n`, () => {
        setImmediate(() => socket.write(CONTINUE, () => setImmediate(() => socket.write(CONTINUE))))
      })
    })
    expect(await ask()).toEqual([200, CONTINUE + CONTINUE])
  })

  it('that never ends is no answer', async () => {
    const { ask } = await rawApi(({ socket }) =>
      socket.write(`HTTP/1.1 100 Continue\r\nx: ${'x'.repeat(20_000)}`),
    )
    await expect(ask()).rejects.toMatchObject({ code: 'upstream_unavailable' })
  })

  it('a switch of protocols is none, and refused', async () => {
    const { ask } = await rawApi(({ socket }) =>
      socket.write('HTTP/1.1 101 Switching Protocols\r\nconnection: upgrade\r\nupgrade: x\r\n\r\n'),
    )
    await expect(ask()).rejects.toMatchObject({ code: 'upstream_unavailable' })
  })
})

describe('a connection the API closed while it was idle', () => {
  /** Serves one request, and closes its first connection when the next one comes. */
  const closing = () =>
    rawApi(({ socket, piece, connection }) => {
      if (connection === 1 && piece === 2) socket.destroy()
      else socket.write(OK)
    })

  it.each(['GET', 'HEAD', 'OPTIONS', 'PUT', 'DELETE'])(
    'costs a %s nothing: it is sent once more',
    async (method) => {
      const { ask, connections } = await closing()
      await ask()
      const body = method === 'PUT' ? new Uint8Array(3) : null
      expect((await ask({ method, body }))[0]).toBe(200)
      expect(connections()).toBe(2)
    },
  )

  it.each(['POST', 'PATCH'])('fails a %s, which the API may have carried out', async (method) => {
    const { ask, connections } = await closing()
    await ask()
    await expect(ask({ method, body: new Uint8Array(3) })).rejects.toMatchObject({
      code: 'upstream_unavailable',
    })
    expect(connections()).toBe(1)
  })

  it('fails a PUT whose body cannot be sent again', async () => {
    const { ask, connections } = await closing()
    await ask()
    const body = (async function* () {
      yield* chunks(2, 4)
    })()
    await expect(ask({ method: 'PUT', body })).rejects.toMatchObject({ code: 'upstream_unavailable' })
    expect(connections()).toBe(1)
  })

  it('is asked once more on a connection of its own, and no third time', async () => {
    const { ask, connections } = await rawApi(({ socket, piece, connection }) => {
      if (connection === 1 && piece === 1) socket.write(OK)
      else socket.destroy()
    })
    await ask()
    await expect(ask()).rejects.toMatchObject({ code: 'upstream_unavailable' })
    expect(connections()).toBe(2)
  })

  it('is not one that was new: the API may fail over this very request', async () => {
    const { ask, connections } = await rawApi(({ socket }) => socket.destroy())
    await expect(ask()).rejects.toMatchObject({ code: 'upstream_unavailable' })
    expect(connections()).toBe(1)
  })

  it.each(['HTTP/1.1 2', CONTINUE])('is not one that had begun to answer: %j', async (begun) => {
    const { ask, connections } = await rawApi(({ socket, piece }) => {
      if (piece === 1) socket.write(OK)
      else socket.write(begun, () => socket.end())
    })
    await ask()
    await expect(ask()).rejects.toMatchObject({ code: 'upstream_unavailable' })
    expect(connections()).toBe(1)
  })
})

describe('an answer before the whole request', () => {
  const EARLY = 'HTTP/1.1 413 Too Large\r\nconnection: close\r\ncontent-length: 9\r\n\r\ntoo large'

  /** Far more than the sockets of a connection hold. */
  const upload = async function* () {
    yield* chunks(200, 100_000)
  }

  it('arrives though the API has closed its connection by then', async () => {
    const { ask } = await rawApi(({ socket, piece }) => {
      if (piece === 1) socket.pause().write(EARLY, () => socket.destroy())
    })
    for (const headers of [[], [['content-length', '20000000']] as const])
      expect(await ask({ method: 'POST', headers, body: upload() })).toEqual([413, 'too large'])
  })

  it('arrives though the API reads no more, and the next request has a connection that serves', async () => {
    const { ask, connections } = await rawApi(({ socket, connection }) => {
      if (connection === 1) socket.pause().write(EARLY.replace('close', 'keep-alive'))
      else socket.write(OK)
    })
    expect(await ask({ method: 'POST', body: upload() })).toEqual([413, 'too large'])
    expect(await ask()).toEqual([200, 'ok'])
    expect(connections()).toBe(2)
  })

  it('that is none is upstream_unavailable', async () => {
    const { ask } = await rawApi(({ socket }) => socket.destroy())
    const refused = ask({ method: 'POST', body: upload() })
    await expect(refused).rejects.toMatchObject({ code: 'upstream_unavailable' })
  })
})

describe('a header folded into several lines', () => {
  const FOLDED =
    'HTTP/1.1 200 OK\r\nx-a: 1\r\n 2\r\n\t3\r\nx-b:\r\n 4\r\ncontent-length: 9\r\n\r\na\r\n b\r\n\tc'

  it.each([
    ['in one piece', [FOLDED]],
    ['in pieces of one byte', [...FOLDED]],
  ])('is one line, and the content is left alone: %s', async (_name, pieces) => {
    const { send } = await rawApi(async ({ socket }) => {
      for (const piece of pieces) {
        socket.write(piece)
        await new Promise((resolve) => setImmediate(resolve))
      }
    })
    const { headers, body } = await send()
    expect(headers).toEqual([
      ['x-a', '1   2   3'],
      ['x-b', '4'],
      ['content-length', '9'],
    ])
    expect(await text(body ?? nothing)).toBe('a\r\n b\r\n\tc')
  })

  it.each([
    ['lines that end in a line feed alone', 'HTTP/1.1 200 OK\ncontent-length: 2\n\nok'],
    ['another protocol', 'SSH-2.0-OpenSSH\r\n'],
    ['a head that never ends', `HTTP/1.1 200 OK\r\nx: ${'x'.repeat(20_000)}`],
  ])('is not waited for in %s', async (_name, said) => {
    const { ask } = await rawApi(({ socket }) => socket.write(said))
    await expect(ask()).rejects.toMatchObject({ code: 'upstream_unavailable' })
  })
})
