import { once } from 'node:events'
import { connect, createServer, type Socket } from 'node:net'
import { deserialize, serialize } from 'node:v8'
import { BffError, isBffError, type Stores } from '@bff/core'

/** A server that keeps stores of this process, and forgets who is connected when it is killed, but no data. */
export interface RemoteServer {
  readonly host: string
  readonly port: number
  kill(): Promise<void>
  start(): Promise<void>
}

type Request = [id: number, part: 'sessions' | 'ttl' | 'events', method: string, args: unknown[]]
type Response = [id: number, outcome: 'value' | 'refused' | 'event', value: unknown]

/** Serves the stores; `stores` is asked for anew at each start. */
export async function remoteServer(stores: () => Stores): Promise<RemoteServer> {
  const sockets = new Set<Socket>()
  let kept = stores()
  let port = 0
  const listener = createServer((socket) => {
    sockets.add(socket)
    const subscriptions: Promise<() => Promise<void>>[] = []
    socket.on('error', () => socket.destroy())
    socket.on('close', () => {
      sockets.delete(socket)
      for (const subscription of subscriptions) void subscription.then((unsubscribe) => unsubscribe())
    })
    const send = (response: Response) => socket.writable && socket.write(frame(response))
    readFrames(socket, (message) => {
      const [id, part, method, args] = message as Request
      if (method === 'subscribe') {
        const topic = args[0] as Parameters<Stores['events']['subscribe']>[0]
        subscriptions.push(kept.events.subscribe(topic, (event) => send([id, 'event', event])))
        void subscriptions.at(-1)?.then(() => send([id, 'value', undefined]))
        return
      }
      const target: object = kept[part]
      Promise.resolve(Reflect.apply(Reflect.get(target, method), target, args)).then(
        (value: unknown) => send([id, 'value', value]),
        (error: unknown) => send([id, 'refused', isBffError(error) ? [error.code, error.message] : null]),
      )
    })
  })
  const start = async () => {
    listener.listen(port, '127.0.0.1')
    await once(listener, 'listening')
    const address = listener.address()
    if (address !== null && typeof address === 'object') port = address.port
  }
  const kill = async () => {
    for (const socket of sockets) socket.destroy()
    if (!listener.listening) return
    listener.close()
    await once(listener, 'close')
  }
  await start()
  return {
    host: '127.0.0.1',
    port,
    kill,
    start: async () => {
      kept = stores()
      await start()
    },
  }
}

/** A fault of the adapter, for the laws to find. */
export interface RemoteFaults {
  /** Sends a call again when its answer was lost. */
  readonly resends?: boolean
  /** Waits for an answer for ever. */
  readonly waits?: boolean
  /** Never connects a second time. */
  readonly givesUp?: boolean
  /** Tells in its errors what it had asked. */
  readonly tells?: boolean
  /** Answers `null` when there is no connection. */
  readonly shrugs?: boolean
  /** Takes answers in the order of the calls, and forgets that some of those timed out. */
  readonly mixesUp?: boolean
  /** Goes on using a connection that does not answer. */
  readonly holdsOn?: boolean
  /** Does not subscribe again on a new connection. */
  readonly forgetsSubscriptions?: boolean
  /** Fails later reads with the errors of calls that broke with their connection. */
  readonly repeats?: boolean
  /** Leaves calls under way to themselves when closed. */
  readonly abandons?: boolean
}

const ANSWER_WITHIN_MS = 500

interface Pending {
  readonly id: number
  settle(response: Response | null): void
}

