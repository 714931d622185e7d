import assert from 'node:assert/strict'
import type { Law } from '../harness.ts'
import { jsonOf, refused } from './expect.ts'

const AT_ROOT = { basePath: '/' }
const ORIGINS = ['https://app.example.com', 'https://shop.example.com:8443'] as const

/** HA-94 to HA-96: where a BFF may be. */
export function placeLaws(law: Law): void {
  law(
    'HA-94 a BFF at the root signs in, and its endpoints need the header as anywhere else',
    async ({ client }) => {
      const begun = await client.send('/login?returnTo=/app/echo')
      const { searchParams } = new URL(begun.headers.location ?? '')
      const back = `/callback?code=c&state=${searchParams.get('state')}`
      const cookie = (answer: typeof begun) => answer.cookies.map((one) => one.split(';', 1)[0]).join('; ')
      const done = await client.send(back, {
        headers: { cookie: cookie(begun), 'sec-fetch-site': 'same-origin' },
      })
      assert.deepEqual([done.status, done.headers.location], [303, '/app/echo'])
      for (const one of done.cookies) assert.match(one, /; Path=\/;/)
      const signedIn = cookie(done)
      const { authenticated } = Object(jsonOf(await client.page('/session', {}, signedIn), 200))
      assert.equal(authenticated, true)
      refused(await client.send('/session', { headers: { cookie: signedIn } }), 403, 'csrf_violation')
      const forged = { headers: { 'sec-fetch-site': 'cross-site' } }
      refused(await client.page('/session', forged, signedIn), 403, 'csrf_violation')
    },
    AT_ROOT,
  )

  law(
    'HA-95 a BFF at the root leaves every path but its endpoints and routes to the app',
    async ({ client, api, signIn }) => {
      const { cookie } = await signIn()
      const target = '/app/echo?x=1'
      assert.deepEqual(jsonOf(await client.send(target), 200), { method: 'GET', target, body: '' })
      assert.deepEqual(jsonOf(await client.page('/app/guarded', {}, cookie), 200), {
        user: 'alice',
        body: '',
      })
      assert.equal((await client.page('/api/orders', {}, cookie)).status, 200)
      assert.deepEqual(api.targets, ['/orders'])
      const unknown = await client.page('/nothing', {}, cookie)
      assert.doesNotMatch(unknown.text, /^\{"error":/, 'The BFF answered a path of the app')
    },
    AT_ROOT,
  )

  law(
    'HA-96 a BFF of several origins answers each request at its own, and none at a stranger’s',
    async ({ client, api, signIn }) => {
      const { cookie } = await signIn()
      for (const origin of ORIGINS) {
        const { host } = new URL(origin)
        const begun = await client.send('/bff/login', { headers: { host } })
        const { searchParams } = new URL(begun.headers.location ?? '')
        assert.equal(searchParams.get('redirect_uri'), `${origin}/bff/callback`)
        assert.equal((await client.page('/api/orders', { headers: { host } }, cookie)).status, 200)
        assert.equal(api.requests.at(-1)?.headers['x-forwarded-host'], host)
        assert.equal((await client.page('/app/guarded', { headers: { host } }, cookie)).status, 200)
      }
      const stranger = { host: 'evil.example', 'x-forwarded-host': 'app.example.com' }
      refused(await client.page('/bff/session', { headers: stranger }, cookie), 421, 'unknown_origin')
      refused(await client.page('/app/guarded', { headers: stranger }, cookie), 421, 'unknown_origin')
      const begun = await client.send('/bff/login', {
        headers: { ...stranger, 'sec-fetch-mode': 'navigate' },
      })
      assert.equal(begun.headers.location, '/?error=unknown_origin')
    },
    { origins: ORIGINS },
  )
}
