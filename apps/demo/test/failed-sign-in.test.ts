import { createBff, generateEncryptionKey, type Stores } from '@bff/core'
import { type OidcOptions, oidc } from '@bff/oidc'
import { memoryStore } from '@bff/store-memory'
import { redisStore } from '@bff/store-redis'
import { freePorts } from '@bff/test-support/demo'
import { signInAtProvider, startProvider, type TestProvider } from '@bff/testing'
import { afterEach, beforeEach, describe, expect, it, type MockInstance, onTestFinished, vi } from 'vitest'

const { idp: closedPort } = await freePorts()
const NOBODY = `127.0.0.1:${closedPort}`

interface Mistake {
  readonly name: string
  readonly provider?: (idp: TestProvider) => Partial<OidcOptions>
  readonly store?: () => Stores
  readonly registeredOrigin?: string
  readonly code: string
  /** What an operator reads on the console. */
  readonly cause: RegExp
  /** What the page for developers says to do. */
  readonly remedy: RegExp
}

const MISTAKES: readonly Mistake[] = [
  {
    name: 'a wrong client secret',
    provider: () => ({ clientSecret: 'wrong' }),
    code: 'provider_misconfigured',
    cause: /invalid_client/,
    remedy: /Compare .*clientSecret/,
  },
  {
    name: 'an unknown client id',
    provider: () => ({ clientId: 'nobody' }),
    code: 'provider_misconfigured',
    cause: /invalid_client/,
    remedy: /Compare .*clientId/,
  },
  {
    name: 'an issuer with a slash too many',
    provider: ({ issuer }) => ({ issuer: `${issuer}/` }),
    code: 'provider_misconfigured',
    cause: /names another issuer/,
    remedy: /Compare issuer/,
  },
  {
    name: 'a provider that is down',
    provider: () => ({ issuer: `http://${NOBODY}` }),
    code: 'provider_unavailable',
    cause: /no answer from http:\/\/127\.0\.0\.1:\d+\/\.well-known\/openid-configuration.*ECONNREFUSED/,
    remedy: /Check that the identity provider is running/,
  },
  {
    name: 'a redirect URI that is not registered',
    registeredOrigin: 'http://localhost:4000',
    code: 'provider_misconfigured',
    cause: /redirect_uri/,
    remedy: /redirect URI there must be https?:\S+\/bff\/callback/,
  },
  {
    name: 'a store that is down',
    store: () => redisStore({ url: `redis://${NOBODY}` }),
    code: 'store_unavailable',
    cause: new RegExp(`ECONNREFUSED ${NOBODY}`),
    remedy: /Check that the session store is running/,
  },
]

let warn: MockInstance<typeof console.warn>
beforeEach(() => {
  warn = vi.spyOn(console, 'warn').mockImplementation(() => {})
})
afterEach(() => warn.mockRestore())

/** What a browser gets that signs in at a BFF with a mistake in it and no `onEvent`. */
async function signInWith({ provider, store, registeredOrigin }: Mistake, origin: string): Promise<Response> {
  const idp = await startProvider({ appOrigins: [registeredOrigin ?? origin], backchannelLogoutUri: null })
  onTestFinished(() => idp.close())
  const bff = createBff({
    origin,
    store: store?.() ?? memoryStore(),
    encryptionKeys: [generateEncryptionKey()],
    provider: oidc({ issuer: idp.issuer, ...idp.clients.basic, ...provider?.(idp) }),
  })
  onTestFinished(() => bff.close())
  const open = (url: string, cookie = '') => {
    const headers = {
      accept: 'text/html',
      'sec-fetch-mode': 'navigate',
      'sec-fetch-dest': 'document',
      cookie,
    }
    return bff.fetch(new Request(url, { headers }))
  }
  const begun = await open(`${origin}/bff/login`)
  const location = begun.headers.get('location')
  if (location === null || location.startsWith('/')) return begun
  const cookies = begun.headers.getSetCookie().map((line) => line.split(';', 1)[0])
  return open(await signInAtProvider(location, 'alice'), cookies.join('; '))
}

describe.each(MISTAKES)('A sign-in that fails for $name', (mistake) => {
  it('names its cause on the console, and leads people to the error path with its code', async () => {
    const answer = await signInWith(mistake, 'https://app.example.com')
    expect([answer.status, answer.headers.get('location')]).toEqual([303, `/?error=${mistake.code}`])
    const written = warn.mock.calls.map((line) => line.join(' '))
    expect(written.filter((line) => line.includes('login.failed'))).toEqual([
      expect.stringMatching(mistake.cause),
    ])
  })

  it('shows developers on localhost the cause and what to do', async () => {
    const answer = await signInWith(mistake, 'http://localhost:3000')
    const page = await answer.text()
    expect(answer.headers.get('content-type')).toBe('text/html; charset=utf-8')
    expect(page).toContain(`data-error="${mistake.code}"`)
    expect(page).toMatch(mistake.cause)
    expect(page).toMatch(mistake.remedy)
  })
})
