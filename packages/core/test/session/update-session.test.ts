import { expect, test } from 'vitest'
import type { BffConfig, MetadataSchema, Session, SessionChange } from '../../src/index.ts'
import { jsonOf, world } from '../world.ts'

interface Cart {
  readonly items: number
}

const schema: MetadataSchema<Readonly<Record<string, unknown>>> = {
  '~standard': {
    version: 1,
    vendor: 'test',
    validate: (value) => {
      const { items, ...rest } = value as Partial<Cart>
      return typeof items === 'number' && Object.keys(rest).length === 0
        ? { value: { items } }
        : { issues: [{ message: 'items must be a number' }] }
    },
  },
}

async function signedIn(config: Partial<BffConfig> = {}) {
  const all = world(config)
  const browser = all.browser()
  await browser.signIn()
  const sessionOf = async () => (await all.bff.getSession(browser.view('GET', '/'))) as Session
  const session = await sessionOf()
  const stored = async () => all.store.sessions.get(session.handle)
  return { ...all, browser, session, sessionOf, stored }
}

/** Runs `between` after the update has read the session and before it writes. */
function meanwhile(store: ReturnType<typeof world>['store'], between: () => Promise<unknown>) {
  const { update } = store.sessions
  let calls = 0
  store.sessions.update = async (...args) => {
    if (++calls === 1) {
      store.sessions.update = update
      await between()
    }
    return update.apply(store.sessions, args)
  }
}

test('an update changes metadata, organization and device, and nothing else', async () => {
  const { bff, browser, session, stored, events } = await signedIn()
  const before = await stored()
  const change = { metadata: { theme: 'dark' }, organizationId: 'org-1', deviceId: 'phone' }
  const updated = await bff.sessions.update(session, change)
  expect(updated).toMatchObject(change)
  expect(session).toMatchObject({ ...change, version: 2 })
  expect(await stored()).toEqual({ ...before, ...change, version: 2 })
  expect(events.at(-1)).toMatchObject({
    type: 'session.updated',
    handle: session.handle,
    userId: 'alice',
    changed: ['metadata', 'organizationId', 'deviceId'],
  })
  expect(await bff.sessions.countActive({ organizationId: 'org-1' })).toBe(1)
  expect(jsonOf(await browser.fetch('GET', '/bff/session')).organization_id).toBe('org-1')
})

test('null clears the organization and the device; what is left out stays', async () => {
  const { bff, session } = await signedIn()
  await bff.sessions.update(session, { organizationId: 'org-1', deviceId: 'phone', metadata: { a: 1 } })
  const updated = await bff.sessions.update(session, { organizationId: null, deviceId: undefined as never })
  expect(updated).toMatchObject({ organizationId: null, deviceId: 'phone', metadata: { a: 1 } })
})

test('an empty change writes nothing and reports nothing', async () => {
  const { bff, session, stored, events } = await signedIn()
  expect(await bff.sessions.update(session, {})).toMatchObject({ version: 1 })
  expect((await stored())?.version).toBe(1)
  expect(events.map(({ type }) => type)).not.toContain('session.updated')
})

test.each([
  ['metadata that the schema refuses', { metadata: { items: 'many' } }, /items must be a number/],
  ['metadata that is a list', { metadata: [1] }, /must be an object/],
  ['an empty organization', { organizationId: '' }, /organizationId must be a text of 1 to 255/],
  ['a device of 256 characters', { deviceId: 'x'.repeat(256) }, /deviceId must be a text/],
  ['another user', { userId: 'mallory' }, /cannot change userId/],
  ['tokens', { accessTokenEncrypted: null }, /cannot change accessTokenEncrypted/],
  ['no object', 'dark', /must be an object/],
])('an update with %s is invalid_argument and writes nothing', async (_, change, message) => {
  const { bff, session, stored } = await signedIn({
    session: { metadata: schema },
    hooks: { onCreateSession: () => ({ metadata: { items: 0 } }) },
  })
  const before = await stored()
  const updating = bff.sessions.update(session, change as SessionChange<Readonly<Record<string, unknown>>>)
  await expect(updating).rejects.toMatchObject({
    code: 'invalid_argument',
    message: expect.stringMatching(message),
  })
  expect(await stored()).toEqual(before)
})

