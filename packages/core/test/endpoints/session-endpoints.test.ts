import { describe, expect, it } from 'vitest'
import { type SessionEndpointsOptions, sessionEndpoints } from '../../src/endpoints/index.ts'
import { SHARED_PAUSE_MS } from '../../src/revocation/revocation-queue.ts'
import { type Browser, jsonOf, setCookies, world } from '../world.ts'

interface Listed {
  readonly handle: string
  readonly current: boolean
}

async function sessionsOf(
  browser: Browser,
  query = '',
): Promise<{ sessions: Listed[]; next: string | null }> {
  const reply = await browser.fetch('GET', `/bff/sessions${query}`)
  expect(reply.status).toBe(200)
  return jsonOf(reply)
}

function peopleWorld(options?: SessionEndpointsOptions) {
  const all = world({ plugins: [sessionEndpoints(options)] })
  const signedIn = async (subject: string) => {
    all.provider.subject = subject
    const browser = all.browser()
    await browser.signIn()
    await all.clock.advance(1_000)
    return browser
  }
  return { ...all, signedIn }
}

describe('GET /bff/sessions [CKS-18]', () => {
  it('lists the user’s living sessions, newest first, and marks the one that asks', async () => {
    const { signedIn, clock } = peopleWorld()
    const first = await signedIn('alice')
    const second = await signedIn('alice')
    const bob = await signedIn('bob')
    expect((await sessionsOf(first)).sessions.map(({ current }) => current)).toEqual([false, true])
    expect((await sessionsOf(second)).sessions.map(({ current }) => current)).toEqual([true, false])
    expect((await sessionsOf(bob)).sessions).toHaveLength(1)
    const start = clock.now() - 3_000
    expect(jsonOf(await first.fetch('GET', '/bff/sessions'))).toEqual({
      now: new Date(start + 3_000).toISOString(),
      next: null,
      sessions: [
        expect.objectContaining({ current: false, created_at: new Date(start + 1_000).toISOString() }),
        {
          handle: expect.stringMatching(/^[\w-]{16}$/),
          current: true,
          user_agent: null,
          ip_address: '192.0.2.7',
          created_at: new Date(start).toISOString(),
          last_used_at: new Date(start).toISOString(),
          expires_at: new Date(start + 8 * 3_600_000).toISOString(),
        },
      ],
    })
    await second.fetch('POST', '/bff/logout')
    expect((await sessionsOf(first)).sessions).toHaveLength(1)
  })

  it('shows neither token nor cookie', async () => {
    const { signedIn } = peopleWorld()
    const alice = await signedIn('alice')
    const { body } = await alice.fetch('GET', '/bff/sessions')
    for (const secret of [alice.cookies.get('__Host-Http-bff')?.slice(16) ?? '', 'access-1', 'refresh-1'])
      expect(body).not.toContain(secret)
  })

  it('pages without gap or repeat, passing over what is dead', async () => {
    const { signedIn, bff } = peopleWorld()
    const alice = await signedIn('alice')
    const issuer = 'https://idp.example.com'
    const made: string[] = []
    for (let index = 0; index < 30; index++) {
      const { session } = await bff.sessions.create({ userId: 'alice', issuer })
      if (index % 3 === 0) made.push(session.handle)
      else await bff.sessions.revoke(session.handle)
    }
    const seen: string[] = []
    let next: string | null = ''
    while (next !== null) {
      const page = await sessionsOf(alice, `?limit=4${next && `&cursor=${encodeURIComponent(next)}`}`)
      expect(page.sessions.length).toBeLessThanOrEqual(4)
      seen.push(...page.sessions.map(({ handle }) => handle))
      next = page.next
    }
    expect(seen).toHaveLength(11)
    expect(new Set(seen).size).toBe(11)
    for (const handle of made) expect(seen).toContain(handle)
  })

  it.each(['?limit=0', '?limit=51', '?limit=x', '?limit=-1', '?cursor=x', '?cursor='])(
    '%s answers 400',
    async (query) => {
      const { signedIn } = peopleWorld()
      const reply = await (await signedIn('alice')).fetch('GET', `/bff/sessions${query}`)
      expect([reply.status, jsonOf(reply).error]).toEqual([400, 'bad_request'])
    },
  )

  it('keeps to pageSize, and to a path of the app’s choosing', async () => {
    const { signedIn } = peopleWorld({ pageSize: 1, path: '/account/sessions' })
    await signedIn('alice')
    const page = jsonOf(await (await signedIn('alice')).fetch('GET', '/account/sessions'))
    expect([page.sessions.length, page.next]).toEqual([1, expect.any(String)])
  })
})

