import { type Clock, systemClock } from '@bff/core'
import { type Answer, type Ask, createAsk, FETCHED, type NoAnswer, OPENED } from './ask.ts'

/** The result of one check. */
export interface Finding {
  readonly check:
    | 'reachable'
    | 'session'
    | 'csrf'
    | 'health'
    | 'sign-in'
    | 'cookie'
    | 'provider'
    | 'host'
    | 'clock'
  /** `warning`: it works, and an operator must know. `skipped`: it could not be checked. */
  readonly status: 'ok' | 'warning' | 'failed' | 'skipped'
  /** What was found, and what to do unless it is `ok`. */
  readonly message: string
}

const MAX_SKEW_MS = 5_000

/**
 * Checks a running BFF from outside, as a browser sees it: its endpoints, its CSRF check, its sign-in up to the page of the
 * provider, its cookie, and its clock. It signs nobody in and changes nothing.
 *
 * @param origin such as `https://app.example.com`
 * @param basePath the `basePath` of the BFF, `/bff` by default
 * @param clock the system's clock by default; it limits each request to 15 seconds
 * @returns one finding for each check; `reachable` alone when the BFF does not answer
 *
 * @example
 * ```ts
 * import { doctor } from '@bff/cli'
 *
 * const findings = await doctor('https://app.example.com')
 * if (findings.some(({ status }) => status === 'failed')) process.exitCode = 1
 * ```
 */
export async function doctor(
  origin: string,
  basePath = '/bff',
  clock: Clock = systemClock,
): Promise<readonly Finding[]> {
  const base = `${new URL(origin).origin}${basePath.replace(/\/+$/, '')}`
  const ask = createAsk(clock)
  const session = await ask(`${base}/session`, FETCHED)
  if ('failure' in session)
    return [
      failed('reachable', `${base} does not answer (${session.failure}). Check the address, DNS and TLS.`),
    ]
  const begun = await ask(`${base}/login`, OPENED)
  const provider = providerUrl(begun)
  return [
    ok('reachable', `${base} answers.`),
    sessionFinding(session),
    session.status === 404
      ? skipped('csrf', 'There is no BFF at this address.')
      : await csrfFinding(ask, base),
    await healthFinding(ask, base),
    signInFinding(begun, base),
    await providerFinding(ask, base, provider),
    await hostFinding(ask, base, provider),
    cookieFinding(begun, origin),
    clockFinding(session),
  ]
}

function sessionFinding({ status, header, body }: Answer): Finding {
  if (status === 404)
    return failed(
      'session',
      'GET /session answers 404. Compare `basePath` with the address, and check that the BFF comes before all other routes.',
    )
  if (status !== 200 || !body.includes('"authenticated"'))
    return failed(
      'session',
      `GET /session answers ${status}${errorIn(body)}. For csrf_violation compare \`origin\` with the address in the browser; otherwise check that the BFF comes before all other routes.`,
    )
  return header('cache-control') === 'no-store'
    ? ok('session', 'GET /session answers, and is not cached.')
    : failed('session', 'A proxy in front changes Cache-Control of GET /session. It must stay no-store.')
}

async function csrfFinding(ask: Ask, base: string): Promise<Finding> {
  const forged = await ask(`${base}/session`, { 'sec-fetch-site': 'cross-site', 'x-csrf': '1' })
  if ('failure' in forged)
    return failed(
      'csrf',
      `A request from another site is not answered (${forged.failure}). The BFF answers 403: does a firewall or a proxy in front drop it?`,
    )
  return forged.status === 403
    ? ok('csrf', 'A request from another site is refused.')
    : failed(
        'csrf',
        `A request from another site answers ${forged.status}. Something in front changes Sec-Fetch-Site.`,
      )
}

/** Of `healthEndpoint()`, unless something else answers in its place. */
interface Report {
  readonly checks?: Readonly<Record<string, { readonly ok?: boolean; readonly message?: string } | null>>
}

async function healthFinding(ask: Ask, base: string): Promise<Finding> {
  const answer = await ask(`${base}/health`)
  if ('failure' in answer)
    return failed(
      'health',
      `GET /health does not answer (${answer.failure}). Look at the log of the BFF and of the proxy in front.`,
    )
  const { status, body } = answer
  if (status === 404)
    return skipped('health', 'There is no /health. Add healthEndpoint() to check store and keys.')
  const report = readJson(body) as Report | null
  const checks = Object.values(report?.checks ?? {})
  if (status === 200 && checks.length > 0 && checks.every((check) => check?.ok === true))
    return ok('health', 'Store, keys and provider work.')
  const reasons = checks.flatMap((check) => (check?.ok === false ? [check.message] : []))
  return failed(
    'health',
    reasons.join(' ') ||
      `GET /health answers ${status} without a report of the BFF. Does something in front answer it?`,
  )
}

function signInFinding(begun: Answer | NoAnswer, base: string): Finding {
  if ('failure' in begun)
    return failed(
      'sign-in',
      `GET /login does not answer (${begun.failure}). Look at the events login.failed and request.failed, and at the log of the proxy in front.`,
    )
  const provider = providerUrl(begun)
  if (provider !== null) return ok('sign-in', `It begins at ${provider.origin}.`)
  const { status, header, body } = begun
  const code = /error=(\w+)/.exec(header('location') ?? '')?.[1] ?? /data-error="(\w+)"/.exec(body)?.[1]
  return failed(
    'sign-in',
    code === undefined
      ? `GET /login answers ${status}. Does a proxy in front answer it?`
      : `It fails with ${code}. The event login.failed has the cause.${remedyOf(code, base)}`,
  )
}

