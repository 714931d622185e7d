import assert from 'node:assert/strict'
import type { Law } from '../harness.ts'
import type { Sent } from '../world/client.ts'
import { ORIGIN } from '../world/world.ts'
import { refused, refusedOpened } from './expect.ts'

/** One path of each kind the BFF passes on. */
const KINDS = ['/api/x', '/maybe/x', '/open/x', '/mounted/x', '/parsed/x', '/dead/x']

/** One request of each kind a page can make. */
const REQUESTS: readonly Sent[] = [
  {},
  { method: 'OPTIONS' },
  { body: '{"a":1}', headers: { 'content-type': 'application/json' } },
  { body: 'a=1', headers: { 'content-type': 'application/x-www-form-urlencoded' } },
  { method: 'DELETE' },
  { headers: { accept: 'text/event-stream' } },
]
/** A person opens the address, or a page of another site makes the browser do it. */
const OPENED = { accept: 'text/html', 'sec-fetch-mode': 'navigate', 'sec-fetch-dest': 'document' }

/** HA-90 to HA-93: one gate in front of everything, and nothing of the browser's behind it. */
export function forgeryLaws(law: Law): void {
  law('HA-90 without the CSRF header no request is passed on, on any route', async (context) => {
    const { client, api, store, signIn } = context
    const { cookie } = await signIn()
    for (const path of KINDS) {
      for (const { headers, ...sent } of REQUESTS) {
        const answer = await client.send(path, { ...sent, headers: { origin: ORIGIN, cookie, ...headers } })
        refused(answer, 403, 'csrf_violation')
      }
      refusedOpened(await client.send(path, { headers: { cookie, ...OPENED } }), 403, 'csrf_violation')
    }
    assert.equal((await client.send('/open/x', { method: 'HEAD', headers: { cookie } })).status, 403)
    assert.deepEqual([api.targets, store.reads], [[], 0])
  })

  law('HA-91 a page of another site is refused, even with the header', async (context) => {
    const { client, api, store, signIn } = context
    const { cookie } = await signIn()
    const foreign: readonly Record<string, string>[] = [
      { 'sec-fetch-site': 'cross-site' },
      { 'sec-fetch-site': 'same-site', origin: 'https://evil.example.com' },
      { origin: 'https://evil.example' },
      { origin: 'null' },
      { referer: 'https://evil.example/page' },
    ]
    for (const path of KINDS)
      for (const headers of foreign)
        refused(
          await client.send(path, { headers: { 'x-csrf': '1', cookie, ...headers } }),
          403,
          'csrf_violation',
        )
    assert.deepEqual([api.targets, store.reads], [[], 0])
  })

  law('HA-92 the BFF’s own endpoints ask for the header, but those one navigates to', async (context) => {
    const { client, store, signIn } = context
    const headers = { cookie: (await signIn()).cookie }
    refused(await client.send('/bff/user', { headers }), 403, 'csrf_violation')
    refused(await client.send('/bff/session', { headers }), 403, 'csrf_violation')
    const post = { method: 'POST', headers: { ...headers, origin: ORIGIN } }
    refused(await client.send('/bff/logout', post), 403, 'csrf_violation')
    refused(await client.send('/bff/refresh', post), 403, 'csrf_violation')
    assert.equal(store.reads, 0)
    assert.equal((await client.send('/bff/login', { headers })).status, 303)
  })

  law('HA-93 the API sees no cookie, and nothing the browser says about itself', async (context) => {
    const { client, api, signIn } = context
    const { cookie, accessToken } = await signIn()
    const spoofed = {
      cookie: `${cookie}; theme=dark`,
      authorization: 'Bearer spoofed',
      dpop: 'spoofed',
      'x-forwarded-for': '203.0.113.9',
      'x-forwarded-host': 'evil.example',
      'x-original-url': '/admin',
      forwarded: 'for=203.0.113.9',
    }
    const tokens = [accessToken, accessToken, null]
    for (const path of ['/api/x', '/maybe/x', '/open/x'])
      assert.equal((await client.page(path, { headers: spoofed })).status, 200, path)
    for (const [index, { headers }] of api.requests.entries()) {
      const token = tokens[index]
      assert.equal(headers.authorization, token === null ? undefined : `Bearer ${token}`)
      assert.equal(headers['x-forwarded-host'], new URL(ORIGIN).host)
      const { cookie: none, dpop, 'x-csrf': csrf, 'x-original-url': url } = headers
      assert.deepEqual([none, dpop, csrf, url], [undefined, undefined, undefined, undefined])
      assert.doesNotMatch(JSON.stringify(headers), /203\.0\.113\.9|evil|spoofed|dark/)
    }
    assert.equal(api.requests.length, tokens.length)
  })
}
