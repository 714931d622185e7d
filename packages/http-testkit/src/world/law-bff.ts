import {
  type Bff,
  type BffConfig,
  type BffEvent,
  type Clock,
  createBff,
  type IdentityProvider,
  type SessionHandle,
  type Stores,
} from '@bff/core'
import { origins } from '@bff/core/origins'
import { apiProxy, type ProxyRoute, type Upstream } from '@bff/core/proxy'

/** The public origin of every law's BFF. Its cookies are `Secure`, even if the server under test uses plain http. */
export const ORIGIN = 'https://app.example.com'

/** The lifetime of a session nobody uses, in milliseconds. */
export const IDLE_MS = 3_600_000

/** Cookies the API may set. */
export const API_COOKIES = ['theme', 'cart', 'seen'] as const

/** What differs from law to law. */
export interface LawSettings {
  readonly encryptionKey: string
  /** Where the API listens. */
  readonly api: string
  /** Where nothing listens. */
  readonly dead: string
  readonly webSockets: boolean
  readonly basePath: string
  /** `null`: the usual one alone. */
  readonly origins: readonly string[] | null
  /** Whether there are several BFFs, as `frontends()` makes them, and none of the usual one. */
  readonly frontends: boolean
}

/** Where the BFF of a law is, when that is not the usual place. */
export type Place = Partial<Pick<LawSettings, 'basePath' | 'origins' | 'frontends'>>

/** What a law watches and moves. */
export interface LawPorts {
  readonly store: Stores
  readonly provider: IdentityProvider
  readonly clock: Clock
  readonly onEvent: (event: BffEvent) => void
}

/** The BFF of a law, with a proxied path for each kind of route. */
export function lawBff(
  { encryptionKey, api, dead, webSockets, basePath, origins: all }: LawSettings,
  ports: LawPorts,
  upstream?: Upstream,
  origin: BffConfig['origin'] = all === null ? ORIGIN : origins(all),
): Bff {
  const paths: ProxyRoute[] = [
    { path: '/api', target: api, allowSetCookie: API_COOKIES },
    { path: '/maybe', target: api, token: 'user-or-none' },
    { path: '/open', target: api, token: 'none', maxBodyBytes: 0, replayBodyBytes: 0 },
    { path: '/mounted', target: api, stripPrefix: false },
    { path: '/parsed', target: api, token: 'none' },
    { path: '/dead', target: dead, token: 'none' },
  ]
  if (webSockets) paths.push({ path: '/live', target: api, webSocket: true })
  // A limit of real time would end a call that the adapter forgot to cancel, and pass for the cancellation.
  const routes = paths.map((route) => ({ ...route, headersTimeoutMs: 0 }))
  return createBff({
    origin,
    basePath,
    encryptionKeys: [encryptionKey],
    proxy: apiProxy(upstream === undefined ? { routes } : { routes, upstream }),
    session: { idleTimeoutMs: IDLE_MS },
    ...ports,
  })
}

export interface SignedIn {
  /** The value of a `Cookie` header. */
  readonly cookie: string
  readonly handle: SessionHandle
  readonly accessToken: string
}

/** Makes a session without a provider. */
export async function signInTo({ sessions }: Bff, userId: string): Promise<SignedIn> {
  const accessToken = `access-token-of-${userId}`
  const { cookie, session } = await sessions.create({ userId, tokens: { accessToken, expiresIn: 86_400 } })
  return { cookie: cookie.split(';', 1)[0] ?? '', handle: session.handle, accessToken }
}
