import type { ServerResponse } from 'node:http'
import { type Bff, isBffError, type Reply } from '@bff/core'
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
  const { body, signal } = reply
  const stream = body !== null && typeof body === 'object' && Symbol.asyncIterator in body ? body : null
  const done = closed(res)
  try {
    writeHead(reply, res)
  } catch (error) {
    void release(stream)
    throw error
  }
  discardUnreadBody(res)
  if (stream === null || isBodyless(reply.status, res)) {
    void release(stream)
    res.end(stream === null ? (body ?? undefined) : undefined)
  } else {
    void pump(stream[Symbol.asyncIterator](), res)
    signal?.addEventListener('abort', () => isBffError(signal.reason) && res.destroy(), { once: true })
  }
  return done
}

/**
 * Writes the reply of a BFF. A failure becomes the BFF's own error reply, or a closed connection when that cannot be
 * written. It never rejects (PRX-23).
 */
export async function deliverReply(
  bff: Pick<Bff, 'errorReply'>,
  promised: Reply | Promise<Reply>,
  res: ServerResponse,
): Promise<void> {
  try {
    await writeReply(await promised, res)
  } catch (error) {
    try {
      await writeReply(bff.errorReply(error), res)
    } catch {
      res.destroy()
    }
  }
}

function closed(res: ServerResponse): Promise<void> {
  return new Promise((resolve) => {
    res.once('close', resolve)
    if (socketOf(res) === null) res.once('finish', resolve)
    onceClientLeaves(res, resolve)
  })
}

function writeHead({ status, headers, body }: Reply, res: ServerResponse): void {
  const named = new Set<string>()
  try {
    for (const [name, value] of headers) {
      if (named.has(name) || name === 'set-cookie') res.appendHeader(name, value)
      else res.setHeader(name, value)
      named.add(name)
    }
    const size = named.has('content-length') || status === 204 || status === 304 ? null : sizeOf(body, res)
    if (size !== null) res.setHeader('content-length', size)
    res.writeHead(status)
  } catch (error) {
    if (!res.headersSent) for (const name of named) res.removeHeader(name)
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
  if (req.complete || socketOf(res) === null) return
  res.once('finish', () => {
    if (req.complete || req.destroyed) return
    req.on('data', () => {})
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
