import type { BffErrorCode } from '../contracts/error-codes.ts'
import type { Reply } from '../contracts/reply.ts'
import type { ResolvedOptions } from '../contracts/resolved-options.ts'
import { BffError, isBffError } from '../internal/bff-error.ts'
import { causeText } from '../internal/console-sink.ts'
import { escapeHtml, htmlReply } from '../internal/http/replies.ts'
import { callbackUrl } from './login-transaction.ts'

interface Problem {
  readonly code: BffErrorCode
  readonly options: ResolvedOptions
  readonly origin: string
  /** The address that users see on a public origin. */
  readonly location: string
  readonly cookies: readonly string[]
}

/** What to do about a failed sign-in, by code. */
const REMEDIES: Partial<Record<BffErrorCode, (problem: Problem) => string>> = {
  provider_unavailable: () =>
    'Check that the identity provider is running, that this server can reach it, and that issuer is its address.',
  provider_misconfigured: ({ origin, options }) =>
    `Compare issuer, clientId, clientSecret, clientSecretMethod and scope with the registration of this app at the provider. Its redirect URI there must be ${callbackUrl(origin, options)}.`,
  login_failed: ({ origin, options }) =>
    `Read the cause below. If the provider complains of the redirect URI, register ${callbackUrl(origin, options)} there.`,
  store_unavailable: () =>
    'Check that the session store is running and that its address and password are right.',
  not_configured: () => 'Give createBff() a provider that signs users in, such as oidc() of @bff/oidc.',
}

/**
 * Makes a page for a developer: why a sign-in failed and what to do. It is shown on a plain-http origin only, which is on this machine,
 * because causes are for operators.
 */
export function signInProblemPage(error: unknown, problem: Problem): Reply {
  const { code, options, origin, location, cookies } = problem
  const known = isBffError(error) ? error : new BffError('internal_error', undefined, { cause: error })
  const remedy = REMEDIES[code]?.(problem) ?? 'Read the cause below and what the server wrote to its console.'
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
<p><a href="${text(location)}">See what users see on a public origin</a> · <a href="${text(options.basePath)}/login">Sign in again</a></p>
<p><small>This page is shown on ${text(origin)} because it is a development origin.</small></p>
</main>
</html>`
  return htmlReply(known.status, body, cookies, STYLE)
}

const STYLE = `:root { color-scheme: light dark; font: 1rem/1.5 system-ui, sans-serif }
main { max-width: 44rem; margin: 4rem auto; padding: 0 1rem }
pre { padding: 1rem; overflow: auto; white-space: pre-wrap; border: 1px solid }`