describe('DELETE /bff/sessions/:handle', () => {
  it('ends one other session at once, with the user as the one who did it', async () => {
    const { signedIn, bff, provider, clock } = peopleWorld()
    const first = await signedIn('alice')
    const second = await signedIn('alice')
    const target = (await sessionsOf(second)).sessions[1]?.handle
    const reply = await second.fetch('DELETE', `/bff/sessions/${target}`)
    expect([reply.status, jsonOf(reply), setCookies(reply)]).toEqual([200, { revoked: 1 }, []])
    expect((await first.fetch('GET', '/bff/user')).status).toBe(401)
    const ended = (await bff.sessions.list({ userId: 'alice' })).sessions.find(
      ({ handle }) => handle === target,
    )
    expect(ended?.revocation).toMatchObject({
      reasonCode: 'user_revoked',
      actorType: 'user',
      actorId: 'alice',
    })
    // The user's other session may share its grant.
    await clock.advance(SHARED_PAUSE_MS)
    expect(provider.revoked).toEqual([])
    expect((await second.fetch('DELETE', `/bff/sessions/${target}`)).status).toBe(404)
  })

  it('ends the one that asks too, and takes its cookie away', async () => {
    const { signedIn } = peopleWorld()
    const alice = await signedIn('alice')
    const own = (await sessionsOf(alice)).sessions[0]?.handle
    expect((await alice.fetch('DELETE', `/bff/sessions/${own}`)).status).toBe(200)
    expect(alice.cookies.size).toBe(0)
  })

  it('answers the same for somebody else’s session, a namesake’s elsewhere, an expired one and none', async () => {
    const { signedIn, bff, clock, store } = peopleWorld()
    const expired = await bff.sessions.create({ userId: 'alice', issuer: 'https://idp.example.com' })
    await clock.advance(8 * 3_600_000 + 1)
    const bob = await signedIn('bob')
    const namesake = await bff.sessions.create({ userId: 'alice', issuer: 'https://other.example.com' })
    const alice = await signedIn('alice')
    const foreign = (await bff.sessions.list({ userId: 'bob' })).sessions[0]?.handle
    const bodies = new Set<unknown>()
    for (const handle of [
      foreign,
      namesake.session.handle,
      expired.session.handle,
      'A'.repeat(16),
      'short',
      '%2e%2e',
      '',
    ]) {
      const reply = await alice.fetch('DELETE', `/bff/sessions/${handle}`)
      expect(reply.status).toBe(404)
      bodies.add(reply.body)
    }
    expect(bodies.size).toBe(1)
    for (const handle of [foreign, namesake.session.handle])
      expect((await store.sessions.get(handle ?? namesake.session.handle))?.revocation).toBeNull()
    expect(bob.cookies.size).toBe(1)
  })
})

describe('DELETE /bff/sessions?except=current', () => {
  it('ends all others of the user, and no namesake’s', async () => {
    const { signedIn, bff } = peopleWorld()
    const others = [await signedIn('alice'), await signedIn('alice')]
    const bob = await signedIn('bob')
    await bff.sessions.create({ userId: 'alice' })
    const alice = await signedIn('alice')
    const reply = await alice.fetch('DELETE', '/bff/sessions?except=current')
    expect(jsonOf(reply)).toEqual({ revoked: 2 })
    for (const other of others) expect((await other.fetch('GET', '/bff/user')).status).toBe(401)
    for (const one of [alice, bob]) expect((await one.fetch('GET', '/bff/user')).status).toBe(200)
    expect(await bff.sessions.countActive({ userId: 'alice', issuer: null })).toBe(1)
  })

  it.each(['', '?except=', '?except=all'])('%j ends nothing: it must be said', async (query) => {
    const { signedIn } = peopleWorld()
    const other = await signedIn('alice')
    const reply = await (await signedIn('alice')).fetch('DELETE', `/bff/sessions${query}`)
    expect(reply.status).toBe(400)
    expect((await other.fetch('GET', '/bff/user')).status).toBe(200)
  })
})

it.each([
  ['GET', '/bff/sessions'],
  ['DELETE', '/bff/sessions?except=current'],
  ['DELETE', '/bff/sessions/AAAAAAAAAAAAAAAA'],
])('%s %s wants a session and the CSRF header [CSR-01]', async (method, target) => {
  const { browser, signedIn } = peopleWorld()
  expect((await browser().fetch(method, target)).status).toBe(401)
  const alice = await signedIn('alice')
  expect((await alice.fetch(method, target, { 'x-csrf': '' })).status).toBe(403)
  expect((await alice.fetch(method, target, { 'sec-fetch-site': 'cross-site' })).status).toBe(403)
})
