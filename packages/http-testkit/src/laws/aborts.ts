import assert from 'node:assert/strict'
import { once } from 'node:events'
import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Law, LawContext } from '../harness.ts'
import { soon } from '../soon.ts'
import { PAGE } from '../world/client.ts'
import { Transcript } from '../world/transcript.ts'
import { ORIGIN } from '../world/world.ts'
import { refused } from './expect.ts'

/** HA-50 to HA-55: when one side leaves, so does the other (PRX-17). */
export function abortLaws(law: Law): void {
  law('HA-50 a client that leaves while it waits cancels the API', async ({ client, api }) => {
    const asked = nextCall({ api })
    const req = client.start('/open/x', { headers: PAGE })
    req.end()
    const { res } = await asked
    const gone = once(res, 'close')
    req.destroy()
    await soon('the end of the call to the API', gone)
  })

  law('HA-51 a client that leaves in an answer cancels the API', async ({ client, api }) => {
    const asked = nextCall({ api })
    const opening = client.open('/open/x', { headers: PAGE })
    const { res } = await asked
    res.write('first')
    const download = await opening
    await new Transcript(download).until('first')
    const gone = once(res, 'close')
    download.destroy()
    await soon('the end of the call to the API', gone)
  })

  law('HA-52 an upload that breaks off breaks off at the API, and never ends there', async (context) => {
    const { client } = context
    const asked = nextCall(context)
    const headers = { ...PAGE, origin: ORIGIN }
    const req = client.start('/open/x', { method: 'POST', headers })
    req.write('first')
    const upload = new Transcript((await asked).req)
    await upload.until('first')
    req.destroy()
    assert.equal(await upload.end(), 'broken off')
  })

  for (const [id, kind, headers] of [
    ['HA-53', 'of known length', { 'content-length': '1000' }],
    ['HA-54', 'of unknown length', {}],
  ] as const) {
    law(`${id} an answer ${kind} that breaks off at the API breaks off at the client`, async (context) => {
      const { client, api } = context
      const asked = nextCall({ api })
      const opening = client.open('/open/x', { headers: PAGE })
      const { res } = await asked
      res.writeHead(200, headers).write('first')
      const download = new Transcript(await opening)
      await download.until('first')
      res.destroy()
      assert.equal(await download.end(), 'broken off')
    })
  }

  law('HA-55 an API that breaks off before it answers is an error reply', async ({ client, api }) => {
    api.answer = (req) => req.destroy()
    refused(await client.page('/open/x'), 502, 'upstream_unavailable')
    assert.equal((await client.page('/bff/session')).status, 200)
  })
}

interface Call {
  readonly req: IncomingMessage
  readonly res: ServerResponse
}

/** The next request that reaches the API, which answers nothing by itself. */
function nextCall({ api }: Pick<LawContext, 'api'>): Promise<Call> {
  const call = new Promise<Call>((resolve) => {
    api.answer = (req, res) => resolve({ req, res })
  })
  return soon('the request at the API', call)
}
