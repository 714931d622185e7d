import type { SealContext } from '../crypto/encryptor.ts'
import { sha256Base64url } from '../crypto/hash.ts'
import { forLog } from '../emitter.ts'
import { isBffError } from '../errors.ts'
import { isNavigation, redirectReply } from '../http/replies.ts'
import type { Reply } from '../http/reply.ts'
import type { RequestView } from '../http/request-view.ts'
import type { ResolvedOptions } from '../options.ts'
import type { ProviderTransaction } from '../provider/identity-provider.ts'
import type { EndpointContext } from './endpoint.ts'

/** What a sign-in remembers between its two requests. */
export interface LoginTransaction {
  /** Of the state together with the value of the browser's cookie. */
  readonly bindingHash: string
  readonly returnTo: string
  /** Epoch milliseconds. */
  readonly startedAt: number
  readonly transaction: ProviderTransaction
}

/** The TTL store's key of a transaction: named by the state's first half, which is not its secret. */
export const loginKey = (state: string) => `login:${state.slice(0, 16)}`

/** What binds a transaction to its state and to the browser that began it. */
export const bindingHashOf = (state: string, binding: string) => sha256Base64url(`${state}.${binding}`)

export const loginCookiePrefix = ({ cookieName }: ResolvedOptions) => `${cookieName}-login-`

export const callbackUrl = ({ origin, basePath }: ResolvedOptions) => `${origin}${basePath}/callback`

/** What the sealed transaction is bound to. */
export const sealedAs = (key: string): SealContext => ({ recordId: key, field: 'login' })

/**
 * Turns a failed sign-in into a way forward: a person lands on the app's error path with `?error=<code>`, a
 * script gets the JSON error.
 */
export function failedSignIn(
  { options, emit }: EndpointContext,
  request: RequestView,
  cookies: readonly string[] = [],
) {
  return (error: unknown): Reply => {
    const code = isBffError(error) ? error.code : 'internal_error'
    emit({
      type: 'login.failed',
      code,
      reason: forLog(String(error)),
    })
    if (!isNavigation(request)) throw error
    const { errorPath } = options.login
    return redirectReply(`${errorPath}${errorPath.includes('?') ? '&' : '?'}error=${code}`, cookies)
  }
}
