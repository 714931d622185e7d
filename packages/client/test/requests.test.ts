import { expect, test } from 'vitest'
import { BffRequestError } from '../src/index.ts'
import { FakeBrowser } from './fake-browser.ts'

async function signedIn(options = {}) {
  const browser = new FakeBrowser()
  browser.signInAs('alice')
  const tab = await browser.load(options)
  browser.calls.length = 0
  browser.requests.length = 0
  browser.messages.length = 0
  tab.events.length = 0
  return { browser, tab, server: browser.server, time: browser.time }
}

const refused = (code: string, status = 401) => Response.json({ error: code, message: 'No.' }, { status })

test.each([
  ['a path', '/api/orders', '1'],
  ['a path beside the page', 'next?page=2', '1'],
  ['an absolute address', 'https://app.example.com/api/orders', '1'],
  ['a URL', new URL('https://app.example.com/api/orders'), '1'],
  ['a Request', new Request('https://app.example.com/api/orders'), '1'],
  ['another port', 'https://app.example.com:8443/api', null],
  ['another scheme', 'http://app.example.com/api', null],
  ['a sibling', 'https://api.example.com/orders', null],
  ['no scheme', '//evil.example/api', null],
  ['backslashes, which browsers read as slashes', '/\\evil.example/api', null],
  ['this host as a user name', 'https://app.example.com@evil.example/', null],
  ['a Request to elsewhere', new Request('https://evil.example/'), null],
  ['a data URL', 'data:application/json,{}', null],
])('fetch sends the header to this origin only: %s [CSR-12]', async (_case, input, header) => {
  const { browser, tab, time } = await signedIn()
  browser.server.api.set('/api/orders', () => Response.json([]))
  const [response] = await Promise.all([tab.client.fetch(input), time.pass(100)])
  expect(response).toBeInstanceOf(Response)
  expect(browser.requests.map(({ headers }) => headers.get('x-csrf'))).toEqual([header])
})

test('fetch keeps what the caller gives it, and passes on the answer as it is', async () => {
  const { browser, tab, server, time } = await signedIn()
  const answer = Response.json({ id: 1 }, { status: 201 })
  server.api.set('/api/orders', () => answer)
  const { signal } = new AbortController()
  const init = { method: 'POST', body: '{}', headers: { 'content-type': 'application/json' }, signal }
  const [response] = await Promise.all([tab.client.fetch('/api/orders', init), time.pass(100)])
  expect(response).toBe(answer)
  expect(Object.fromEntries(browser.requests[0]?.headers ?? [])).toEqual({
    'content-type': 'application/json',
    'x-csrf': '1',
  })
  expect(browser.requests[0]?.init).toMatchObject({ method: 'POST', body: '{}', signal })

  const request = new Request('https://app.example.com/api/orders', { headers: { accept: 'text/csv' } })
  await Promise.all([tab.client.fetch(request), time.pass(100)])
  expect(browser.requests[1]?.headers.get('accept')).toBe('text/csv')
})

test.each([
  'no_session',
  'session_expired',
  'invalid_session',
  'refresh_rejected',
  'device_unproven',
  'device_required',
])(
  'a 401 %s, once the server has confirmed it, comes as an event; the caller gets the answer itself',
  async (code) => {
    const { browser, tab, server, time } = await signedIn()
    server.session = null
    server.api.set('/api/orders', () => refused(code))
    const [response] = await Promise.all([tab.client.fetch('/api/orders'), time.pass(100)])
    expect([response.status, await response.json()]).toEqual([401, { error: code, message: 'No.' }])
    expect(tab.session).toEqual({ status: 'signed-out', reason: code, error: null })
    expect(tab.types).toEqual(['signed-out'])
    expect(browser.calls).toEqual(['GET /api/orders', 'GET /bff/session?slide=false'])
  },
)

