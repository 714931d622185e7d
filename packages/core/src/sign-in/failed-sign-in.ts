import type { BffErrorCode } from '../contracts/error-codes.ts'
import type { PluginContext } from '../contracts/plugin.ts'
import type { Reply } from '../contracts/reply.ts'
import type { RequestView } from '../contracts/request-view.ts'
import type { ResolvedOptions } from '../contracts/resolved-options.ts'
import { BffError, isBffError } from '../internal/bff-error.ts'
import { causeText } from '../internal/console-sink.ts'
import { forLog } from '../internal/for-log.ts'
import { escapeHtml, htmlReply, isNavigation, redirectReply } from '../internal/http/replies.ts'
import { callbackUrl } from './login-transaction.ts'

const PROVIDER_FAILURES: ReadonlySet<BffErrorCode> = new Set([
  'provider_unavailable',
  'provider_misconfigured',
])

/** No fault of anybody's: a developer has nothing to mend. */
const DECIDED_BY_PEOPLE: ReadonlySet<BffErrorCode> = new Set([
  'login_cancelled',
  'login_refused',
  'login_expired',
  'sign_in_refused',
])

type SignInOperation = 'authorize' | 'exchange'

/**
 * Reports a failed sign-in with its cause: as `login.failed`, and as `provider.failed` or `store.unavailable` where one
 * of those is at fault.
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
 * Turns a failed sign-in into a way forward: a person lands on the app's error path with `?error=<code>`, a script gets
 * the JSON error. On `http://localhost` a developer sees a page with the cause and what to do.
 */
export function failedSignIn(
  { options, emit }: PluginContext,
  operation: SignInOperation,
  request: RequestView,
  cookies: readonly string[] = [],
) {
  return (error: unknown): Reply => {
    const code = reportFailedSignIn(emit, operation, error)
    if (!isNavigation(request)) throw error
    const { errorPath } = options.login
    const location = `${errorPath}${errorPath.includes('?') ? '&' : '?'}error=${code}`
    return options.secure || DECIDED_BY_PEOPLE.has(code)
      ? redirectReply(location, cookies)
      : signInProblemPage(error, { code, options, location, cookies })
  }
}

interface Problem {
  readonly code: BffErrorCode
  readonly options: ResolvedOptions
  /** Where people land on a public origin. */
  readonly location: string
  readonly cookies: readonly string[]
}

/** What to do about a failed sign-in, by code. */
const REMEDIES: Partial<Record<BffErrorCode, (options: ResolvedOptions) => string>> = {
  provider_unavailable: () =>
    'Check that the identity provider is running, that this server can reach it, and that issuer is its address.',
  provider_misconfigured: (options) =>
    `Compare issuer, clientId, clientSecret, clientSecretMethod and scope with the registration of this app at the provider. Its redirect URI there must be ${callbackUrl(options)}.`,
  login_failed: (options) =>
    `Read the cause below. If the provider complains of the redirect URI, register ${callbackUrl(options)} there.`,
  store_unavailable: () =>
    'Check that the session store is running and that its address and password are right.',
  not_configured: () => 'Give createBff() a provider that signs people in, such as oidc() of @bff/oidc.',
}

/**
 * Tells a developer why a sign-in failed and what to do. Shown on an `http://localhost` origin only: causes are for
 * operators.
 */
export function signInProblemPage(error: unknown, { code, options, location, cookies }: Problem): Reply {
  const known = isBffError(error) ? error : new BffError('internal_error', undefined, { cause: error })
  const remedy = REMEDIES[code]?.(options) ?? 'Read the cause below and what the server wrote to its console.'
  const cause = known.cause === undefined ? '' : causeText(known.cause)
  const text = escapeHtml
  const body = `<!doctype html>
<html lang="en" data-error="${code}">
<meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>Sign-in failed: ${code}</title>
<main>
<h1>Sign-in failed</h1>
<p><code>${code}</code> ${text(known.message)}</p>
<h2>What to do</h2>
<p>${text(remedy)}</p>
${cause === '' ? '' : `<h2>Cause</h2>\n<pre>${text(cause)}</pre>`}
<p><a href="${text(location)}">See what people see on a public origin</a> · <a href="${text(options.basePath)}/login">Sign in again</a></p>
<p><small>This page is shown on ${text(options.origin)} because it is a development origin.</small></p>
</main>
</html>`
  return htmlReply(known.status, body, cookies, STYLE)
}

const STYLE = `:root { color-scheme: light dark; font: 1rem/1.5 system-ui, sans-serif }
main { max-width: 44rem; margin: 4rem auto; padding: 0 1rem }
pre { padding: 1rem; overflow: auto; white-space: pre-wrap; border: 1px solid }`
