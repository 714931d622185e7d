import { BffError, type Grant, type IdentityProvider, type SessionFilter } from '@bff/core'
import { memoryStore } from '@bff/store-memory'
import { describe, expect, test } from 'vitest'
import { SIGNAL_TYPES } from '../../src/shared-signals/signals.ts'
import { alice, CAEP, IDP, post, RISC, receiver, transmitter, until } from './transmitter.ts'

/** A provider in this process that signs alice in, and refreshes her tokens. */
function provider(onRefresh: () => void = () => {}): IdentityProvider & { readonly refreshed: string[] } {
  const refreshed: string[] = []
  const unused = async () => {
    throw new Error('Nobody asks for it.')
  }
  const tokens = {
    accessToken: 'access',
    expiresIn: 3_600,
    refreshToken: 'refresh',
    refreshTokenExpiresIn: null,
    idToken: null,
    scope: null,
    dpopKeyPair: null,
  }
  const grant: Grant = {
    ...tokens,
    claims: { iss: IDP, sub: 'alice' },
    issuer: IDP,
    subject: 'alice',
    providerSessionId: 'sid-1',
    sessionState: null,
  }
  return {
    refreshed,
    isMaker: ({ issuer }) => issuer === null || issuer === IDP,
    authorize: async ({ state }) => ({ url: `${IDP}/authorize?state=${state}`, transaction: {} }),
    exchange: async () => grant,
    async refresh({ subject }) {
      onRefresh()
      refreshed.push(subject)
      return { ...tokens, claims: { iss: IDP, sub: subject, role: 'buyer' } }
    },
    apiToken: unused,
    revoke: async () => {},
    sharesGrants: () => true,
    endSessionUrl: async () => null,
    verifyLogoutToken: unused,
  }
}

const TOKENS = { accessToken: 'access', refreshToken: 'refresh', expiresIn: 3_600 }

describe('The default effect of each type', () => {
  const revoke = { change_type: 'revoke', credential_type: 'password' }
  const cases: ReadonlyArray<readonly [string, Record<string, unknown>, 'revoke' | 'refresh' | 'none']> = [
    [`${CAEP}session-revoked`, {}, 'revoke'],
    [`${CAEP}token-claims-change`, { claims: { role: 'buyer' } }, 'refresh'],
    [`${CAEP}credential-change`, revoke, 'revoke'],
    [`${CAEP}credential-change`, { ...revoke, change_type: 'create' }, 'none'],
    [`${CAEP}assurance-level-change`, { change_direction: 'decrease' }, 'revoke'],
    [`${CAEP}assurance-level-change`, { change_direction: 'increase' }, 'none'],
    [`${CAEP}assurance-level-change`, {}, 'revoke'],
    [`${CAEP}device-compliance-change`, { current_status: 'not-compliant' }, 'revoke'],
    [`${CAEP}device-compliance-change`, { current_status: 'compliant' }, 'none'],
    [`${CAEP}risk-level-change`, { current_level: 'HIGH' }, 'revoke'],
    [`${CAEP}risk-level-change`, { current_level: 'LOW' }, 'none'],
    [`${CAEP}session-established`, {}, 'none'],
    [`${CAEP}session-presented`, {}, 'none'],
    [`${RISC}account-credential-change-required`, {}, 'revoke'],
    [`${RISC}account-purged`, {}, 'revoke'],
    [`${RISC}account-disabled`, { reason: 'hijacking' }, 'revoke'],
    [`${RISC}account-enabled`, {}, 'none'],
    [`${RISC}identifier-changed`, { 'new-value': 'alice@new.example.com' }, 'refresh'],
    [`${RISC}identifier-recycled`, {}, 'revoke'],
    [`${RISC}credential-compromise`, { credential_type: 'password' }, 'revoke'],
    [`${RISC}opt-in`, {}, 'none'],
    [`${RISC}opt-out-initiated`, {}, 'none'],
    [`${RISC}opt-out-cancelled`, {}, 'none'],
    [`${RISC}opt-out-effective`, {}, 'none'],
    [`${RISC}recovery-activated`, {}, 'none'],
    [`${RISC}recovery-information-changed`, {}, 'none'],
    [`${RISC}sessions-revoked`, {}, 'revoke'],
  ]

  test('Each type is in the table', () => {
    expect(new Set(cases.map(([uri]) => uri.split('/').at(-1)))).toEqual(new Set(SIGNAL_TYPES))
  })

  test('Each of them is what happens to a session', async () => {
    const from = await transmitter()
    const idp = provider()
    const { bff, push, events, isActive } = receiver(from, {}, { provider: idp })
    for (const [uri, payload, effect] of cases) {
      const { session } = await bff.sessions.create({ userId: 'alice', issuer: IDP, tokens: TOKENS })
      const before = idp.refreshed.length
      expect((await push(await from.event(uri, payload))).status).toBe(202)
      expect(
        events.findLast(({ type }) => type === 'signal.received'),
        uri,
      ).toMatchObject({ effect })
      expect(await isActive(session), uri).toBe(effect !== 'revoke')
      if (effect === 'refresh') await until(() => idp.refreshed.length > before)
      expect(idp.refreshed.length > before, uri).toBe(effect === 'refresh')
      await bff.sessions.revokeAll({ userId: 'alice' })
      await from.clock.advance(60_000)
    }
    await bff.close()
  })
})

