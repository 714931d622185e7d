import { createServer } from 'node:http'
import { type Bff, createBff, generateEncryptionKey, type SessionHandle, type Stores } from '@bff/core'
import { backchannelLogout } from '@bff/core/endpoints'
import { nodeListener } from '@bff/node'
import { oidc } from '@bff/oidc'
import { freePorts } from '@bff/test-support/demo'
import { temporaryFolder } from '@bff/test-support/temporary-folder'
import { signIn, startProvider, type TestProvider } from '@bff/testing'
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest'
import { openStore, STORE_NAMES } from '../src/index.ts'

/** The app's own table of users, by issuer and subject. */
const ROWS = new Map([['alice', '6f1c3c52-0b3e-4c7f-9d55-0d1f1c0f6a11']])
const ALICE = ROWS.get('alice') ?? ''

let port: number
/** They name the session in a logout token, and its subject alone. */
const idps: Record<'sid and sub' | 'sub', TestProvider | null> = { 'sid and sub': null, sub: null }

beforeAll(async () => {
  port = (await freePorts()).demo
  const appOrigins = [`http://localhost:${port}`]
  idps['sid and sub'] = await startProvider({ appOrigins })
  idps.sub = await startProvider({ appOrigins, backchannelLogoutNamesSession: false })
})
afterAll(async () => {
  for (const idp of Object.values(idps)) await idp?.close()
})

async function app(idp: TestProvider, store: Stores, ids: ReadonlyMap<string, string>) {
  const bff = createBff({
    origin: `http://localhost:${port}`,
    store,
    encryptionKeys: [generateEncryptionKey()],
    provider: oidc({
      issuer: idp.issuer,
      ...idp.clients.basic,
      scope: 'openid profile offline_access',
    }),
    login: { parameters: { prompt: 'consent' } },
    plugins: [backchannelLogout()],
    hooks: {
      onCreateSession({ userId: subject }) {
        const userId = ids.get(subject)
        return userId === undefined ? {} : { userId }
      },
    },
    onEvent: () => {},
  })
  const server = createServer(nodeListener(bff))
  await new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve))
  onTestFinished(async () => {
    server.closeAllConnections()
    await new Promise((resolve) => server.close(resolve))
    await bff.close()
  })
  return bff
}

function userOf(bff: Bff, headers: Readonly<Record<string, string>>) {
  const call = (method: string, path: string) =>
    bff.fetch(new Request(`http://localhost:${port}${path}`, { method, headers }))
  return {
    refresh: async () => (await call('POST', '/bff/refresh')).status,
    id: async () =>
      ((await (await call('GET', '/bff/session')).json()) as { user_id?: string }).user_id ?? null,
  }
}

describe.each(STORE_NAMES)('%s', (name) => {
  async function opened() {
    const store = await openStore(name, temporaryFolder(), {})
    onTestFinished(() => store.close())
    return store.stores
  }

  it.each(['sid and sub', 'sub'] as const)(
    'a user with an id of the app lives through ten refreshes, and ends by a logout token with %s [LGO-10]',
    async (names) => {
      const idp = idps[names]
      if (idp === null) throw new Error('The provider did not start.')
      const bff = await app(idp, await opened(), ROWS)
      const { headers } = await signIn(bff, 'alice')
      const alice = userOf(bff, headers)
      for (let round = 0; round < 10; round++) expect(await alice.refresh()).toBe(200)
      expect(await alice.id()).toBe(ALICE)
      const bob = userOf(bff, (await signIn(bff, 'bob')).headers)
      expect(await idp.backchannelLogout('alice')).toMatchObject({ failed: 0 })
      expect([await alice.id(), await bob.id()]).toEqual([null, 'bob'])

      const again = userOf(bff, (await signIn(bff, 'alice')).headers)
      expect(await bff.sessions.revokeAll({ userId: ALICE })).toHaveLength(1)
      expect(await again.id()).toBeNull()
    },
  )

  it('a record from before the subject goes on: its subject is its user id', async () => {
    const idp = idps.sub
    if (idp === null) throw new Error('The provider did not start.')
    const store = await opened()
    const bff = await app(idp, store, new Map())
    const { headers, cookie } = await signIn(bff, 'alice')
    const handle = (/=([\w-]{43})/.exec(cookie)?.[1] ?? '').slice(0, 16) as SessionHandle
    const record = await store.sessions.get(handle)
    if (record === null) throw new Error('Nobody signed in.')
    await store.sessions.delete(handle)
    await store.sessions.create({ ...record, subject: null })
    const alice = userOf(bff, headers)
    expect(await alice.refresh()).toBe(200)
    expect(await alice.id()).toBe('alice')
    expect((await store.sessions.get(handle))?.subject).toBeNull()
    expect(await idp.backchannelLogout('alice')).toMatchObject({ failed: 0 })
    expect(await alice.id()).toBeNull()
  })
})
