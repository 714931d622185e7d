import type { TokenTarget } from '../contracts/session.ts'
import { flag, listOf, oneOf, optional, wholeNumber } from '../internal/option-rules.ts'
import { invalidOptions, type OptionRule, type OptionValues, readOptions } from '../internal/options.ts'
import type { ClientTokenSource, ProxyRoute, UserTokenSource } from './proxy-route.ts'
import { decodePath, isForwardable, isHeaderName, REQUEST_HEADERS } from './request.ts'

/** The origin and the base path of an API. */
interface Target {
  readonly origin: string
  /** Empty without a base path; never ends in a slash. */
  readonly basePath: string
}

const such =
  <Value>(test: (value: unknown) => boolean, must: string): OptionRule<Value> =>
  (value, invalid) => {
    if (test(value)) return value as Value
    throw invalid(`must ${must}`)
  }

const isName = (value: unknown): value is string => typeof value === 'string' && isHeaderName(value)
const isFunction = (value: unknown) => typeof value === 'function'

/** Unlike `callback`, it refuses `null`: a route without its hook may send or accept more. */
const hook = <Value>() => optional(such<Value>(isFunction, 'be a function'))

const names = listOf(such<string>(isName, 'be a token of letters, digits and -._~'))

/** Milliseconds that a timer can wait. */
export const time = (fallback: number) => wholeNumber(fallback, 0, 2 ** 31 - 1)

export const target: OptionRule<Target> = (value, invalid) => {
  const found = typeof value === 'string' ? parseTarget(value) : null
  if (found !== null) return found
  throw invalid(
    'must be an http or https URL such as https://orders.internal/v1, without credentials, query and fragment',
  )
}

export const userToken = optional(
  such<TokenTarget | UserTokenSource>(
    (value) => isFunction(value) || isTarget(value),
    'be a function, or an object with resource, audience or scope',
  ),
)

const RULES = {
  path: such<string>(
    (value) => typeof value === 'string' && !/\/$|[%;]/.test(value) && decodePath(value) !== null,
    'begin with a slash, such as /api, and not end with one',
  ),
  target,
  stripPrefix: flag(true),
  rewritePath: hook<NonNullable<ProxyRoute['rewritePath']>>(),
  token: oneOf(['user', 'user-or-none', 'none', 'client', 'user-or-client']),
  csrf: oneOf(['header', 'same-origin']),
  clientToken: hook<ClientTokenSource>(),
  userToken,
  methods: listOf(
    such<string>(
      (value) => isName(value) && !/^(?:CONNECT|TRACE|TRACK)$|[a-z]/.test(value),
      'be an upper-case method other than CONNECT and TRACE',
    ),
    ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS'],
  ),
  allowPathParameters: flag(false),
  webSocket: flag(false),
  forwardHeaders: listOf(
    such<string>(
      (value) => isName(value) && isForwardable(value),
      'be the name of a header; credentials, forwarding and connection headers are never taken from a client',
    ),
  ),
  removeHeaders: names,
  removeResponseHeaders: names,
  allowSetCookie: names,
  onRequest: hook<NonNullable<ProxyRoute['onRequest']>>(),
  maxBodyBytes: wholeNumber(10_485_760, 0),
  replayBodyBytes: wholeNumber(65_536, 0),
  headersTimeoutMs: time(30_000),
  idleTimeoutMs: time(60_000),
  totalTimeoutMs: time(0),
} satisfies Readonly<Record<keyof ProxyRoute, OptionRule<unknown>>>

/** A route whose options are checked and complete. */
export interface Route extends Omit<OptionValues<typeof RULES>, 'target' | 'userToken'>, Target {
  readonly userToken: UserTokenSource | undefined
  /** Names of the client's headers to pass on. */
  readonly requestHeaders: readonly string[]
}

/**
 * Checks the routes and fills in their defaults. The longest path is first, so that it wins.
 *
 * @throws BffError `invalid_config` with the route and the option
 */
export function resolveRoutes(given: readonly ProxyRoute[], ownCookies: readonly string[]): readonly Route[] {
  const routes = given.map((route) => resolveRoute(route, ownCookies))
  const paths = routes.map(({ path }) => path)
  const twice = paths.find((path, at) => paths.indexOf(path) !== at)
  if (twice !== undefined) throw invalidOptions('apiProxy', `routes lists ${twice} twice. Remove one`)
  return routes.sort((a, b) => b.path.length - a.path.length)
}

function resolveRoute(given: ProxyRoute, ownCookies: readonly string[]): Route {
  const of = `apiProxy route ${String(given.path)}`
  const { target, userToken, ...options } = readOptions(of, given, RULES)
  const clash = options.allowSetCookie.find((name) => ownCookies.some((own) => isVariation(name, own)))
  if (clash !== undefined)
    throw invalidOptions(
      of,
      `allowSetCookie must not name ${clash}: it is, or looks like, a cookie of the BFF`,
    )
  if (/lient$/.test(options.token) !== (options.clientToken !== undefined))
    throw invalidOptions(of, 'clientToken must be set exactly when token is client or user-or-client')
  const removeHeaders = lowerCase(options.removeHeaders)
  return {
    ...options,
    ...target,
    userToken: sourceOf(userToken),
    removeHeaders,
    removeResponseHeaders: lowerCase(options.removeResponseHeaders),
    requestHeaders: lowerCase([...REQUEST_HEADERS, ...options.forwardHeaders]).filter(
      (name) => !removeHeaders.includes(name),
    ),
  }
}

const TARGET = ['resource', 'audience', 'scope']

const isTarget = (value: unknown): boolean =>
  typeof value === 'object' &&
  value !== null &&
  Object.keys(value).length > 0 &&
  Object.entries(value).every(
    ([name, text]) => TARGET.includes(name) && typeof text === 'string' && text !== '',
  )

export const sourceOf = (
  userToken: TokenTarget | UserTokenSource | undefined,
): UserTokenSource | undefined =>
  typeof userToken === 'object'
    ? (session, { rejected }) => session.tokensFor(userToken, { rejected })
    : userToken

const lowerCase = (names: readonly string[]) => names.map((name) => name.toLowerCase())

function parseTarget(target: string): Target | null {
  if (!/^https?:\/\/[^?#@\\\s]+$/i.test(target) || !URL.canParse(target)) return null
  const { origin, pathname } = new URL(target)
  const basePath = pathname.replace(/\/$/, '')
  return basePath === '' || decodePath(pathname) !== null ? { origin, basePath } : null
}

/** Whether a browser or an API could read the cookie `name` as `own`, regardless of prefix and case. */
function isVariation(name: string, own: string): boolean {
  const rest = bareName(name).split(bareName(own), 2)
  return rest[0] === '' && !/^[a-z\d]/.test(rest[1] ?? '')
}

const bareName = (name: string) => name.toLowerCase().replace(/^__(?:host-http|host|secure|http)-/, '')
