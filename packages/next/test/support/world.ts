import { request } from 'node:http'
import { text } from 'node:stream/consumers'
import { type Bff, type BffConfig, createBff, generateEncryptionKey, type IdentityProvider } from '@bff/core'
import { memoryStore } from '@bff/store-memory'

export const ORIGIN = 'https://app.example.com'

export interface World {
  readonly bff: Bff
  /** Sessions read from the store so far. */
  reads(): number
  /** Sign-ins that have left for the provider so far. */
  signIns(): number
  /** Where the provider was told to send them back. */
  readonly redirectUris: readonly string[]
  /** The value of a `Cookie` header. */
  signIn(userId?: string): Promise<string>
}

/** A BFF in this process, with a provider that can only be left for. */
export function openWorld(given: Partial<BffConfig> = {}): World {
  let reads = 0
  let signIns = 0
  const redirectUris: string[] = []
  const store = memoryStore()
  const { sessions } = store
  const get = sessions.get.bind(sessions)
  sessions.get = (handle) => {
    reads++
    return get(handle)
  }
  const provider: IdentityProvider = {
    authorize: async ({ redirectUri }) => {
      signIns++
      redirectUris.push(redirectUri)
      return { url: 'https://id.example.com/authorize', transaction: {} }
    },
    exchange: notAsked,
    refresh: notAsked,
    revoke: async () => {},
    isMaker: () => true,
    sharesGrants: () => true,
    apiToken: notAsked,
    endSessionUrl: async () => null,
    verifyLogoutToken: notAsked,
  }
  const bff = createBff({
    origin: ORIGIN,
    store,
    encryptionKeys: [generateEncryptionKey()],
    provider,
    onEvent: () => {},
    ...given,
  })
  return {
    bff,
    reads: () => reads,
    signIns: () => signIns,
    redirectUris,
    signIn: async (userId = 'alice') => {
      const { cookie } = await bff.sessions.create({
        userId,
        tokens: { accessToken: 'the-access-token', expiresIn: 600 },
      })
      return cookie.split(';', 1)[0] ?? ''
    },
  }
}

async function notAsked(): Promise<never> {
  throw new Error('Nobody asks the provider for that here.')
}

export interface Answer {
  readonly status: number
  readonly headers: Readonly<Record<string, string | string[] | undefined>>
  readonly text: string
}

export interface Call {
  readonly method?: string
  readonly headers?: Readonly<Record<string, string>>
  readonly body?: string
}

/** Sends what `fetch` would not: any header, and the target as it is written. */
export function send(origin: string, path: string, { method = 'GET', headers = {}, body }: Call = {}) {
  const { hostname, port } = new URL(origin)
  return new Promise<Answer>((resolve, reject) => {
    const outgoing = request({ hostname, port, path, method, headers, agent: false }, (response) => {
      text(response).then(
        (content) => resolve({ status: response.statusCode ?? 0, headers: response.headers, text: content }),
        reject,
      )
    })
    outgoing.on('error', reject)
    outgoing.end(body)
  })
}
