import assert from 'node:assert/strict'
import { createHash, randomBytes } from 'node:crypto'
import { once } from 'node:events'
import type { IncomingMessage } from 'node:http'
import { buffer } from 'node:stream/consumers'
import { gunzipSync, gzipSync } from 'node:zlib'
import type { Law, LawContext } from '../harness.ts'
import { soon } from '../soon.ts'
import { answerTo, PAGE, readAnswer } from '../world/client.ts'
import { ORIGIN } from '../world/world.ts'
import { refused } from './expect.ts'

const UPLOAD = { ...PAGE, origin: ORIGIN }
const BOUNDARY = 'multipart/form-data; boundary="--a b"'

/** HA-30 to HA-39: bodies pass byte for byte, and none is in the way of its answer. */
export function bodyLaws(law: Law): void {
  law('HA-30 every byte passes both ways', async ({ client, api }) => {
    const body = Buffer.from(Array.from({ length: 1_024 }, (_, index) => index % 256))
    const received = keepBodies({ api })
    const answer = await client.send('/open/x', { body, headers: UPLOAD })
    assert.deepEqual([await received(), answer.body], [body, body])
  })

  law('HA-31 many megabytes pass both ways', async ({ client }) => {
    const body = randomBytes(8_000_000)
    const answer = await client.send('/open/x', { body, headers: UPLOAD })
    assert.deepEqual([answer.status, digest(answer.body)], [200, digest(body)])
  })

  law('HA-32 a body of unknown length passes', async ({ client, api, signIn }) => {
    const received = keepBodies({ api })
    const headers = { ...UPLOAD, cookie: (await signIn()).cookie }
    for (const path of ['/open/x', '/api/x']) {
      const req = client.start(path, { method: 'POST', headers })
      const pieces = ['one, ', 'two, ', 'x'.repeat(200_000)]
      for (const piece of pieces) req.write(piece)
      req.end()
      assert.equal((await readAnswer(await answerTo(req))).text, pieces.join(''))
      assert.equal((await received()).toString(), pieces.join(''))
    }
  })

  law('HA-33 a client that expects 100-continue receives it', async ({ client, api }) => {
    const received = keepBodies({ api })
    const headers = { ...UPLOAD, expect: '100-continue', 'content-length': '5' }
    const req = client.start('/open/x', { method: 'POST', headers })
    req.flushHeaders()
    await soon('100 Continue', once(req, 'continue'))
    req.end('hello')
    assert.equal((await readAnswer(await answerTo(req))).text, 'hello')
    assert.equal((await received()).toString(), 'hello')
  })

  law('HA-34 forms and JSON are bytes like any other', async ({ client, api }) => {
    const file = Buffer.from([0, 255, 13, 10, 195, 40])
    const bodies: readonly (readonly [type: string, body: Buffer])[] = [
      ['application/json', Buffer.from('{ "a" : 1.0,\r\n "a": 2, "é": "\\u00e9" }\n')],
      ['application/json; charset=utf-16', Buffer.from('not json at all')],
      ['application/x-www-form-urlencoded', Buffer.from('b=2&a=+%20&a=&b=%zz')],
      ['text/plain;charset=iso-8859-1', Buffer.from([0xe9, 0x0a])],
      [BOUNDARY, Buffer.concat([Buffer.from('----a b\r\n\r\n'), file, Buffer.from('\r\n----a b--\r\n')])],
    ]
    const received = keepBodies({ api })
    for (const [type, body] of bodies) {
      await client.send('/open/x', { body, headers: { ...UPLOAD, 'content-type': type } })
      assert.deepEqual(await received(), body, type)
      assert.equal(api.requests.at(-1)?.headers['content-type'], type)
    }
  })

  law('HA-35 a compressed answer means what the API said', async ({ client, api }) => {
    const said = 'x'.repeat(10_000)
    api.answer = (_req, res) => res.writeHead(200, { 'content-encoding': 'gzip' }).end(gzipSync(said))
    const { headers, body } = await client.page('/open/x', { headers: { 'accept-encoding': 'gzip' } })
    const plain = headers['content-encoding'] === 'gzip' ? gunzipSync(body) : body
    assert.equal(plain.toString(), said)
  })

  law('HA-36 an empty body stays empty', async ({ client, api }) => {
    const received = keepBodies({ api })
    const answer = await client.send('/open/x', { body: '', headers: UPLOAD })
    assert.deepEqual([answer.status, answer.text, (await received()).length], [200, '', 0])
  })

  law('HA-37 a body that is declared too large is refused before it is sent', async (context) => {
    const { client, api, signIn } = context
    const { cookie } = await signIn()
    const headers = { ...UPLOAD, cookie, 'content-length': '20000000' }
    const req = client.start('/api/x', { method: 'POST', headers })
    req.flushHeaders()
    refused(await readAnswer(await answerTo(req)), 413, 'payload_too_large')
    assert.deepEqual(api.targets, [])
  })

  law(
    'HA-38 what the API answers early reaches a client that sends its whole body first',
    async (context) => {
      context.api.answer = (req, res) => {
        if (req.method === 'GET') res.end('what comes next')
        else res.writeHead(413).end('too large')
      }
      for (const body of [inOnePiece(LARGE), inChunks(LARGE)])
        await answeredEarly(context, '/open/x', body, '413')
    },
  )

  law('HA-39 what the BFF refuses reaches a client that sends its whole body first', async (context) => {
    const { api, signIn } = context
    api.answer = (req, res) => void req.resume().once('end', () => res.end('what comes next'))
    const { cookie } = await signIn()
    await answeredEarly(context, '/api/x', inOnePiece(LARGE), '401')
    await answeredEarly(context, '/api/x', inChunks(LARGE), '401')
    await answeredEarly(context, '/bff/nowhere', inOnePiece(LARGE), '404')
    await answeredEarly(context, '/api/x', `cookie: ${cookie}\r\n${inChunks(2 * LARGE)}`, '413')
    // What the BFF reads itself, and leaves in the middle.
    await answeredEarly(context, '/bff/callback', inChunks(LARGE), '400', FORM)
  })
}