function remedyOf(code: string, base: string): string {
  if (code === 'provider_misconfigured')
    return ` Compare issuer, client id, secret and scope with the registration at the provider, and the redirect URI there with ${base}/callback.`
  if (code === 'provider_unavailable')
    return ' Check the issuer, and that this server reaches the provider: DNS, TLS and egress rules.'
  if (code === 'not_configured') return ' Give createBff() a provider, such as oidc() of @bff/oidc.'
  return ''
}

/** Where the sign-in leads; `null` when it does not begin. */
function providerUrl(begun: Answer | NoAnswer): URL | null {
  if ('failure' in begun || begun.status !== 303) return null
  const location = begun.header('location') ?? ''
  return /^https?:/.test(location) && URL.canParse(location) ? new URL(location) : null
}

async function providerFinding(ask: Ask, base: string, url: URL | null): Promise<Finding> {
  if (url === null) return skipped('provider', 'The sign-in does not begin.')
  const answer = await ask(url.href, OPENED)
  if ('failure' in answer)
    return failed(
      'provider',
      `${url.origin} does not answer a browser (${answer.failure}). Check its address, and that users can reach it.`,
    )
  const refused = answer.status >= 400 || /[?&]error=/.test(answer.header('location') ?? '')
  return refused
    ? failed(
        'provider',
        `${url.origin} refuses the request (${answer.status}). Register the redirect URI ${base}/callback there, and check the client id and the scope.`,
      )
    : ok('provider', `${url.origin} accepts the request.`)
}

/** `Host` and `X-Forwarded-Host` come from the client: they must not decide where a sign-in returns to. */
async function hostFinding(ask: Ask, base: string, url: URL | null): Promise<Finding> {
  const redirectUri = url?.searchParams.get('redirect_uri') ?? null
  if (redirectUri === null) return originFinding(ask, base)
  return redirectUri === `${base}/callback`
    ? ok('host', `The redirect URI is ${redirectUri}.`)
    : failed(
        'host',
        `The redirect URI is ${redirectUri}, not ${base}/callback. Set \`origin\` to the address in the browser.`,
      )
}

/**
 * With a pushed request, and without a sign-in, the redirect URI is not visible. What a page may do here shows what the BFF takes for its
 * origin.
 */
async function originFinding(ask: Ask, base: string): Promise<Finding> {
  const { origin } = new URL(base)
  const answer = await ask(`${base}/session`, { 'x-csrf': '1', origin })
  if ('failure' in answer)
    return failed('host', `A request with an Origin header is not answered (${answer.failure}).`)
  if (answer.status === 200) return ok('host', `The BFF takes ${origin} for its own.`)
  return answer.status === 403
    ? failed(
        'host',
        `The BFF does not take ${origin} for its own. Set \`origin\` to the address in the browser, and open no other.`,
      )
    : skipped('host', `GET /session answers ${answer.status}.`)
}

function cookieFinding(begun: Answer | NoAnswer, origin: string): Finding {
  if ('failure' in begun || providerUrl(begun) === null)
    return skipped('cookie', 'The sign-in does not begin.')
  const cookie = begun.setCookies.find(belongsToSignIn)
  if (cookie === undefined)
    return skipped('cookie', 'The sign-in sets no cookie. Does a proxy in front remove it?')
  const attributes = cookie.split(';').map((attribute) => attribute.trim().toLowerCase())
  const missing = ['HttpOnly', 'Path=/', ...(origin.startsWith('https:') ? ['Secure'] : [])].filter(
    (attribute) => !attributes.includes(attribute.toLowerCase()),
  )
  if (missing.length > 0)
    return failed('cookie', `It arrives without ${missing.join(', ')}. Something in front rewrites cookies.`)
  return origin.startsWith('https:')
    ? ok('cookie', 'It is Secure and HttpOnly, and belongs to this host alone.')
    : { check: 'cookie', status: 'warning', message: 'It is not Secure on http. Use https for users.' }
}

/** A load balancer in front may set cookies too. Core names that of a sign-in attempt `<session cookie>-login-<state>`. */
const belongsToSignIn = (setCookie: string): boolean => /^[^=]*-login-/.test(setCookie)

function clockFinding({ clocks }: Answer): Finding {
  if (clocks === null) return skipped('clock', 'The response has no Date header.')
  const skew = Math.abs(clocks.there - clocks.here)
  return skew <= MAX_SKEW_MS
    ? ok('clock', 'The clock of the server agrees with this one.')
    : {
        check: 'clock',
        status: 'warning',
        message: `The clock of the server differs from this one by ${Math.round(skew / 1000)} s. Synchronise both with NTP.`,
      }
}

const ok = (check: Finding['check'], message: string): Finding => ({ check, status: 'ok', message })
const failed = (check: Finding['check'], message: string): Finding => ({ check, status: 'failed', message })
const skipped = (check: Finding['check'], message: string): Finding => ({ check, status: 'skipped', message })

function readJson(body: string): unknown {
  try {
    return JSON.parse(body)
  } catch {
    return null
  }
}

const errorIn = (body: string): string => {
  const code = /"error":"(\w+)"/.exec(body)?.[1]
  return code === undefined ? '' : ` ${code}`
}
