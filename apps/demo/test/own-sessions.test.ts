import { type HttpClient, httpClient } from '@bff/test-support/http-client'
import { expect, it } from 'vitest'
import { testStack } from './support/test-stack.ts'

async function signedIn(origin: string, login = 'alice'): Promise<HttpClient> {
  const client = httpClient(origin)
  await client.signIn(login)
  return client
}

async function sessionsOf(client: HttpClient): Promise<Array<{ handle: string; current: boolean }>> {
  return JSON.parse((await client.call('/bff/sessions')).text).sessions
}

it('lists living sessions of the user only, newest first, and marks the one that asks', async () => {
  const { origin } = await testStack()
  const first = await signedIn(origin)
  const second = await signedIn(origin)
  const bob = await signedIn(origin, 'bob')
  expect((await sessionsOf(second)).map(({ current }) => current)).toEqual([true, false])
  expect((await sessionsOf(first)).map(({ current }) => current)).toEqual([false, true])
  expect(await sessionsOf(bob)).toHaveLength(1)
  await second.call('/bff/logout', { method: 'POST' })
  expect(await sessionsOf(first)).toHaveLength(1)
})

it('ends no session of somebody else, and answers as if there were none', async () => {
  const { origin } = await testStack()
  const alice = await signedIn(origin)
  const bob = await signedIn(origin, 'bob')
  const [target] = await sessionsOf(alice)
  const refused = await bob.call(`/bff/sessions/${target?.handle}`, { method: 'DELETE' })
  const unknown = await bob.call('/bff/sessions/AAAAAAAAAAAAAAAA', { method: 'DELETE' })
  expect([refused.status, refused.text]).toEqual([404, unknown.text])
  expect((await bob.call('/bff/sessions?except=current', { method: 'DELETE' })).text).toBe('{"revoked":0}')
  expect((await alice.call('/api/orders')).status).toBe(200)
})

it('wants a session and the CSRF header', async () => {
  const { origin } = await testStack()
  const alice = await signedIn(origin)
  const [target] = await sessionsOf(alice)
  const csrf = { headers: { 'x-csrf': '' } }
  for (const [path, method] of [
    ['/bff/sessions', 'GET'],
    ['/demo/events', 'GET'],
    ['/bff/sessions?except=current', 'DELETE'],
    [`/bff/sessions/${target?.handle}`, 'DELETE'],
  ] as const) {
    expect((await alice.call(path, { ...csrf, method })).status).toBe(403)
    expect((await httpClient(origin).call(path, { method })).status).toBe(401)
  }
  expect(await sessionsOf(alice)).toHaveLength(1)
})

it('ends the stream of a session with the reason it was revoked for, and says changed to the others', async () => {
  const { origin } = await testStack()
  const first = await signedIn(origin)
  const ended = first.call('/demo/events')
  const second = await signedIn(origin)
  // Begun before the session it reports on ends: the answer to a later call proves it.
  await second.call('/bff/sessions')
  const [, target] = await sessionsOf(second)
  await second.call(`/bff/sessions/${target?.handle}`, { method: 'DELETE' })
  const { text, headers } = await ended
  expect(headers['content-type']).toBe('text/event-stream')
  expect(text).toBe(
    ': listening\n\nevent: changed\ndata: {}\n\nevent: ended\ndata: {"reason":"user_revoked"}\n\n',
  )
  expect((await first.call('/demo/events')).status).toBe(401)
})