describe('To end', () => {
  test('A user’s other sessions end, one of another user and one of another provider do not', async () => {
    const from = await transmitter()
    const { bff, push, session, isActive, events } = receiver(from)
    const sessions = [await session(), await session('alice', 'sid-9'), await session('bob')]
    const other = await bff.sessions.create({ userId: 'alice', issuer: 'https://other.example.com' })
    const { session: own } = await bff.sessions.create({
      userId: 'id-of-the-app',
      subject: 'alice',
      issuer: IDP,
    })
    await push(await from.set())
    expect(await Promise.all([...sessions, other.session, own].map(isActive))).toEqual([
      false,
      false,
      true,
      true,
      false,
    ])
    expect(events.filter(({ type }) => type === 'auth.logout')).toHaveLength(3)
    expect(events).toContainEqual(
      expect.objectContaining({
        type: 'session.revoked',
        reasonCode: 'shared_signal',
        actorType: 'provider',
      }),
    )
    expect(events.at(-1)).toMatchObject({ type: 'signal.received', signal: 'session-revoked', sessions: 3 })
  })

  test('A late signal leaves the sessions that began after it', async () => {
    const from = await transmitter()
    const { push, session, isActive } = receiver(from)
    const before = await session()
    const late = await from.set()
    await from.clock.advance(31_000)
    const after = await session()
    expect((await push(late)).status).toBe(202)
    expect([await isActive(before), await isActive(after)]).toEqual([false, true])
  })

  test('A sign-in that was under way is refused at its callback', async () => {
    const from = await transmitter()
    const { bff, push, events } = receiver(from, {}, { provider: provider() })
    const navigate = (target: string, cookie = '') => {
      const headers: Record<string, string> = {
        cookie,
        'sec-fetch-mode': 'navigate',
        'sec-fetch-dest': 'document',
      }
      return bff.handle({ ...post(target, '', headers), method: 'GET' })
    }
    const login = await navigate('/bff/login')
    const header = (name: string) => login?.headers.find(([one]) => one === name)?.[1] ?? ''
    const state = new URL(header('location')).searchParams.get('state')
    await push(await from.set())
    const callback = await navigate(`/bff/callback?code=c&state=${state}`, header('set-cookie').split(';')[0])
    expect(callback?.headers).toContainEqual(['location', '/?error=login_expired'])
    expect(events.filter(({ type }) => type === 'login.succeeded')).toEqual([])
    await bff.close()
  })

  test('While the store does not answer it is 503, and the same token has its effect later', async () => {
    const from = await transmitter()
    const store = memoryStore()
    const { push, session, isActive, typesOf } = receiver(from, {}, { store })
    const one = await session()
    const { list } = store.sessions
    store.sessions.list = async () => {
      throw new BffError('store_unavailable')
    }
    const token = await from.set()
    expect((await push(token)).status).toBe(503)
    expect(typesOf('signal.failed')).toHaveLength(1)
    store.sessions.list = list
    expect((await push(token)).status).toBe(202)
    expect(await isActive(one)).toBe(false)
  })
})

describe('To refresh', () => {
  test('Claims follow the provider at once, and a session without a refresh token stays as it is', async () => {
    const from = await transmitter()
    const idp = provider()
    const { bff, push, store, session, events } = receiver(from, {}, { provider: idp })
    const { session: one } = await bff.sessions.create({ userId: 'alice', issuer: IDP, tokens: TOKENS })
    const plain = await session()
    await push(await from.event(`${CAEP}token-claims-change`, { claims: { role: 'buyer' } }))
    expect(events.findLast(({ type }) => type === 'signal.received')).toMatchObject({ sessions: 1 })
    await until(() => events.some(({ type }) => type === 'session.refreshed'))
    expect(idp.refreshed).toEqual(['alice'])
    expect((await store.sessions.get(plain.handle))?.version).toBe(1)
    expect((await store.sessions.get(one.handle))?.accessTokenExpiresAt).toBe(from.clock.now() + 3_600_000)
    await bff.close()
  })

  test('While the provider is down the mark stays, and the next use refreshes', async () => {
    const from = await transmitter()
    let isDown = true
    const idp = provider(() => {
      if (isDown) throw new BffError('provider_unavailable')
    })
    const { bff, push, store, events } = receiver(from, {}, { provider: idp })
    const { session: one, cookie } = await bff.sessions.create({
      userId: 'alice',
      issuer: IDP,
      tokens: TOKENS,
    })
    await push(await from.event(`${CAEP}token-claims-change`))
    await until(() => events.some(({ type }) => type === 'refresh.transient'))
    expect((await store.sessions.get(one.handle))?.accessTokenExpiresAt).toBeLessThan(from.clock.now())
    isDown = false
    const headers: Record<string, string> = { cookie: cookie.split(';')[0] ?? '' }
    const found = await bff.getSession({ ...post('/', '', headers), method: 'GET' })
    expect((await found?.tokens())?.accessToken).toBe('access')
    expect(idp.refreshed).toEqual(['alice'])
    await bff.close()
  })
})

