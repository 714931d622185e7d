import type { TokenTarget } from '../contracts/session.ts'
import { BffError } from '../internal/bff-error.ts'
import { refuseUnknown } from '../internal/options.ts'
import type { ProxyRoute, UserTokenSource } from './proxy-route.ts'
import { decodePath, isForwardable, isHeaderName, REQUEST_HEADERS } from './request.ts'

const DEFAULTS = {
  stripPrefix: true,
  token: 'user',
  csrf: 'header',
  methods: ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS'],
  allowPathParameters: false,
  webSocket: false,
  forwardHeaders: [],
  removeHeaders: [],
  removeResponseHeaders: [],
  allowSetCookie: [],
  maxBodyBytes: 10_485_760,
  replayBodyBytes: 65_536,
  headersTimeoutMs: 30_000,
  idleTimeoutMs: 60_000,
  totalTimeoutMs: 0,
} as const satisfies Partial<ProxyRoute>

type Defaulted = Required<Pick<ProxyRoute, keyof typeof DEFAULTS>>

interface Target {
  readonly origin: string
  /** Empty without a base path; never ends in a slash. */
  readonly basePath: string
}

/** A route whose options are checked and complete. */
export interface Route extends Omit<ProxyRoute, keyof Defaulted | 'userToken'>, Defaulted, Target {
  readonly userToken?: UserTokenSource
  /** Names of the client's headers to pass on. */
  readonly requestHeaders: readonly string[]
}

type Check = readonly [test: (value: unknown) => boolean, must: string]

const isString = (value: unknown): value is string => typeof value === 'string'
const isList = (value: unknown, test: (one: string) => boolean) =>
  Array.isArray(value) && value.every((one) => isString(one) && isHeaderName(one) && test(one))
const upTo = (max: number, unit: string): Check => [
  (value) => Number.isInteger(value) && Number(value) >= 0 && Number(value) <= max,
  `be a whole number of ${unit} from 0 to ${max}`,
]

const FLAG: Check = [(value) => typeof value === 'boolean', 'be true or false']
const HOOK: Check = [(value) => typeof value === 'function', 'be a function']
const NAMES: Check = [(value) => isList(value, () => true), 'be a list of names']
const BYTES = upTo(Number.MAX_SAFE_INTEGER, 'bytes')
const TIME = upTo(2 ** 31 - 1, 'milliseconds')

const CHECKS: Readonly<Record<keyof ProxyRoute, Check>> = {
  path: [
    (value) => isString(value) && !/\/$|[%;]/.test(value) && decodePath(value) !== null,
    'begin with a slash, such as /api, and not end with one',
  ],
  target: [
    (value) => isString(value) && parseTarget(value) !== null,
    'be an http or https URL such as https://orders.internal/v1, without credentials, query and fragment',
  ],
  stripPrefix: FLAG,
  rewritePath: HOOK,
  token: [
    (value) => /^(?:user|userOrNone|none|client|userOrClient)$/.test(String(value)),
    "be 'user', 'userOrNone', 'none', 'client' or 'userOrClient'",
  ],
  csrf: [(value) => value === 'header' || value === 'same-origin', "be 'header' or 'same-origin'"],
  clientToken: HOOK,
  userToken: [
    (value) => typeof value === 'function' || isTarget(value),
    'be a function, or an object with resource, audience or scope',
  ],
  methods: [
    (value) => isList(value, (one) => !/^(?:CONNECT|TRACE|TRACK)$|[a-z]/.test(one)),
    'be a list of upper-case methods other than CONNECT and TRACE',
  ],
  allowPathParameters: FLAG,
  webSocket: FLAG,
  forwardHeaders: [
    (value) => isList(value, isForwardable),
    'be a list of header names; credentials, forwarding and connection headers are never taken from a client',
  ],
  removeHeaders: NAMES,
  removeResponseHeaders: NAMES,
  allowSetCookie: NAMES,
  onRequest: HOOK,
  maxBodyBytes: BYTES,
  replayBodyBytes: BYTES,
  headersTimeoutMs: TIME,
  idleTimeoutMs: TIME,
  totalTimeoutMs: TIME,
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
  if (twice !== undefined) throw invalid(twice, 'is listed twice: remove one')
  return routes.sort((a, b) => b.path.length - a.path.length)
}

const invalid = (path: unknown, text: string) =>
  new BffError('invalid_config', `The proxy route ${String(path)} ${text}.`)

function resolveRoute(given: ProxyRoute, ownCookies: readonly string[]): Route {
  refuseUnknown(`the proxy route ${String(given.path)}`, given, Object.keys(CHECKS))
  const present = Object.entries(given).filter(([, value]) => value !== undefined)
  for (const [key, value] of present) {
    const [test, must] = CHECKS[key as keyof ProxyRoute]
    if (!test(value)) throw invalid(given.path, `is not valid: ${key} must ${must}`)
  }
  const target = parseTarget(given.target)
  if (target === null || given.path === undefined) throw invalid(given.path, 'needs a path and a target')
  const options = { ...given, ...DEFAULTS, ...Object.fromEntries(present) } as ProxyRoute & Defaulted
  const clash = options.allowSetCookie.find((name) => ownCookies.some((own) => isVariation(name, own)))
  if (clash !== undefined)
    throw invalid(given.path, `must not allow ${clash}: it is, or looks like, a cookie of the BFF`)
  if (/lient$/.test(options.token) !== (options.clientToken !== undefined))
    throw invalid(given.path, "needs clientToken exactly when its token is 'client' or 'userOrClient'")
  const removeHeaders = lowerCase(options.removeHeaders)
  const { userToken, ...others } = options
  return {
    ...others,
    ...(userToken !== undefined && { userToken: sourceOf(userToken) }),
    ...target,
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
  Object.entries(value).every(([name, text]) => TARGET.includes(name) && isString(text) && text !== '')

const sourceOf = (userToken: TokenTarget | UserTokenSource): UserTokenSource =>
  typeof userToken === 'function'
    ? userToken
    : (session, { rejected }) => session.tokensFor(userToken, { rejected })

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