test.each([
  ['the API itself refuses', () => refused('invalid_token')],
  ['in words', () => new Response('no_session', { status: 401 })],
  ['the access token alone is over', () => refused('token_expired')],
  ['it is forbidden', () => refused('no_session', 403)],
  ['an outage', () => refused('store_unavailable', 503)],
])('signs nobody out when %s', async (_case, answer) => {
  const { browser, tab, server, time } = await signedIn()
  server.session = null
  server.api.set('/api/orders', answer)
  await Promise.all([tab.client.fetch('/api/orders'), time.pass(100)])
  expect(browser.calls).toEqual(['GET /api/orders'])
  expect(tab.session.status).toBe('signed-in')
})

test('a refusal from before the sign-in signs nobody out: the server has the last word', async () => {
  const { tab, server, time } = await signedIn()
  server.api.set('/api/orders', () => refused('no_session'))
  await Promise.all([tab.client.fetch('/api/orders'), time.pass(100)])
  expect(tab.session.status).toBe('signed-in')
  expect(tab.events).toEqual([])
})

test('a refusal the server cannot confirm counts', async () => {
  const { tab, server, time } = await signedIn()
  server.api.set('/api/orders', () => refused('session_expired'))
  server.trouble = 'network'
  await Promise.all([tab.client.fetch('/api/orders'), time.pass(100)])
  expect(tab.session).toEqual({ status: 'signed-out', reason: 'session_expired', error: null })
})

test('signIn leaves for the sign-in, to come back here or where it is told', async () => {
  const { tab } = await signedIn()
  tab.client.signIn()
  tab.client.signIn({ returnTo: '/a?b=c&d=é' })
  expect(tab.visited.map((url) => new URL(url, 'https://x').searchParams.get('returnTo'))).toEqual([
    '/orders/?page=2#top',
    '/a?b=c&d=é',
  ])
  expect(tab.visited[0]).toMatch(/^\/bff\/login\?/)
})

test.each([
  [{}, null, 'POST /bff/logout', []],
  [{ returnTo: '/bye?x=1' }, null, 'POST /bff/logout?returnTo=%2Fbye%3Fx%3D1', ['/bye?x=1']],
  [
    { returnTo: '/' },
    'https://idp.example.com/end',
    'POST /bff/logout?returnTo=%2F',
    ['https://idp.example.com/end'],
  ],
])('signOut(%o) ends the session, then goes on', async (options, logoutUrl, call, visited) => {
  const { browser, tab, server, time } = await signedIn()
  server.logoutUrl = logoutUrl
  await Promise.all([tab.client.signOut(options), time.pass(100)])
  expect(browser.calls).toEqual([call])
  expect(browser.requests[0]?.headers.get('x-csrf')).toBe('1')
  expect(tab.session).toEqual({ status: 'signed-out', reason: 'signed_out', error: null })
  expect([tab.types, tab.visited]).toEqual([['signed-out'], visited])
})

test('a sign-out the server could not do is none [LGO-21]', async () => {
  const { browser, tab, server, time } = await signedIn()
  server.trouble = { code: 'store_unavailable', status: 503, retryAfter: 2 }
  const signingOut = tab.client.signOut({ returnTo: '/' })
  const failed = expect(signingOut).rejects.toMatchObject({
    name: 'BffRequestError',
    code: 'store_unavailable',
    message: 'Trouble.',
    retryAfter: 2,
  })
  await Promise.all([failed, time.pass(100)])
  await expect(signingOut).rejects.toBeInstanceOf(BffRequestError)
  expect([tab.session.status, tab.visited, browser.messages]).toEqual(['signed-in', [], []])
})

test('an answer from before the sign-out does not bring the session back', async () => {
  const { browser, tab, time } = await signedIn()
  const delays = [0, 500, 0, 0]
  browser.delay = () => delays.shift() ?? 10
  tab.focus()
  await time.pass(1)
  await Promise.all([tab.client.signOut(), time.pass(50)])
  expect(tab.session.status).toBe('signed-out')
  await time.pass(1_000)
  expect(tab.session).toEqual({ status: 'signed-out', reason: 'signed_out', error: null })
  expect(tab.types).toEqual(['signed-out'])
})