test('the session gets what the schema makes of the metadata', async () => {
  const trimming: typeof schema = {
    '~standard': { version: 1, vendor: 'test', validate: async () => ({ value: { items: 7 } }) },
  }
  const { bff, session } = await signedIn({ session: { metadata: trimming } })
  expect((await bff.sessions.update(session, { metadata: { items: '7' } }))?.metadata).toEqual({ items: 7 })
})

test('a function changes what is there now: of 5 at once, none is lost', async () => {
  const { bff, session } = await signedIn()
  await bff.sessions.update(session, { metadata: { items: 0 } })
  const add = (current: Session) => ({ metadata: { items: Number(current.metadata['items']) + 1 } })
  const results = await Promise.all(Array.from({ length: 5 }, () => bff.sessions.update(session, add)))
  expect(results.map((one) => one?.metadata['items']).sort()).toEqual([1, 2, 3, 4, 5])
})

test('an update that another writer beats five times is session_conflict', async () => {
  const { bff, session, store } = await signedIn()
  let writes = 0
  store.sessions.update = async () => {
    writes++
    return null
  }
  const updating = bff.sessions.update(session, { organizationId: 'org-1' })
  await expect(updating).rejects.toMatchObject({ code: 'session_conflict' })
  expect(writes).toBe(5)
})

test('a sign-out during an update wins: the update is null, and nothing comes back', async () => {
  const { bff, browser, session, store, stored } = await signedIn()
  meanwhile(store, () => browser.fetch('POST', '/bff/logout'))
  expect(await bff.sessions.update(session, { metadata: { late: true } })).toBeNull()
  expect(await stored()).toMatchObject({
    revocation: { reasonCode: 'logout' },
    metadata: {},
    accessTokenEncrypted: null,
    refreshTokenEncrypted: null,
  })
})

test('a refresh during an update keeps its tokens, and the update is written on top', async () => {
  const { bff, session, store, provider } = await signedIn()
  meanwhile(store, () => bff.refresh({ handle: session.handle }))
  const updated = await bff.sessions.update(session, { organizationId: 'org-1' })
  expect(updated).toMatchObject({ organizationId: 'org-1', version: 3 })
  expect(await updated?.tokens()).toMatchObject({ accessToken: 'access-2' })
  expect(await session.tokens()).toMatchObject({ accessToken: 'access-2' })
  expect(provider.calls.filter((call) => call === 'refresh')).toHaveLength(1)
})

test('an update during a refresh stays, and the refresh is written on top', async () => {
  const { bff, session, provider, stored, clock } = await signedIn()
  provider.onRefresh = async () => {
    await bff.sessions.update({ handle: session.handle }, { metadata: { step: 2 }, organizationId: 'org-2' })
  }
  const refreshed = await clock.run(bff.refresh(session))
  expect(refreshed).toMatchObject({ metadata: { step: 2 }, organizationId: 'org-2' })
  expect(session).toMatchObject({ metadata: { step: 2 }, organizationId: 'org-2' })
  expect(await refreshed?.tokens()).toMatchObject({ accessToken: 'access-2' })
  expect(await stored()).toMatchObject({ version: 3, metadata: { step: 2 } })
})

test('a rotation during an update leaves the new cookie valid', async () => {
  const { bff, browser, session, store, sessionOf } = await signedIn()
  meanwhile(store, async () => {
    const rotated = await bff.sessions.rotate(session)
    browser.keep(rotated?.cookie ?? '')
  })
  await bff.sessions.update(session, { organizationId: 'org-1' })
  expect(await sessionOf()).toMatchObject({ organizationId: 'org-1' })
})

