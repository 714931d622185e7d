import { cookiesOf } from '../http/cookie.ts'
import type { RequestView } from '../http/request-view.ts'
import type { SessionHandle } from '../session/model.ts'
import type { EndpointContext } from './endpoint.ts'
import { loginCookieName, loginCookiePrefix, overtakenKey } from './login-transaction.ts'

/**
 * Ends the sessions this browser had: the one it shows, the one it had when it began, and the one that another of its
 * attempts has made meanwhile. Those still under way learn of the new one.
 */
export async function endReplaced(
  { options, stores, sessions, requests }: EndpointContext,
  request: RequestView,
  state: string,
  handle: SessionHandle,
  replaced: SessionHandle | null,
): Promise<void> {
  const own = loginCookieName(options, state)
  const shown = await requests.load(request)
  const overtaken = (await stores.ttl.take(overtakenKey(own))) as SessionHandle | null
  const old = new Set([replaced, overtaken, 'session' in shown ? shown.session.handle : null])
  for (const one of old)
    if (one !== null) await sessions.revoke(one, { reasonCode: 'replaced_by_login', actorType: 'user' })
  const pending = cookiesOf(request.header('cookie'), loginCookiePrefix(options)).slice(
    -options.login.maxPending,
  )
  for (const [name] of pending)
    if (name !== own) await stores.ttl.set(overtakenKey(name), handle, options.login.transactionTtlMs)
}
