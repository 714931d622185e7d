import type { Socket } from 'node:net'
import { buildConnector } from 'undici'

/** The connections to APIs for undici, and the results of requests on them. */
export interface ApiConnections {
  readonly connect: buildConnector.connector
  /**
   * Returns whether a request failed with `error` because its connection, which had served before, was closed without a byte
   * of a response: the API did not process the request on this connection (RFC 9110 §9.2.2).
   */
  wasIdle(error: unknown): boolean
}

/** How long to read the response of an API that accepts no more of a request, in milliseconds. */
const LAST_WORDS_MS = 1_000

/**
 * Makes connections on which undici receives responses that it would otherwise reject: it fails on an unexpected
 * `100 Continue` (RFC 9110 §15.2), on a header folded into two lines (RFC 9112 §5.2), and on the first write after the API
 * has answered and closed, although the response can be read (RFC 9112 §9.6).
 */
export function apiConnections(options: buildConnector.BuildOptions): ApiConnections {
  const idle = new WeakSet<object>()
  const open = buildConnector(options)
  return {
    connect(to, callback) {
      open(to, (...result) => {
        if (result[0] === null) mend(result[1], idle)
        callback(...result)
      })
    },
    wasIdle: (error) => typeof error === 'object' && error !== null && idle.has(error),
  }
}

type Written = (error?: Error | null) => void

function mend(socket: Socket, idle: WeakSet<object>): void {
  let requests = 0
  /** Whether the head of the answer to the latest request is still to come, and whether nothing came at all. */
  let awaited = false
  let silent = false
  let held: Buffer | null = null
  let refusesWrites = false

  const read = socket.read.bind(socket)
  socket.read = (size?: number) => {
    for (;;) {
      const chunk: unknown = read(size)
      if (!awaited || !Buffer.isBuffer(chunk)) return chunk
      silent = false
      held = held === null ? chunk : Buffer.concat([held, chunk])
      const answer = finalAnswer(held)
      if (answer === null) continue
      awaited = false
      held = null
      return answer
    }
  }

  function note(chunk: unknown): void {
    // undici writes heads, and nothing else of this form, as text.
    if (typeof chunk !== 'string' || !chunk.includes(' HTTP/1.1\r\n')) return
    requests += 1
    awaited = true
    silent = true
  }

  /** A failed write means only that the API reads no more: its earlier bytes must still be read. */
  const toleratingRefusal =
    (written: Written): Written =>
    (error) => {
      if (!error || !/^(?:EPIPE|ECONNRESET)$/.test(codeOf(error))) return written(error)
      refusesWrites = true
      const timer = setTimeout(() => socket.destroy(error), LAST_WORDS_MS)
      socket.once('close', () => clearTimeout(timer))
      written()
    }

  const { _write: write, _writev: writeAll } = socket
  socket._write = (chunk: unknown, encoding, written) => {
    note(chunk)
    if (refusesWrites) written()
    else write.call(socket, chunk, encoding, toleratingRefusal(written))
  }
  socket._writev = (chunks, written) => {
    for (const { chunk } of chunks) note(chunk)
    if (refusesWrites) written()
    else writeAll?.call(socket, chunks, toleratingRefusal(written))
  }

  socket.prependListener('error', (error) => {
    if (silent && requests > 1) idle.add(error)
  })
}

const codeOf = (error: Error) => ('code' in error ? String(error.code) : '')

/** The largest head that undici accepts. */
const HEAD_BYTES = 16_384
const HEAD_END = Buffer.from('\r\n\r\n')
const FOLDS = [Buffer.from('\r\n '), Buffer.from('\r\n\t')]
const SPACE = 0x20

/** The final answer from its head on, folded lines made one; `null` when its head is not complete yet. */
function finalAnswer(bytes: Buffer): Buffer | null {
  for (let rest = bytes; ; ) {
    const end = rest.indexOf(HEAD_END)
    if (end < 0) return rest.length < HEAD_BYTES && isHttp(rest) ? null : rest
    // "HTTP/1.1 1xx", but no switch of protocols.
    if (rest[9] !== 0x31 || !/^HTTP\/1\.1 1(?!01)/.test(rest.toString('latin1', 0, 12)))
      return unfolded(rest, end)
    rest = rest.subarray(end + HEAD_END.length)
  }
}

/** Whether these first bytes are the beginning of an answer that undici, too, would wait for the rest of. */
function isHttp(bytes: Buffer): boolean {
  const [line = ''] = bytes.toString('latin1', 0, 256).split('\n', 1)
  return 'HTTP/1.'.startsWith(line.slice(0, 7)) && (line.length === bytes.length || line.endsWith('\r'))
}

/** Puts spaces in the place of each fold in the head, as a gateway must (RFC 9112 §5.2). */
function unfolded(bytes: Buffer, headEnd: number): Buffer {
  const head = bytes.subarray(0, headEnd)
  for (const fold of FOLDS)
    for (let at = head.indexOf(fold); at >= 0; at = head.indexOf(fold, at))
      head.fill(SPACE, at, at + fold.length)
  return bytes
}
