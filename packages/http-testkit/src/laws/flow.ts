import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { once } from 'node:events'
import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Readable, Writable } from 'node:stream'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Law } from '../harness.ts'
import { soon } from '../soon.ts'
import { answerTo, PAGE, readAnswer } from '../world/client.ts'
import { Transcript } from '../world/transcript.ts'
import { ORIGIN } from '../world/world.ts'

const UPLOAD = { ...PAGE, origin: ORIGIN }
const PIECE = Buffer.alloc(65_536, 'flow')
const PIECES = 512
/** More than the sockets of both hops hold; what went beyond it is in the adapter's memory. */
const HELD_AT_MOST = 20_000_000
/** A side that could not write at any of this many looks is paused; one look might only have found us busy. */
const LOOKS = 5
const BETWEEN_LOOKS_MS = 50

/** HA-40 to HA-43: bodies pass at the pace of the slower side, and nothing waits for their end. */
export function flowLaws(law: Law): void {
  law('HA-40 each piece of an upload reaches the API as it comes', async ({ client, api }) => {
    const arrived = new Promise<[IncomingMessage, ServerResponse]>((resolve) => {
      api.answer = (req, res) => resolve([req, res])
    })
    const req = client.start('/open/x', { method: 'POST', headers: UPLOAD })
    req.write('first')
    const [upload, res] = await soon('the upload at the API', arrived)
    const arriving = new Transcript(upload)
    await arriving.until('first')
    req.write('second')
    await arriving.until('firstsecond')
    req.end()
    assert.equal(await arriving.end(), 'ended')
    res.end('done')
    assert.equal((await readAnswer(await answerTo(req))).text, 'done')
  })

  law('HA-41 each piece of an answer reaches the client as it comes', async ({ client, api }) => {
    const answering = new Promise<ServerResponse>((resolve) => {
      api.answer = (_req, res) => resolve(res)
    })
    const opening = client.open('/open/x', { headers: PAGE })
    const res = await soon('the request at the API', answering)
    res.write('first')
    const arriving = new Transcript(await opening)
    await arriving.until('first')
    res.write('second')
    await arriving.until('firstsecond')
    res.end()
    assert.equal(await arriving.end(), 'ended')
  })

  law('HA-42 a client that reads slowly pauses the API', async ({ client, api }) => {
    const answering = new Promise<ServerResponse>((resolve) => {
      api.answer = (_req, res) => resolve(res)
    })
    const opening = client.open('/open/x', { headers: PAGE })
    const source = new Source(await soon('the request at the API', answering))
    const download = await opening
    await soon('the standstill of the API', source.paused)
    assert.ok(
      source.written < HELD_AT_MOST,
      `The API could send ${source.written} bytes to a client that reads none`,
    )
    const sum = digestOf(download)
    await soon('the end of what the API sends', source.finished)
    assert.equal(await soon('the end of the answer', sum), source.digest)
  })

  law('HA-43 an API that reads slowly pauses the client', async ({ client, api }) => {
    const arrived = new Promise<[IncomingMessage, ServerResponse]>((resolve) => {
      api.answer = (req, res) => resolve([req, res])
    })
    const req = client.start('/open/x', { method: 'POST', headers: UPLOAD })
    const source = new Source(req)
    const [upload, res] = await soon('the upload at the API', arrived)
    await soon('the standstill of the client', source.paused)
    assert.ok(
      source.written < HELD_AT_MOST,
      `The client could send ${source.written} bytes to an API that reads none`,
    )
    const sum = digestOf(upload)
    await soon('the end of what the client sends', source.finished)
    assert.equal(await soon('the end of the upload', sum), source.digest)
    res.end('done')
    assert.equal((await readAnswer(await answerTo(req))).text, 'done')
  })
}

/** Writes many megabytes at the pace they are taken. */
class Source {
  written = 0
  /** Resolves when nothing more is taken, or everything was. */
  readonly paused: Promise<void>
  readonly finished: Promise<void>
  readonly #hash = createHash('sha256')

  constructor(sink: Writable) {
    this.finished = this.#fill(sink)
    this.finished.catch(() => {})
    this.paused = this.#standstill()
  }

  get digest(): string {
    return this.#hash.copy().digest('hex')
  }

  async #fill(sink: Writable): Promise<void> {
    for (let count = 0; count < PIECES; count += 1) {
      this.#hash.update(PIECE)
      this.written += PIECE.length
      if (!sink.write(PIECE)) await once(sink, 'drain')
    }
    sink.end()
  }

  async #standstill(): Promise<void> {
    let before = -1
    for (let same = 0; same < LOOKS; same = before === this.written ? same + 1 : 0) {
      before = this.written
      await sleep(BETWEEN_LOOKS_MS)
    }
  }
}

async function digestOf(stream: Readable): Promise<string> {
  const hash = createHash('sha256')
  for await (const piece of stream) hash.update(piece)
  return hash.digest('hex')
}
