import assert from 'node:assert/strict'
import type { Law } from '../harness.ts'
import type { Client } from '../world/client.ts'
import { ISSUER } from '../world/provider.ts'
import { ORIGIN } from '../world/world.ts'
import { jsonOf, refusedOpened, takesAway } from './expect.ts'

/** HA-20 to HA-26: cookies go out as they were set, and browsers to the place that was meant. */
export function cookieLaws(law: Law): void {
  law('HA-20 several cookies stay several, commas and all', async ({ client, api, signIn }) => {
    const cookies = [
      'theme=dark; Path=/; Expires=Wed, 09 Jun 2032 10:18:14 GMT',
      'cart="a,b"; Path=/cart; HttpOnly',
      'seen=; Max-Age=0',
    ]
    api.answer = (_req, res) => res.writeHead(200, { 'set-cookie': cookies }).end()
    const answer = await client.page('/api/x', {}, (await signIn()).cookie)
    assert.deepEqual([...answer.cookies].sort(), [...cookies].sort())
  })

  law('HA-21 signing in sets the session’s cookie and takes the attempt’s away', async ({ client }) => {
    const { attempt, callback } = await signInAtProvider(client)
    const { name, attributes } = parse(callback.cookies.find((cookie) => !isDeletion(cookie)) ?? '')
    assert.deepEqual([callback.status, callback.headers.location], [303, '/orders'])
    assert.equal(callback.cookies.length, 2)
    takesAway(callback, attempt.name)
    assert.match(name, /^__Host-/)
    assert.deepEqual(attributes, ['httponly', 'path=/', 'samesite=strict', 'secure'])
  })

  law('HA-22 a cookie is deleted with the attributes it was set with', async ({ client }) => {
    const { attempt, callback } = await signInAtProvider(client)
    const session = parse(callback.cookies.find((cookie) => !isDeletion(cookie)) ?? '')
    const ended = parse(callback.cookies.find(isDeletion) ?? '')
    assert.deepEqual([ended.name, ended.attributes], [attempt.name, attempt.attributes])

    const headers = { cookie: `${session.name}=${session.value}` }
    const signedOut = await client.page('/bff/logout', {
      method: 'POST',
      headers: { ...headers, origin: ORIGIN },
    })
    assert.equal(signedOut.status, 200)
    takesAway(signedOut, session.name)
    assert.deepEqual(parse(signedOut.cookies[0] ?? '').attributes, session.attributes)
    assert.deepEqual(jsonOf(await client.send('/app/optional', { headers }), 200), { user: null })
  })

  law('HA-23 nothing sets a cookie but signing in and out', async ({ client, signIn }) => {
    const { cookie } = await signIn()
    for (const path of ['/app/echo', '/app/guarded', '/app/optional', '/api/x', '/bff/session', '/bff/user'])
      assert.deepEqual((await client.page(path, {}, cookie)).cookies, [], path)
  })

  law('HA-24 the session’s cookie is found among others, also on several lines', async (context) => {
    const { client, signIn } = context
    const { cookie } = await signIn('alice')
    const wire = client.wire()
    const cookies = ['theme=dark; lang=de', cookie, 'a="b c"; =; x']
      .map((line) => `cookie: ${line}\r\n`)
      .join('')
    wire.send(`GET /app/optional HTTP/1.1\r\nhost: app\r\n${cookies}connection: close\r\n\r\n`)
    assert.match(await wire.closed(), /^HTTP\/1\.1 200 [\s\S]*"user":\s*"alice"/)
  })

  law('HA-25 signing in and out lead to a place whose name is not in ASCII', async ({ client }) => {
    for (const place of ['/заказы?ключ=1', '/café', '/日本/😀#ü']) {
      const { callback } = await signInAtProvider(client, place)
      const query = `returnTo=${encodeURIComponent(place)}`
      const headers = { accept: 'text/html', 'sec-fetch-mode': 'navigate', 'sec-fetch-dest': 'document' }
      const signedOut = await client.send(`/bff/logout?${query}`, { headers })
      const places = [callback, signedOut].map((answer) => [answer.status, answer.headers.location])
      assert.deepEqual(places, [
        [303, encodeURI(place)],
        [303, encodeURI(place)],
      ])
    }
  })

  law(
    'HA-26 a form of the app signs out, in each encoding of a form; one of another site does not',
    async (context) => {
      const { client, signIn } = context
      const encodings = ['application/x-www-form-urlencoded', 'multipart/form-data; boundary=b', 'text/plain']
      for (const encoding of encodings) {
        const { cookie } = await signIn()
        const submit = (origin: string) =>
          client.send('/bff/logout', {
            body: 'button=Sign+out',
            headers: { ...FORM, cookie, origin, 'content-type': encoding },
          })
        for (const origin of ['https://evil.example', 'null']) {
          const foreign = await submit(origin)
          refusedOpened(foreign, 403, 'csrf_violation')
          assert.deepEqual(foreign.cookies, [])
        }
        const twice = await Promise.all([submit(ORIGIN), submit(ORIGIN)])
        assert.deepEqual(
          twice.map(({ status }) => status),
          [303, 303],
          encoding,
        )
        const removed = twice.flatMap(({ cookies }) => cookies)
        assert.deepEqual(
          removed.map((one) => [isDeletion(one), cookie.startsWith(parse(one).name)]),
          [[true, true]],
        )
        assert.deepEqual(jsonOf(await client.send('/app/optional', { headers: { cookie } }), 200), {
          user: null,
        })
      }
    },
  )
}

/** What a browser without `Sec-Fetch-Site` sends with a form. */
const FORM = { accept: 'text/html', 'sec-fetch-mode': 'navigate', 'sec-fetch-dest': 'document' }

const isDeletion = (cookie: string) => /; Max-Age=0(;|$)/.test(cookie)

interface ParsedCookie {
  readonly name: string
  readonly value: string
  /** All but how long it lives, in lower case and in order. */
  readonly attributes: readonly string[]
}

function parse(cookie: string): ParsedCookie {
  const [pair = '', ...rest] = cookie.split('; ')
  const attributes = rest.map((one) => one.toLowerCase()).filter((one) => !/^(?:max-age|expires)=/.test(one))
  const equals = pair.indexOf('=')
  return { name: pair.slice(0, equals), value: pair.slice(equals + 1), attributes: attributes.sort() }
}

/** Follows a browser through the provider; the cookie it kept meanwhile, and the answer to its return. */
async function signInAtProvider(client: Client, returnTo = '/orders') {
  const navigation = { 'sec-fetch-mode': 'navigate', 'sec-fetch-dest': 'document', 'sec-fetch-site': 'none' }
  const login = await client.send(`/bff/login?returnTo=${encodeURIComponent(returnTo)}`, {
    headers: navigation,
  })
  const location = login.headers.location ?? ''
  assert.deepEqual([login.status, location.startsWith(ISSUER), login.cookies.length], [303, true, 1])
  const attempt = parse(login.cookies[0] ?? '')
  const state = new URL(location).searchParams.get('state')
  const headers = { ...navigation, cookie: `${attempt.name}=${attempt.value}` }
  const callback = await client.send(`/bff/callback?code=code&state=${state}`, { headers })
  return { attempt, callback }
}
