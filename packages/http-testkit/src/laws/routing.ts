import assert from 'node:assert/strict'
import type { Law } from '../harness.ts'
import { jsonOf, refused } from './expect.ts'

/** HA-01 to HA-10: which requests are the BFF's, and that they pass through it whole. */
export function routingLaws(law: Law): void {
  law('HA-01 a path that is not the BFF’s reaches the app as it came', async ({ client }) => {
    const target = '/app/echo?q=a%2Fb+c&x=1&x=2&empty='
    const got = await client.send(target)
    assert.deepEqual(jsonOf(got, 200), { method: 'GET', target, body: '' })
    const body = 'a=1&b=%20é'
    const posted = await client.send(target, { body, headers: { 'content-type': 'text/plain' } })
    assert.deepEqual(jsonOf(posted, 200), { method: 'POST', target, body })
    assert.deepEqual([got.cookies, posted.cookies], [[], []])
  })

  law('HA-02 a path that only begins like one of the BFF’s is the app’s', async ({ client, api }) => {
    for (const path of ['/opening', '/open-api', '/openx/y', '/mountedx']) await client.page(path)
    assert.deepEqual(api.targets, [])
  })

  law('HA-03 an unknown path below the BFF’s own is answered by the BFF', async ({ client }) => {
    for (const path of ['/bff/nothing', '/bff/session/more']) {
      const answer = await client.page(path)
      refused(answer, 404, 'not_found')
      assert.equal(answer.headers['cache-control'], 'no-store')
    }
  })

  law('HA-04 the path of a request reaches the API byte for byte, its query as a form', async (context) => {
    const { client, api } = context
    const targets = ['/a%20b/%C3%A9/x.y~z?q=a%2Fb+c&x=1&x=2&empty=', '/a:b@c/(d)', '/%2A*/', '/']
    for (const target of targets) assert.equal((await client.page(`/open${target}`)).status, 200, target)
    assert.deepEqual(api.targets, targets)
  })

  law('HA-05 a BFF mounted at a prefix keeps the whole target', async ({ client, api, signIn }) => {
    const { cookie } = await signIn()
    const targets = ['/mounted/deep/path?x=1', '/mounted/%20', '/mounted?x=1', '/mounted']
    for (const target of targets) assert.equal((await client.page(target, {}, cookie)).status, 200, target)
    assert.deepEqual(api.targets, targets)
  })

  law('HA-06 HEAD has the headers of GET, no body, and leaves the connection in order', async (context) => {
    const { api, client } = context
    api.answer = (_req, res) => res.writeHead(200, { etag: '"v1"', 'content-length': '5' }).end('hello')
    for (const [path, expected] of [
      ['/open/thing', /\netag: "v1"/i],
      ['/bff/session', /^HTTP\/1\.1 200 .*\ncontent-type: application\/json/is],
      ['/bff/login', /^HTTP\/1\.1 405 /],
    ] as const) {
      const wire = client.wire()
      wire.send(`HEAD ${path} HTTP/1.1\r\nhost: app\r\nx-csrf: 1\r\n\r\n`)
      await wire.until('\r\n\r\n')
      wire.send('GET /open/next HTTP/1.1\r\nhost: app\r\nx-csrf: 1\r\n\r\n')
      const [head, next] = bothAnswers(await wire.until('hello'))
      assert.match(next, /^HTTP\/1\.1 200 /, `What followed the head of ${path} is not an answer`)
      assert.match(head, expected)
    }
  })

  law('HA-07 OPTIONS is passed on, and its answer back', async ({ client, api }) => {
    api.answer = (_req, res) => res.writeHead(200, { allow: 'GET, OPTIONS', 'x-own': 'yes' }).end('options')
    const answer = await client.page('/open/thing', { method: 'OPTIONS' })
    assert.deepEqual(
      [answer.status, answer.headers.allow, answer.headers['x-own'], answer.text],
      [200, 'GET, OPTIONS', 'yes', 'options'],
    )
    assert.deepEqual(
      api.requests.map(({ method }) => method),
      ['OPTIONS'],
    )
  })

  law('HA-08 204 and 304 have no body and leave the connection in order', async ({ client, api }) => {
    api.answer = (req, res) => {
      const status = Number(req.url?.slice(1))
      if (status === 200) res.end('hello')
      else res.writeHead(status, { etag: '"v1"' }).end()
    }
    for (const status of [204, 304]) {
      const wire = client.wire()
      wire.send(`GET /open/${status} HTTP/1.1\r\nhost: app\r\nx-csrf: 1\r\n\r\n`)
      await wire.until('\r\n\r\n')
      wire.send('GET /open/200 HTTP/1.1\r\nhost: app\r\nx-csrf: 1\r\n\r\n')
      const [head, next] = bothAnswers(await wire.until('hello'))
      assert.match(head, new RegExp(`^HTTP/1\\.1 ${status} `))
      assert.match(head, /\netag: "v1"/i)
      assert.doesNotMatch(head, /\ntransfer-encoding:/i)
      assert.match(next, /^HTTP\/1\.1 200 /, `What followed the head of the ${status} is not an answer`)
    }
  })

  law('HA-09 every answer of an API is passed on, errors included', async ({ client, api }) => {
    const statuses = [201, 206, 400, 401, 404, 409, 418, 422, 429, 500, 503]
    api.answer = (req, res) => {
      const headers = { 'content-type': 'application/problem+json', 'x-own': 'yes' }
      res.writeHead(Number(req.url?.slice(1)), headers).end(`{"about":"${req.url}"}`)
    }
    for (const status of statuses) {
      const answer = await client.page(`/open/${status}`)
      assert.deepEqual(
        [answer.status, answer.headers['content-type'], answer.headers['x-own'], answer.text],
        [status, 'application/problem+json', 'yes', `{"about":"/${status}"}`],
      )
    }
  })

  law('HA-10 every method reaches the BFF, which refuses those it has no use for', async (context) => {
    const { client, api } = context
    for (const method of ['PUT', 'PATCH', 'DELETE']) {
      const headers = { origin: 'https://app.example.com' }
      assert.equal((await client.page('/open/thing', { method, body: method, headers })).text, method)
    }
    assert.deepEqual(
      api.requests.map(({ method }) => method),
      ['PUT', 'PATCH', 'DELETE'],
    )
    const answer = await client.page('/bff/session', { method: 'DELETE' })
    refused(answer, 405, 'method_not_allowed')
    assert.equal(answer.headers.allow, 'GET, HEAD')
  })
}

/** The head of the first answer on a connection, and everything after it. */
function bothAnswers(seen: string): readonly [head: string, next: string] {
  const end = seen.indexOf('\r\n\r\n') + 4
  return [seen.slice(0, end), seen.slice(end)]
}
