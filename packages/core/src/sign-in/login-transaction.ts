import type { SealContext } from '../contracts/encryptor.ts'
import type { ProviderTransaction } from '../contracts/identity-provider.ts'
import type { ResolvedOptions } from '../contracts/resolved-options.ts'
import type { SessionHandle } from '../contracts/session.ts'
import { sha256Base64url } from '../internal/crypto/hash.ts'

/** The data of a sign-in between its two requests, sealed in a cookie of the browser that began it. */
export interface LoginTransaction {
  readonly returnTo: string
  /** Where it began: it ends there. */
  readonly origin: string
  /** Epoch milliseconds. */
  readonly startedAt: number
  /** From the marks of endings, which are ahead of the clock. */
  readonly began: number
  /** The session this browser had when it began, expired or not, which the new one replaces; `null` for none. */
  readonly replaces: SessionHandle | null
  readonly transaction: ProviderTransaction
  /** By `SignInRequest.isApart`. */
  readonly isApart?: boolean
  /** By `login.keepParameters`. */
  readonly kept?: Readonly<Record<string, string>>
}

/** How many characters of a state name its cookie and its mark: not enough to complete a sign-in. */
const NAME_CHARS = 16

export const loginCookiePrefix = ({ cookieName }: ResolvedOptions) => `${cookieName}-login-`

/** The cookie that holds the transaction of a state. */
export const loginCookieName = (options: ResolvedOptions, state: string) =>
  loginCookiePrefix(options) + state.slice(0, NAME_CHARS)

/** The TTL store's key of the mark that a sign-in was completed. */
export const completedKey = (state: string) => `login:${state.slice(0, NAME_CHARS)}`

/** The TTL store's key of the session another attempt of the same browser has made, by the cookie of this one. */
export const overtakenKey = (cookieName: string) => `login-overtaken:${cookieName.slice(-NAME_CHARS)}`

export const callbackUrl = (origin: string, { basePath }: ResolvedOptions) => `${origin}${basePath}/callback`

/**
 * Binds a sealed transaction to its whole state: it opens for no other state. It is a hash, because failures are logged with
 * it.
 */
export const sealedAs = async (state: string): Promise<SealContext> => ({
  recordId: await sha256Base64url(state),
  field: 'login',
})
