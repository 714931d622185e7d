import type { ServerResponse } from 'node:http'
import { isBffError, type Reply, type ServedBff } from '@bff/core'
import { onceClientLeaves, socketOf } from './request-view.ts'

/**
 * Writes a reply: the headers, then the body as fast as the client reads it.
 *
 * Headers that were set on `res` before stay, unless the reply has them; cookies of both are kept. When the client
 * disconnects, the body's iterator ends and releases its resources. When the body fails after the headers, the connection is
 * closed, so that an incomplete response does not look complete (RFC 9112 §8, PRX-17).
 *
 * Resolves when the response is finished or the client has disconnected. Rejects only when the reply cannot be written,
 * because `res` was already answered or a header is not valid.
 */
export async function writeReply(reply: Reply, res: ServerResponse): Promise<void> {
  const done = closed(res)
  answer(reply, res)
  return done
}

function answer(reply: Reply, res: ServerResponse): void {
  const { status, body, signal } = reply
  const stream = body !== null && typeof body === 'object' && Symbol.asyncIterator in body ? body : null
  try {
    writeHead(reply, res)
  } catch (error) {
    void release(stream)
    throw error
  }
  discardUnreadBody(res)
  if (body === null || isBodyless(status, res)) {
    void release(stream)
    res.end()
  } else if (stream === null) res.end(body)
  else {
    void pump(stream[Symbol.asyncIterator](), res)
    signal?.addEventListener('abort', () => isBffError(signal.reason) && res.destroy(), { once: true })
  }
}

/**
 * Writes the reply of a BFF. A failure becomes the BFF's own error reply, or a closed connection when that cannot be
 * written. It resolves when the response is finished or the client has disconnected, and never rejects (PRX-23).
 */
export function deliverReply(
  bff: Pick<ServedBff, 'errorReply'>,
  promised: Reply | Promise<Reply>,
  res: ServerResponse,
): Promise<void> {
  return writeOrFail(bff, promised, res, writeReply)
}

/** As {@link deliverReply}, for a host that does not wait for the end of the response: nothing listens for it then. */
export function startReply(
  bff: Pick<ServedBff, 'errorReply'>,
  promised: Reply | Promise<Reply>,
  res: ServerResponse,
): void {
  void writeOrFail(bff, promised, res, answer)
}

async function writeOrFail(
  bff: Pick<ServedBff, 'errorReply'>,
  promised: Reply | Promise<Reply>,
  res: ServerResponse,
  write: (reply: Reply, res: ServerResponse) => Promise<void> | void,
): Promise<void> {
  try {
    await write(await promised, res)
  } catch (error) {
    try {
      await write(bff.errorReply(error), res)
    } catch {
      res.destroy()
    }
  }
}

function closed(res: ServerResponse): Promise<void> {
  return new Promise((resolve) => {
    res.once('close', resolve)
    if (socketOf(res) === null) res.once('finish', resolve)
    // Its own event tells all, but that of a pipelined response before its turn, or one that has been.
    if (res.socket === null || res.closed) onceClientLeaves(res, resolve)
  })
}

/** Values by lower-case name; several of one name are separate lines. */
type Fields = { [name: string]: string | number | string[] }

function writeHead({ status, headers, body }: Reply, res: ServerResponse): void {
  // Without a prototype, so that a name such as `constructor` is absent.
  const fields = { __proto__: null } as unknown as Fields
  for (const [name, value] of headers) {
    const earlier = fields[name]
    if (Array.isArray(earlier)) earlier.push(value)
    else fields[name] = earlier === undefined ? value : [String(earlier), value]
  }
  if (fields['content-length'] === undefined && status !== 204 && status !== 304) {
    const size = sizeOf(body, res)
    if (size !== null) fields['content-length'] = size
  }
  const before = res.getHeaderNames()
  if (before.length === 0) res.writeHead(status, fields)
  else writeBeside(before, status, fields, res)
}

/** Writes the head beside the headers that the host has set, which stay when this head is not valid. */
function writeBeside(before: readonly string[], status: number, fields: Fields, res: ServerResponse): void {
  const values = before.map((name) => res.getHeader(name) ?? '')
  const cookies = fields['set-cookie']
  if (cookies !== undefined && before.includes('set-cookie'))
    fields['set-cookie'] = [values[before.indexOf('set-cookie')] ?? [], cookies].flat().map(String)
  try {
    res.writeHead(status, fields)
  } catch (error) {
    if (!res.headersSent) {
      for (const name of Object.keys(fields)) res.removeHeader(name)
      before.forEach((name, at) => void res.setHeader(name, values[at] ?? ''))
    }
    throw error
  }
}

/** `null` where the size is unknown, as of a stream and of what a HEAD leaves out. */
function sizeOf(body: Reply['body'], res: ServerResponse): number | null {
  if (body === null) return res.req.method === 'HEAD' ? null : 0
  if (typeof body === 'string') return Buffer.byteLength(body)
  return body instanceof Uint8Array ? body.byteLength : null
}

function isBodyless(status: number, res: ServerResponse): boolean {
  return status === 204 || status === 304 || res.req.method === 'HEAD'
}

async function pump(chunks: AsyncIterator<Uint8Array>, res: ServerResponse): Promise<void> {
  let open = true
  let started = false
  let wake = () => {}
  onceClientLeaves(res, () => {
    open = false
    wake()
    void end(chunks)
  })
  // The headers go out with the first chunk when that is at hand, else alone: an event stream may be silent long.
  setImmediate(() => {
    if (open && !started) res.flushHeaders()
  })
  try {
    while (open) {
      const chunk = await chunks.next()
      started = true
      if (!open) return
      if (chunk.done === true) {
        res.end()
        return
      }
      // Without a connection nothing is ever drained: the host collects what is written.
      if (!res.write(chunk.value) && socketOf(res) !== null) {
        await new Promise<void>((resolve) => {
          wake = resolve
          res.once('drain', resolve)
        })
      }
    }
  } catch {
    res.destroy()
  }
}

async function release(stream: AsyncIterable<Uint8Array> | null): Promise<void> {
  if (stream !== null) await end(stream[Symbol.asyncIterator]())
}

async function end(chunks: AsyncIterator<Uint8Array>): Promise<void> {
  try {
    await chunks.return?.()
  } catch {
    // The response has ended in any case.
  }
}

/** How often, in milliseconds, a client must send more of a request that was already answered, and for how long at most. */
const DISCARD_LOOK_MS = 5_000
const DISCARD_MS = 30_000

/**
 * Reads and discards the rest of an answered request: its connection serves no other request before, and a browser reads no
 * response before it has sent the whole request. It closes the connection of a client that stops sending or does not end
 * (RFC 9112 §9.3, §9.6).
 */
function discardUnreadBody(res: ServerResponse): void {
  const { req } = res
  // `false` under Node alone: hosts that make requests of events, and Fastify's `inject`, have no such flag.
  if (req.complete !== false || socketOf(res) === null) return
  res.once('finish', () => {
    if (req.complete || req.destroyed) return
    // The one who left the body in the middle may still listen for `readable`: then nothing flows to a listener for `data`.
    const drop = () => {
      while (req.read() !== null);
    }
    req.on('readable', drop)
    drop()
    const { socket } = req
    let received = socket.bytesRead
    let left = DISCARD_MS
    const looking = setInterval(() => {
      left -= DISCARD_LOOK_MS
      if (left <= 0 || socket.bytesRead === received) socket.destroy()
      received = socket.bytesRead
    }, DISCARD_LOOK_MS)
    req.once('close', () => clearInterval(looking))
  })
}
