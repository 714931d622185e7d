import type { BffErrorCode } from '../contracts/error-codes.ts'
import type { PluginContext } from '../contracts/plugin.ts'
import type { Reply } from '../contracts/reply.ts'
import type { RequestView } from '../contracts/request-view.ts'
import { isBffError } from '../internal/bff-error.ts'
import { forLog } from '../internal/for-log.ts'
import { isNavigation, redirectReply } from '../internal/http/replies.ts'

const PROVIDER_FAILURES: ReadonlySet<BffErrorCode> = new Set([
  'provider_unavailable',
  'provider_misconfigured',
])

/** Codes that are not faults: a developer has nothing to fix. */
const DECIDED_BY_PEOPLE: ReadonlySet<BffErrorCode> = new Set([
  'login_cancelled',
  'login_refused',
  'login_expired',
  'sign_in_refused',
])

type SignInOperation = 'authorize' | 'exchange'

/**
 * Reports a failed sign-in with its cause: as `login.failed`, and as `provider.failed` or `store.unavailable` when the
 * provider or the store failed.
 */
export function reportFailedSignIn(
  emit: PluginContext['emit'],
  operation: SignInOperation,
  error: unknown,
): BffErrorCode {
  const code = isBffError(error) ? error.code : 'internal_error'
  const cause = isBffError(error) && error.cause !== undefined ? error.cause : error
  if (PROVIDER_FAILURES.has(code)) emit({ type: 'provider.failed', operation, code, cause })
  if (code === 'store_unavailable') emit({ type: 'store.unavailable', operation, cause })
  emit({ type: 'login.failed', code, reason: forLog(String(error)), cause })
  return code
}

/**
 * Makes the reply for a failed sign-in: a browser goes to the app's error path with `?error=<code>`, a script gets the JSON
 * error. On `http://localhost` a developer sees a page with the cause and what to do.
 */
export function failedSignIn(
  { options, emit }: PluginContext,
  operation: SignInOperation,
  request: RequestView,
  cookies: readonly string[] = [],
) {
  return async (error: unknown): Promise<Reply> => {
    const code = reportFailedSignIn(emit, operation, error)
    if (!isNavigation(request)) throw error
    const { errorPath } = options.login
    const location = `${errorPath}${errorPath.includes('?') ? '&' : '?'}error=${code}`
    if (options.secure || DECIDED_BY_PEOPLE.has(code)) return redirectReply(location, cookies)
    // Loaded only when it is shown, in development.
    const { signInProblemPage } = await import('./problem-page.ts')
    return signInProblemPage(error, { code, options, location, cookies })
  }
}
