import assert from 'node:assert/strict'
import { once } from 'node:events'
import type { Law } from '../harness.ts'
import { soon } from '../soon.ts'
import { IDLE_MS } from '../world/world.ts'
import { takeWebSockets } from './api-sockets.ts'

/** How long a WebSocket may outlive its session. */
const WITHIN_MS = 5_000

/** WS-10 to WS-12: how a WebSocket ends (PRX-19). */
export function endLaws(law: Law): void {
  law('WS-10 either side closes with a code of its own; one that breaks off is cut', async (context) => {
    const { client, api, signIn } = context
    const atApi = takeWebSockets(api)
    const { cookie } = await signIn()

    const closedByApi = await client.webSocket('/live/x', cookie).opened()
    ;(await atApi()).close(4000, 'enough')
    assert.deepEqual(await closedByApi.closed(), [4000, 'enough'])

    const cutByApi = await client.webSocket('/live/x', cookie).opened()
    ;(await atApi()).terminate()
    assert.deepEqual(await cutByApi.closed(), [1006, ''])

    const closedByPage = await client.webSocket('/live/x', cookie).opened()
    const closed = once(await atApi(), 'close')
    closedByPage.socket.close(4001, 'leaving')
    assert.deepEqual((await soon('the close at the API', closed)).map(String), ['4001', 'leaving'])

    const cutByPage = await client.webSocket('/live/x', cookie).opened()
    const cut = once(await atApi(), 'close')
    cutByPage.destroy()
    assert.equal((await soon('the end at the API', cut))[0], 1006)
  })

  law(
    'WS-11 a WebSocket ends when its session is revoked, here or elsewhere, and no other',
    async (context) => {
      const { client, api, revoke, store, clock, signIn } = context
      takeWebSockets(api)
      const [here, elsewhere, other] = [await signIn('alice'), await signIn('alice'), await signIn('bob')]
      const pages = await Promise.all(
        [here, elsewhere, other].map(({ cookie }) => client.webSocket('/live/x', cookie).opened()),
      )
      const [endedHere, endedElsewhere, open] = pages
      await revoke(here.handle)
      assert.deepEqual(await endedHere?.closed(), [4401, 'invalid_session'])
      const revocation = { reasonCode: 'admin', actorType: 'admin', actorId: null, at: clock.now() }
      await store.sessions.revoke(elsewhere.handle, revocation)
      await clock.advance(WITHIN_MS)
      assert.deepEqual(await endedElsewhere?.closed(), [4401, 'invalid_session'])
      open?.socket.send('still here')
      assert.equal(await open?.next(), 'still here')
    },
  )

  law('WS-12 a WebSocket ends when its session expires', async ({ client, api, clock, signIn }) => {
    const atApi = takeWebSockets(api)
    const page = await client.webSocket('/live/x', (await signIn()).cookie).opened()
    const closed = once(await atApi(), 'close')
    await clock.advance(IDLE_MS + WITHIN_MS)
    assert.deepEqual(await page.closed(), [4401, 'session_expired'])
    await soon('the end at the API', closed)
  })
}
