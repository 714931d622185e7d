import { createServer, type IncomingMessage, type ServerOptions, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { text } from 'node:stream/consumers'
import { BffError, type Reply, type RequestView, type ServedBff, type Session } from '@bff/core'
import { BFF_PATHS, type ServedApp } from '../src/index.ts'

/** The steps of an adapter, each of which a mutant can get wrong. */
export interface Steps {
  readonly server: ServerOptions
  /** How Node's own `Expect: 100-continue` is answered. */
  readonly continue: (res: ServerResponse) => void
  /** Runs ahead of everything; `true` when it answered. */
  readonly before: (bff: ServedBff, req: IncomingMessage, res: ServerResponse) => Promise<boolean>
  readonly method: (req: IncomingMessage) => string
  readonly target: (req: IncomingMessage) => string
  readonly remoteAddress: (req: IncomingMessage) => string | undefined
  readonly header: (req: IncomingMessage, name: string) => string | undefined
  readonly headers: (req: IncomingMessage) => [name: string, value: string][]
  readonly body: (req: IncomingMessage) => AsyncIterable<Uint8Array> | undefined
  readonly signal: (res: ServerResponse) => AbortSignal
  readonly require: (bff: ServedBff, view: RequestView) => Promise<Session>
  readonly optional: (bff: ServedBff, view: RequestView) => Promise<Session | null>
  readonly errorReply: (bff: ServedBff, error: unknown) => Reply
  /** The reply as it goes out. */
  readonly reply: (reply: Reply, req: IncomingMessage) => Reply
  readonly write: (reply: Reply, res: ServerResponse) => Promise<void>
  /** Writes one body; rejects when it breaks off. */
  readonly pump: (body: AsyncIterable<Uint8Array>, res: ServerResponse) => Promise<void>
}

const isBff = (target: string) => BFF_PATHS.some((own) => new RegExp(`^${own}(?:[/?]|$)`).test(target))

/** An adapter for plain `node:http`, as short as the laws let it be. */
export const reference: Steps = {
  server: {},
  continue: (res) => res.writeContinue(),
  before: async () => false,
  method: (req) => req.method ?? '',
  target: (req) => req.url ?? '',
  remoteAddress: (req) => req.socket.remoteAddress,
  header: (req, name) => {
    const value = req.headers[name]
    return typeof value === 'string' ? value : value?.join(', ')
  },
  headers: (req) =>
    req.rawHeaders.flatMap((name, at, all) =>
      at % 2 === 0 ? [[name.toLowerCase(), all[at + 1] ?? ''] satisfies [string, string]] : [],
    ),
  body(req) {
    const { 'content-length': length = '0', 'transfer-encoding': coding } = req.headers
    if (coding === undefined && length === '0') return undefined
    if (req.readableDidRead) throw new BffError('body_consumed')
    return req.iterator({ destroyOnReturn: false })
  },
  signal(res) {
    const controller = new AbortController()
    res.once('close', () => {
      if (!res.writableFinished) controller.abort()
    })
    return controller.signal
  },
  require: (bff, view) => bff.requireSession(view),
  optional: (bff, view) => bff.getSession(view),
  errorReply: (bff, error) => bff.errorReply(error),
  reply: (reply) => reply,
  async write({ status, headers, body }, res) {
    for (const [name, value] of headers)
      if (name === 'set-cookie') res.appendHeader(name, value)
      else res.setHeader(name, value)
    res.writeHead(status)
    if (body === null || typeof body === 'string' || body instanceof Uint8Array) res.end(body ?? undefined)
    else await this.pump(body, res)
  },
  async pump(body, res) {
    res.flushHeaders()
    const chunks = body[Symbol.asyncIterator]()
    res.once('close', () => void chunks.return?.())
    for (let next = await chunks.next(); !next.done; next = await chunks.next()) {
      if (res.closed) return
      if (!res.write(next.value)) await drained(res)
    }
    res.end()
  },
}

/** Resolves when more may be written, or nothing will. */
export const drained = (res: ServerResponse) =>
  new Promise<void>((resolve) => {
    const go = () => {
      res.off('drain', go).off('close', go)
      resolve()
    }
    res.on('drain', go).on('close', go)
  })

/** Serves an app around `bff` through these steps. */
export async function serveSteps(steps: Steps, bff: ServedBff): Promise<ServedApp> {
  const server = createServer(steps.server, (req, res) => {
    answer(steps, bff, req, res).catch(() => res.destroy())
  })
  server.on('checkContinue', (req, res) => {
    steps.continue(res)
    server.emit('request', req, res)
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return {
    origin: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    async close() {
      const closed = new Promise((resolve) => server.close(resolve))
      server.closeAllConnections()
      await closed
    },
  }
}

async function answer(
  steps: Steps,
  bff: ServedBff,
  req: IncomingMessage,
  res: ServerResponse,
): Promise<void> {
  if (req.url?.startsWith('/parsed')) await text(req)
  if (await steps.before(bff, req, res)) return
  const view = viewOf(steps, req, res)
  const reply = await (bff.handle(view) ?? appReply(steps, bff, view, req))
  await steps.write(steps.reply(reply, req), res)
}

function viewOf(steps: Steps, req: IncomingMessage, res: ServerResponse): RequestView {
  const signal = steps.signal(res)
  return {
    method: steps.method(req),
    target: steps.target(req),
    remoteAddress: steps.remoteAddress(req),
    header: (name) => steps.header(req, name),
    headers: () => steps.headers(req),
    body: () => steps.body(req),
    signal,
  }
}

async function appReply(
  steps: Steps,
  bff: ServedBff,
  view: RequestView,
  req: IncomingMessage,
): Promise<Reply> {
  const { url: target = '' } = req
  try {
    switch (target.split('?', 1)[0]) {
      case '/app/echo':
        return json({ method: req.method, target, body: await text(req) })
      case '/app/guarded': {
        const { userId } = await steps.require(bff, view)
        return json({ user: userId, body: await text(req) })
      }
      case '/app/optional':
        return json({ user: (await steps.optional(bff, view))?.userId ?? null })
      default:
        return { status: isBff(target) ? 500 : 404, headers: [], body: 'The app has no such page.' }
    }
  } catch (error) {
    return steps.errorReply(bff, error)
  }
}

const json = (body: unknown): Reply => ({
  status: 200,
  headers: [['content-type', 'application/json']],
  body: JSON.stringify(body),
})
