import assert from 'node:assert/strict'
import { BffError } from '@bff/core'
import type { Law } from '../harness.ts'
import { type Answer, PAGE } from '../world/client.ts'
import { ORIGIN } from '../world/world.ts'
import { refused } from './expect.ts'

const DEVELOPMENT = 'http://localhost:3000'
const SECRET = 'password=hunter2 at 10.1.2.3'

/** HA-60 to HA-64: errors have one shape, and contain nothing else; a developer sees why a sign-in fails. */
export function errorLaws(law: Law): void {
  law('HA-60 an API that cannot be reached is 502, and stays unnamed', async ({ client }) => {
    const answer = await client.page('/dead/x')
    refused(answer, 502, 'upstream_unavailable')
    tellsNothing(answer, /127\.0\.0\.1|ECONNREFUSED|localhost/)
    assert.equal(answer.headers['cache-control'], 'no-store')
  })

  law('HA-61 a fault nobody planned for is 500, and tells nothing', async (context) => {
    const { client, store, signIn } = context
    const { cookie } = await signIn()
    store.beforeRead = () => {
      throw new Error(SECRET)
    }
    for (const path of ['/bff/user', '/bff/session', '/api/x', '/maybe/x', '/app/guarded']) {
      const answer = await client.page(path, {}, cookie)
      refused(answer, 500, 'internal_error')
      tellsNothing(answer, /hunter2|10\.1\.2\.3/)
      assert.deepEqual(answer.cookies, [], path)
    }
  })

  law('HA-62 a body something read before the BFF is a clear error', async ({ client, api }) => {
    const headers = { ...PAGE, origin: ORIGIN, 'content-type': 'application/json' }
    const answer = await client.send('/parsed/x', { body: '{"a":1}', headers })
    refused(answer, 500, 'body_consumed')
    assert.match(answer.text, /before/)
    assert.deepEqual(api.targets, [])
    assert.equal((await client.page('/parsed/x')).status, 200)
  })

  law('HA-63 an API that answers nonsense is 502', async ({ client, api }) => {
    api.answer = (_req, res) => res.socket?.end('HTTP/1.1 200 OK\r\nbad header\r\n\r\n')
    refused(await client.page('/open/x'), 502, 'upstream_unavailable')
    api.answer = (_req, res) => res.socket?.end(`${SECRET}\r\n\r\n`)
    const answer = await client.page('/open/x')
    refused(answer, 502, 'upstream_unavailable')
    tellsNothing(answer, /hunter2|10\.1\.2\.3/)
  })

  law(
    'HA-64 a sign-in that a wrong setting makes fail shows the remedy on a development origin',
    async ({ client, provider }) => {
      provider.authorize = async () => {
        throw new BffError('provider_misconfigured')
      }
      const { host } = new URL(DEVELOPMENT)
      const headers = { host, 'sec-fetch-mode': 'navigate', 'sec-fetch-dest': 'document' }
      const answer = await client.send('/bff/login', { headers })
      assert.equal(answer.headers['content-type'], 'text/html; charset=utf-8')
      assert.match(answer.text, /data-error="provider_misconfigured"/)
      assert.ok(
        answer.text.includes(`${DEVELOPMENT}/bff/callback`),
        'The page does not name the redirect URI',
      )
    },
    { origins: [DEVELOPMENT] },
  )
}

function tellsNothing({ headers, text }: Answer, secret: RegExp): void {
  for (const told of [text, JSON.stringify(headers)]) {
    assert.doesNotMatch(told, secret)
    assert.doesNotMatch(told, /\bat .*:\d+|node_modules/, 'A stack trace went out')
  }
}