const FORM = { ...UPLOAD, 'content-type': 'application/x-www-form-urlencoded' }

/** Far more than the sockets of both hops hold; twice as much is beyond the limit of `/api`. */
const LARGE = 6_000_000

const inOnePiece = (size: number) => `content-length: ${size}\r\n\r\n${'x'.repeat(size)}`

const inChunks = (size: number) => {
  const chunk = `10000\r\n${'x'.repeat(0x10000)}\r\n`
  return `transfer-encoding: chunked\r\n\r\n${chunk.repeat(Math.ceil(size / 0x10000))}0\r\n\r\n`
}

/** Sends all of a request, as a browser does, before it looks for the answer; then the next one, where it can. */
async function answeredEarly(
  { client }: LawContext,
  path: string,
  rest: string,
  status: string,
  sent: Readonly<Record<string, string>> = UPLOAD,
) {
  const headers = Object.entries(sent).map(([name, value]) => `${name}: ${value}\r\n`)
  const wire = client.wire()
  await wire.sendAll(`POST ${path} HTTP/1.1\r\nhost: a\r\n${headers.join('')}${rest}`)
  assert.ok((await wire.until('\r\n\r\n')).startsWith(`HTTP/1.1 ${status} `), `${path} answers ${status}`)
  wire.send(`GET /open/x HTTP/1.1\r\nhost: a\r\nx-csrf: 1\r\nsec-fetch-site: same-origin\r\n\r\n`)
  const seen = await Promise.race([wire.until('what comes next'), wire.closed()])
  // A server may close the connection instead (RFC 9112 §9.3), and then serves the next one.
  if (!seen.includes('what comes next')) assert.equal((await client.page('/open/x')).status, 200)
}

const digest = (bytes: Uint8Array) => createHash('sha256').update(bytes).digest('hex')

/** Lets the API answer with what it got; resolves with the body of its latest request. */
function keepBodies({ api }: Pick<LawContext, 'api'>): () => Promise<Buffer> {
  let latest: Promise<Buffer> = Promise.resolve(Buffer.alloc(0))
  api.answer = async (req: IncomingMessage, res) => {
    latest = buffer(req)
    res.end(await latest)
  }
  return () => soon('the body at the API', latest)
}
