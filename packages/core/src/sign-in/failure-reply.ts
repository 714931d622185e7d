import type { BffErrorCode } from '../contracts/error-codes.ts'
import type { PluginContext } from '../contracts/plugin.ts'
import type { Reply } from '../contracts/reply.ts'
import type { RequestView } from '../contracts/request-view.ts'
import { isNavigation, redirectReply } from '../internal/http/replies.ts'
import { reportFailedSignIn, type SignInOperation } from './failed-sign-in.ts'

/** Codes that are not faults: a developer has nothing to fix. */
const DECIDED_BY_PEOPLE: ReadonlySet<BffErrorCode> = new Set([
  'login_cancelled',
  'login_refused',
  'login_expired',
  'sign_in_refused',
])

/**
 * Answers a failed sign-in: a browser goes to the app's error path with `?error=<code>`, a script gets the JSON error. On
 * `http://localhost` a developer sees a page with the cause and what to do.
 *
 * @param cookies `Set-Cookie` values of the answer
 */
export async function failedSignInReply(
  { options, originOf, emit }: PluginContext,
  operation: SignInOperation,
  request: RequestView,
  error: unknown,
  cookies: readonly string[] = [],
): Promise<Reply> {
  const code = reportFailedSignIn(emit, operation, error)
  if (!isNavigation(request)) throw error
  const { errorPath } = options.login
  const location = `${errorPath}${errorPath.includes('?') ? '&' : '?'}error=${code}`
  if (options.secure || DECIDED_BY_PEOPLE.has(code)) return redirectReply(location, cookies)
  const origin = code === 'unknown_origin' ? options.origin : originOf(request)
  // Loaded only when it is shown, in development.
  const { signInProblemPage } = await import('./problem-page.ts')
  return signInProblemPage(error, { code, options, origin, location, cookies })
}