describe('The hook', () => {
  test('It sees the signal and its default, and may choose another effect', async () => {
    const from = await transmitter()
    const seen: unknown[] = []
    const { push, session, isActive } = receiver(from, {
      onSignal: (signal) => {
        seen.push(signal)
        return signal.event['change_type'] === 'update' ? 'none' : undefined
      },
    })
    const one = await session()
    await push(await from.event(`${CAEP}credential-change`, { change_type: 'update' }))
    expect(await isActive(one)).toBe(true)
    expect(seen).toEqual([
      {
        type: 'credential-change',
        effect: 'revoke',
        subject: alice,
        event: { change_type: 'update' },
        issuer: 'https://signals.example.com/tenant',
        issuedAt: from.clock.now(),
      },
    ])
    await push(await from.event(`${CAEP}credential-change`, { change_type: 'revoke' }))
    expect(await isActive(one)).toBe(false)
  })

  test('After a throw the transmitter has to send the signal again', async () => {
    const from = await transmitter()
    let fails = true
    const { push, session, isActive } = receiver(from, {
      onSignal: () => {
        if (fails) throw new Error('The database of the app is down.')
        return undefined
      },
    })
    const one = await session()
    const token = await from.set()
    const reply = await push(token)
    expect([reply.status, String(reply.body)]).toEqual([503, expect.not.stringContaining('database')])
    fails = false
    expect((await push(token)).status).toBe(202)
    expect(await isActive(one)).toBe(false)
  })
})

describe('Whose sessions a subject names', () => {
  const session = (id: string) => ({ format: 'opaque', id })
  const findSessions = ({
    format,
    id,
  }: Readonly<Record<string, unknown>>): readonly SessionFilter[] | null | undefined =>
    format === 'opaque' ? (id === 'employee-7' ? [{ userId: 'alice' }] : null) : undefined
  test.each<readonly [string, unknown, readonly [boolean, boolean, boolean]]>([
    ['a user at a trusted provider', alice, [false, false, true]],
    ['a user at another provider', { ...alice, iss: 'https://other.example.com' }, [true, true, true]],
    ['nobody', undefined, [true, true, true]],
    [
      'an e-mail address that the app does not know',
      { format: 'email', email: 'a@example.com' },
      [true, true, true],
    ],
    ['an id that the app knows', { format: 'opaque', id: 'employee-7' }, [false, false, true]],
    ['an id that the app does not know', { format: 'opaque', id: 'employee-8' }, [true, true, true]],
    ['a session', { format: 'complex', session: session('sid-1') }, [false, true, true]],
    [
      'a session of its user',
      { format: 'complex', user: alice, session: session('sid-2') },
      [true, false, true],
    ],
    [
      'a session of another user',
      { format: 'complex', user: alice, session: session('sid-3') },
      [true, true, true],
    ],
    [
      'a session, of a user at another provider',
      { format: 'complex', user: { ...alice, iss: 'https://other.example.com' }, session: session('sid-1') },
      [true, true, true],
    ],
    [
      'a session at a provider',
      { format: 'complex', session: { format: 'iss_sub', iss: IDP, sub: 'sid-1' } },
      [false, true, true],
    ],
    [
      'a session at another provider',
      { format: 'complex', session: { format: 'iss_sub', iss: 'https://other.example.com', sub: 'sid-1' } },
      [true, true, true],
    ],
    [
      'a user on a device',
      { format: 'complex', user: alice, device: session('laptop') },
      [false, false, true],
    ],
    ['a tenant', { format: 'complex', tenant: session('acme') }, [true, true, true]],
    [
      'one of several names',
      { format: 'aliases', identifiers: [{ format: 'email', email: 'a@example.com' }, alice] },
      [false, false, true],
    ],
    [
      'a user, as Google spells it',
      { subject_type: 'iss-sub', iss: IDP, sub: 'alice' },
      [false, false, true],
    ],
  ])('%s', async (_, sub_id, active) => {
    const from = await transmitter()
    const { push, session: signIn, isActive } = receiver(from, { findSessions })
    const sessions = [
      await signIn('alice', 'sid-1'),
      await signIn('alice', 'sid-2'),
      await signIn('bob', 'sid-3'),
    ]
    expect((await push(await from.set({ sub_id }))).status).toBe(202)
    expect(await Promise.all(sessions.map(isActive))).toEqual(active)
  })

  test('A subject inside the event, as before the final version, is taken too', async () => {
    const from = await transmitter()
    const { push, session, isActive } = receiver(from)
    const one = await session()
    await push(await from.event(`${RISC}account-disabled`, { subject: alice }, { sub_id: undefined }))
    expect(await isActive(one)).toBe(false)
  })
})
