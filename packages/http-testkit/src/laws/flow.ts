import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Readable } from 'node:stream'
import type { Law } from '../harness.ts'
import { soon } from '../soon.ts'
import { answerTo, PAGE, readAnswer } from '../world/client.ts'
import { HELD_AT_MOST, Source, sinkOf } from '../world/source.ts'
import { Transcript } from '../world/transcript.ts'
import { ORIGIN } from '../world/world.ts'

const UPLOAD = { ...PAGE, origin: ORIGIN }

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
    const source = new Source(sinkOf(await soon('the request at the API', answering)))
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
    const source = new Source(sinkOf(req))
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

function digestOf(stream: Readable): Promise<string> {
  const digest = hashed(stream)
  // A law that has failed meanwhile does not wait for it.
  digest.catch(() => {})
  return digest
}

async function hashed(stream: Readable): Promise<string> {
  const hash = createHash('sha256')
  for await (const piece of stream) hash.update(piece)
  return hash.digest('hex')
}
