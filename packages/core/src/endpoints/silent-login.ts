import type { EndpointDescriptions } from '../contracts/endpoint.ts'
import { BFF_ERROR_CODES, type BffErrorCode } from '../contracts/error-codes.ts'
import type { PluginContext, PluginFactory } from '../contracts/plugin.ts'
import type { Reply } from '../contracts/reply.ts'
import type { RequestView } from '../contracts/request-view.ts'
import { BffError } from '../internal/bff-error.ts'
import { listOf, origin as originRule, pathBelow } from '../internal/option-rules.ts'
import { readOptions } from '../internal/options.ts'
import { messagePage } from './message-page.ts'

export interface SilentLoginOptions {
  /** The path that a page loads in its frame, absolute. @default `silent-login` below `basePath` */
  readonly path?: string
  /**
   * More origins, such as `https://www.example.com`, whose pages may start a silent sign-in and receive its result. @default
   * none
   */
  readonly allowedOrigins?: readonly string[]
}

/** The suffix of a silent sign-in's `state`, with the number of the origin that asked: the callback recognises it. */
const MARK = /\.silent(\d{1,3})$/

/**
 * `GET /bff/silent-login`, in a hidden frame or a popup of a page of this origin: signs in without a question when the user
 * is signed in at the provider (`prompt=none`), and posts the result to the page.
 *
 * The page always gets `{source: 'bff-silent-login', isLoggedIn, error?}` by `postMessage`, for its exact origin only;
 * `error` is a code of `docs/errors.md`. `isLoggedIn` is `true` when this BFF has a session, also when it had one before.
 * List this plugin before `rateLimit()`, so that a refusal becomes a message too. The provider must be same-site, or the
 * browser must allow its cookies in frames.
 *
 * @throws BffError `invalid_config`
 * @example
 * ```ts
 * import { type BffConfig, createBff } from '@bff/core'
 * import { silentLogin } from '@bff/core/endpoints'
 *
 * export const withSilentLogin = (config: BffConfig) =>
 *   createBff({ ...config, plugins: [silentLogin()] })
 * ```
 */
export function silentLogin(options: SilentLoginOptions = {}): PluginFactory {
  const { path: pathOf, allowedOrigins } = readOptions('silentLogin', options, {
    path: pathBelow('silent-login'),
    allowedOrigins: listOf(originRule()),
  })

  return (context) => {
    const { basePath, cookieName } = context.options
    const originsFor = (request: RequestView) => [context.originOf(request), ...allowedOrigins]
    const path = pathOf(basePath)

    async function start(request: RequestView): Promise<Reply> {
      const origins = originsFor(request)
      const asking = askingOrigin(request, origins)
      try {
        if (asking === -1) throw new BffError('login_refused')
        const returnTo = context.options.login.returnTo
        const parameters = { prompt: 'none' }
        const reply = await context.signIn(request, { returnTo, parameters, mark: `.silent${asking}` })
        return framedBy(reply, origins[asking] ?? '')
      } catch (error) {
        return tell(request, Math.max(0, asking), context.reportFailedSignIn(error))
      }
    }

    async function tell(
      request: RequestView,
      asking: number,
      error: BffErrorCode | null,
      cookies: readonly string[] = [],
    ): Promise<Reply> {
      const isLoggedIn = error === null || (await isSignedIn(request, context))
      const message = { source: 'bff-silent-login', isLoggedIn, ...(error !== null && { error }) }
      const origins = originsFor(request)
      return messagePage(message, origins[asking] ?? origins[0] ?? '', cookies)
    }

    return {
      endpoints: {
        [path]: {
          methods: { GET: start },
          csrfExempt: ['GET'],
          getChanges: true,
          limit: { bucket: 'silent-login' },
          describe: () => DESCRIPTIONS,
        },
      },
      async middleware(request, requested, next) {
        const reply = await next()
        if (requested === path && request.method === 'GET' && reply.status >= 400)
          return tell(request, Math.max(0, askingOrigin(request, originsFor(request))), errorOf(reply))
        if (requested !== `${basePath}/callback`) return reply
        const mark = MARK.exec(queryOf(request.target).get('state') ?? '')
        if (mark === null) return reply
        const cookies = reply.headers.filter(([name]) => name === 'set-cookie').map(([, value]) => value)
        // A session's cookie has a value; the cookie that deletes it has none.
        const isNew = cookies.some(
          (cookie) => cookie.startsWith(`${cookieName}=`) && !cookie.startsWith(`${cookieName}=;`),
        )
        const page = await tell(request, Number(mark[1]), isNew ? null : errorOf(reply), cookies)
        const offers = reply.headers.filter(([name]) => name === 'secure-session-registration')
        return { ...page, headers: [...page.headers, ...offers] }
      },
    }
  }
}

/** As the callback reads it: from the first question mark on. */
const queryOf = (target: string) => new URLSearchParams(target.slice(target.indexOf('?')))

/** Browsers ask also a redirect whether it may be framed. */
function framedBy(reply: Reply, origin: string): Reply {
  const headers = reply.headers.filter(([name]) => name !== 'content-security-policy')
  const policy = `default-src 'none'; frame-ancestors ${origin}`
  return { ...reply, headers: [...headers, ['content-security-policy', policy]] }
}

/** The number of the origin whose page asks; -1 for all others: no other site's frame may sign a user in (BFF-24). */
function askingOrigin(request: RequestView, origins: readonly string[]): number {
  if (request.header('sec-fetch-site') === 'same-origin') return 0
  const referer = request.header('referer') ?? ''
  return URL.canParse(referer) ? origins.indexOf(new URL(referer).origin) : -1
}

async function isSignedIn(request: RequestView, { requests }: PluginContext): Promise<boolean> {
  const session = await requests.get(request).catch(() => null)
  return session !== null
}

/** The error code of the callback's reply, from the address of the error page or from the JSON. */
function errorOf({ headers, body }: Reply): BffErrorCode {
  const location = headers.find(([name]) => name === 'location')?.[1] ?? ''
  const code =
    queryOf(location).get('error') ??
    (typeof body === 'string'
      ? /^\{"error":"(\w+)"|data-error="(\w+)"/.exec(body)?.slice(1).find(Boolean)
      : null)
  return BFF_ERROR_CODES.find((known) => known === code) ?? 'login_failed'
}

const DESCRIPTIONS: EndpointDescriptions = {
  GET: {
    operationId: 'bff-silent-login',
    summary: 'Sign in within a hidden frame, if the provider knows who it is',
    responses: {
      200: { description: 'A page that posts the result to its parent.' },
      303: { description: 'Sends the frame to the identity provider.' },
    },
    session: true,
  },
}