/** An adapter as small as can be: one connection, opened when a call needs it. */
export function remoteStores(server: { host: string; port: number }, faults: RemoteFaults = {}) {
  const pending: Pending[] = []
  const late: Response[] = []
  const subscriptions = new Map<number, { args: unknown[]; handler: (event: unknown) => void }>()
  let socket: Socket | null = null
  let connections = 0
  let ids = 0
  let closed = false
  let broken = 0

  const receive = (message: unknown) => {
    const response = message as Response
    if (response[1] === 'event') return subscriptions.get(response[0])?.handler(response[2])
    const index = faults.mixesUp ? 0 : pending.findIndex(({ id }) => id === response[0])
    if (index >= 0 && pending.length > 0) pending.splice(index, 1)[0]?.settle(response)
    else late.push(response)
  }

  const open = (): Socket | null => {
    if (socket !== null) return socket
    if (faults.givesUp && connections > 0) return null
    connections += 1
    const opened = connect(server.port, server.host)
    socket = opened
    opened.unref()
    opened.on('error', () => opened.destroy())
    opened.on('close', () => {
      socket = null
      broken += pending.length
      for (const call of pending.splice(0)) call.settle(null)
    })
    readFrames(opened, receive)
    if (connections > 1 && !faults.forgetsSubscriptions) {
      for (const [id, { args }] of subscriptions)
        opened.write(frame([id, 'events', 'subscribe', args] satisfies Request))
    }
    return opened
  }

  const exchange = (request: Request): Promise<Response | null> =>
    new Promise((resolve) => {
      const opened = open()
      if (opened === null) return resolve(null)
      const timer = faults.waits
        ? undefined
        : setTimeout(() => {
            pending.splice(pending.indexOf(call), 1)
            resolve(null)
            if (!faults.holdsOn && !faults.mixesUp) opened.destroy()
          }, ANSWER_WITHIN_MS)
      const call: Pending = {
        id: request[0],
        settle: (response) => {
          clearTimeout(timer)
          resolve(response)
        },
      }
      pending.push(call)
      opened.write(frame(request))
      const answer = faults.mixesUp ? late.shift() : undefined
      if (answer !== undefined) receive(answer)
    })

  const ask = async (...[part, method, args]: [Request[1], string, unknown[]]): Promise<unknown> => {
    const unavailable = () =>
      new BffError('store_unavailable', undefined, faults.tells ? { cause: { method, args } } : {})
    if (closed || (faults.repeats && method === 'get' && broken-- > 0)) throw unavailable()
    let response = await exchange([++ids, part, method, args])
    for (let again = 3; faults.resends && response === null && again > 0; again--)
      response = await exchange([++ids, part, method, args])
    if (response === null && faults.shrugs && method === 'get') return null
    if (response === null) throw unavailable()
    if (response[1] === 'value') return response[2]
    const [code, message] = response[2] as [BffError['code'], string]
    throw new BffError(code, message)
  }

  const part = (name: Request[1], own: object) =>
    new Proxy(own, {
      get: (target, method) =>
        Reflect.get(target, method) ?? ((...args: unknown[]) => ask(name, String(method), args)),
    })
  const close = async () => {
    closed = true
    if (faults.abandons) pending.splice(0)
    socket?.destroy()
  }
  const subscribe = async (topic: unknown, handler: (event: unknown) => void) => {
    const id = ++ids
    subscriptions.set(id, { args: [topic], handler })
    await exchange([id, 'events', 'subscribe', [topic]])
    return async () => {
      subscriptions.delete(id)
    }
  }
  return {
    sessions: part('sessions', { close }),
    ttl: part('ttl', {}),
    events: part('events', { subscribe }),
  } as Stores
}

function frame(message: Request | Response): Buffer {
  const body = serialize(message)
  const head = Buffer.alloc(4)
  head.writeUInt32BE(body.length)
  return Buffer.concat([head, body])
}

function readFrames(socket: Socket, onMessage: (message: unknown) => void): void {
  let rest = Buffer.alloc(0)
  socket.on('data', (data) => {
    rest = Buffer.concat([rest, data])
    while (rest.length >= 4 && rest.length >= 4 + rest.readUInt32BE(0)) {
      const end = 4 + rest.readUInt32BE(0)
      onMessage(deserialize(rest.subarray(4, end)))
      rest = rest.subarray(end)
    }
  })
}