test('a session that has expired, was revoked or never was is null', async () => {
  const { bff, session, clock } = await signedIn()
  expect(await bff.sessions.update({ handle: 'A'.repeat(16) as Session['handle'] }, {})).toBeNull()
  expect(await bff.refresh({ handle: 'A'.repeat(16) as Session['handle'] })).toBeNull()
  await clock.advance(8 * 3_600_000 + 1)
  expect(await bff.sessions.update(session, { organizationId: 'org-1' })).toBeNull()
  expect(await bff.refresh(session)).toBeNull()
  await bff.sessions.revoke(session.handle)
  expect(await bff.refresh(session)).toBeNull()
})

test('an operator changes a session of a list by its summary, which stays as it was', async () => {
  const { bff, session, sessionOf } = await signedIn()
  const { sessions } = await bff.sessions.list({ userId: 'alice' })
  const [summary] = sessions
  if (summary === undefined) throw new Error('There is no session.')
  await bff.sessions.update(summary, { organizationId: 'org-1' })
  expect([summary.organizationId, session.organizationId]).toEqual([null, null])
  expect((await sessionOf()).organizationId).toBe('org-1')
})

test('bff.refresh asks the provider now, once for calls at the same time [RFT-02]', async () => {
  const { bff, session, provider, events } = await signedIn()
  const before = session.accessTokenIssuedAt
  const [first, second] = await Promise.all([bff.refresh(session), bff.refresh({ handle: session.handle })])
  expect(provider.calls.filter((call) => call === 'refresh')).toHaveLength(1)
  expect([await first?.tokens(), await second?.tokens()]).toMatchObject([
    { accessToken: 'access-2' },
    { accessToken: 'access-2' },
  ])
  expect(session.accessTokenIssuedAt).toBeGreaterThan(before ?? 0)
  expect(await session.tokens()).toMatchObject({ accessToken: 'access-2' })
  expect(await bff.refresh(session)).toMatchObject({ version: 3 })
  expect(events.filter(({ type }) => type === 'session.refreshed')).toHaveLength(2)
})

test('while another process holds the lease, bff.refresh does not call the provider [RFT-04]', async () => {
  const { bff, session, provider, store, clock } = await signedIn({ refresh: { waitMs: 1_000 } })
  await store.ttl.set(`refresh:${session.handle}`, 'another process', 60_000)
  const refreshing = bff.refresh(session).catch((error: unknown) => error)
  expect(await clock.run(refreshing)).toMatchObject({ code: 'refresh_busy' })
  expect(provider.calls).not.toContain('refresh')
})

test('a sign-out during bff.refresh wins: the new tokens are revoked and not stored', async () => {
  const { bff, browser, session, provider, stored, clock } = await signedIn({
    logout: { revokeTokens: 'always' },
  })
  provider.onRefresh = async () => {
    await browser.fetch('POST', '/bff/logout')
  }
  expect(await bff.refresh(session)).toBeNull()
  expect(await stored()).toMatchObject({ accessTokenEncrypted: null, revocation: { reasonCode: 'logout' } })
  await clock.advance(1)
  expect(provider.revoked).toContain('refresh-2')
})

test('bff.refresh without a provider is not_configured', async () => {
  const { bff } = world({ provider: undefined as never })
  const { session } = await bff.sessions.create({ userId: 'alice' })
  await expect(bff.refresh(session)).rejects.toMatchObject({ code: 'not_configured' })
})

test('what another call wrote after a function was called is not overwritten', async () => {
  const { bff, session } = await signedIn()
  let isFirst = true
  const updated = await bff.sessions.update(session, async ({ metadata }) => {
    if (isFirst) {
      isFirst = false
      await bff.sessions.update({ handle: session.handle }, { metadata: { items: 1 } })
    }
    return { metadata: { items: Number(metadata['items'] ?? 0) + 10 } }
  })
  expect(updated?.metadata).toEqual({ items: 11 })
})
