import assert from 'node:assert/strict'
import { once } from 'node:events'
import type { ServerResponse } from 'node:http'
import type { Law, LawContext } from '../harness.ts'
import { soon } from '../soon.ts'
import { PAGE } from '../world/client.ts'
import { Transcript } from '../world/transcript.ts'
import { IDLE_MS } from '../world/world.ts'

/** How long a stream may outlive its session. */
const WITHIN_MS = 5_000

/** HA-80 to HA-87: server-sent events, and other answers without an end (PRX-19). */
export function eventStreamLaws(law: Law): void {
  law('HA-80 the head of an event stream arrives before its first event', async (context) => {
    const { stream } = await subscribe(context)
    const { 'content-type': type, 'x-accel-buffering': buffering, 'cache-control': cache } = stream.headers
    assert.deepEqual(
      [stream.statusCode, type, buffering, cache],
      [200, 'text/event-stream', 'no', 'no-store'],
    )
    assert.equal(stream.headers['content-length'], undefined)
  })

  law('HA-81 each event arrives when it is sent, byte for byte', async (context) => {
    const { arriving, api } = await subscribe(context)
    let sent = ''
    for (const event of [': ping\n\n', 'data: 1\n\n', 'id: 2\r\ndata: \xe9\r\n\r\n']) {
      api.write(event, 'latin1')
      sent += event
      assert.equal(await arriving.until(sent), sent)
    }
  })

  law('HA-82 a silent event stream stays open', async (context) => {
    const { arriving, api } = await subscribe(context)
    await context.clock.advance(IDLE_MS / 2)
    api.write('data: still here\n\n')
    await arriving.until('data: still here\n\n')
  })

  law('HA-83 a page that closes its event stream closes that of the API', async (context) => {
    const { stream, api } = await subscribe(context)
    const gone = once(api, 'close')
    stream.destroy()
    await soon('the end of the stream at the API', gone)
  })

  law('HA-84 an event stream ends as it ends at the API: cleanly, or broken off', async (context) => {
    const ended = await subscribe(context)
    ended.api.end()
    assert.equal(await ended.arriving.end(), 'ended')
    const broken = await subscribe(context)
    broken.api.destroy()
    assert.equal(await broken.arriving.end(), 'broken off')
  })

  law('HA-85 an event stream is cut when its session is revoked, here or elsewhere', async (context) => {
    const here = await subscribe(context)
    await context.revoke(here.handle)
    assert.equal(await here.arriving.end(), 'broken off')
    const elsewhere = await subscribe(context)
    const revocation = { reasonCode: 'admin', actorType: 'admin', actorId: null, at: context.clock.now() }
    await context.store.sessions.revoke(elsewhere.handle, revocation)
    await context.clock.advance(WITHIN_MS)
    assert.equal(await elsewhere.arriving.end(), 'broken off')
  })

  law('HA-86 an event stream is cut when its session expires', async (context) => {
    const { arriving, api } = await subscribe(context)
    const gone = once(api, 'close')
    await context.clock.advance(IDLE_MS + WITHIN_MS)
    assert.equal(await arriving.end(), 'broken off')
    await soon('the end of the stream at the API', gone)
  })

  law(
    'HA-87 a response of unknown length is cut off when its session ends, regardless of its type',
    async (context) => {
      const { arriving, api, handle } = await subscribe(context, 'application/x-ndjson')
      api.write('{}\n')
      await arriving.until('{}\n')
      const revocation = { reasonCode: 'admin', actorType: 'admin', actorId: null, at: context.clock.now() }
      await context.store.sessions.revoke(handle, revocation)
      await context.clock.advance(WITHIN_MS)
      assert.equal(await arriving.end(), 'broken off')
    },
  )
}

/** An event stream of a signed-in user: the client's end, and the API's. */
async function subscribe({ client, api, signIn }: LawContext, type = 'text/event-stream') {
  const answering = new Promise<ServerResponse>((resolve) => {
    api.answer = (_req, res) => {
      res.writeHead(200, { 'content-type': type, 'x-accel-buffering': 'no' }).flushHeaders()
      resolve(res)
    }
  })
  const { cookie, handle } = await signIn()
  const headers = { ...PAGE, accept: 'text/event-stream', cookie }
  const stream = await client.open('/api/events', { headers })
  return {
    stream,
    arriving: new Transcript(stream),
    handle,
    api: await soon('the request at the API', answering),
  }
}
