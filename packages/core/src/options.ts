import type { BffConfig } from './contracts/config.ts'
import type { ResolvedOptions } from './contracts/resolved-options.ts'
import type { Stores } from './contracts/stores.ts'
import { REVOCATION_POLICIES, type RevocationPolicy } from './contracts/token-revocation.ts'
import { BffError } from './internal/bff-error.ts'
import { localPath } from './internal/http/return-to.ts'
import { systemClock } from './internal/system-clock.ts'
import { refuseUnknown } from './internal/unknown-option.ts'

const invalid = (message: string) => new BffError('invalid_config', message)

type Limits = readonly [fallback: number, min: number, max: number]

const DAY = 86_400_000
const YEAR = 365 * DAY

const NUMBERS = {
  session: {
    idleTimeoutMs: [8 * 3_600_000, 1_000, YEAR],
    absoluteTimeoutMs: [7 * DAY, 1_000, YEAR],
    touchShare: [0.1, 0, 0.5],
    rotationGraceMs: [30_000, 0, 600_000],
    maxPerUser: [0, 0, 10_000],
  },
  login: { transactionTtlMs: [600_000, 1_000, 600_000], maxPending: [4, 1, 10] },
  refresh: {
    thresholdMs: [300_000, 0, DAY],
    defaultTokenLifeMs: [300_000, 1_000, YEAR],
    leaseMs: [30_000, 1_000, 600_000],
    waitMs: [10_000, 0, 600_000],
  },
} as const satisfies Record<string, Record<string, Limits>>

/** The options of each section that are not numbers; the empty name is the configuration itself. */
const PARTS_KEYS = {
  '': [
    'origin',
    'store',
    'encryptionKeys',
    'encryptor',
    'provider',
    'cookie',
    'session',
    'csrf',
    'logout',
  ].concat(['refresh', 'clientAddress', 'hooks', 'onEvent', 'clock']),
  cookie: ['name', 'sameSite'],
  session: ['metadata', 'endWithAccessToken'],
  csrf: ['headerName', 'headerValue', 'allowedOrigins'],
  logout: ['revokeTokens'],
  refresh: [],
  hooks: ['onSessionLoad', 'onSessionExpired', 'onSessionInvalid', 'onNoSession', 'onRefresh'],
}

const HOOKS_OF_ENDPOINTS = ['onCreateSession', 'onLogout', 'onUserClaims']

const KEYS = {
  createParts: PARTS_KEYS,
  createBff: {
    ...PARTS_KEYS,
    '': [...PARTS_KEYS[''], 'basePath', 'login', 'proxy', 'plugins'],
    login: ['returnTo', 'errorPath', 'parameters'],
    logout: [...PARTS_KEYS.logout, 'returnTo', 'endProviderSession'],
    hooks: [...PARTS_KEYS.hooks, ...HOOKS_OF_ENDPOINTS],
  },
}

/**
 * Checks a configuration and fills in its defaults; a typo must not become a silent default.
 *
 * @param of the function that takes it: only `createBff` has options for endpoints
 * @throws BffError `invalid_config` with the option and the values it accepts
 */
export function resolveOptions<Metadata>(
  config: BffConfig<Metadata>,
  of: keyof typeof KEYS = 'createBff',
): ResolvedOptions {
  for (const [section, keys] of Object.entries(KEYS[of]))
    checkKeys(section || of, section === '' ? config : config[section as keyof typeof config], keys)
  // Also as methods of a class: a hook that refuses sign-ins must not be one that core never calls.
  const unusedHook = of === 'createParts' && HOOKS_OF_ENDPOINTS.find((hook) => hook in (config.hooks ?? {}))
  if (unusedHook) throw invalid(`createParts makes no endpoint that calls hooks.${unusedHook}. Remove it.`)
  const { sessions, ttl, events }: Partial<Stores> = config.store ?? {}
  if (!sessions || !ttl || !events)
    throw invalid('store must hold sessions, ttl and events, as memoryStore() does.')
  if ((config.encryptionKeys === undefined) === (config.encryptor === undefined))
    throw invalid('Set either encryptionKeys or encryptor. Make a key with: openssl rand -base64 32')

  const origin = checkedOrigin('origin', config.origin)
  const secure = origin.startsWith('https://')
  const cookieName = config.cookie?.name ?? (secure ? '__Host-Http-bff' : 'bff')
  token('cookie.name', cookieName)
  if (!secure && /^__(Host|Secure|Http)-/i.test(cookieName))
    throw invalid('cookie.name has a prefix that browsers accept only over https.')
  const sameSite = config.cookie?.sameSite ?? 'strict'
  if (sameSite !== 'strict' && sameSite !== 'lax') throw invalid('cookie.sameSite must be strict or lax.')
  const basePath = config.basePath ?? '/bff'
  if (!/^(\/[\w.~-]+)+$/.test(basePath))
    throw invalid('basePath must be a path such as /bff, not ending in a slash.')

  return {
    origin,
    secure,
    basePath,
    cookieName,
    sessionCookie: { secure, sameSite } as const,
    // A Strict cookie is not sent on the redirect back from the provider (BFF-25).
    loginCookie: { secure, sameSite: 'lax' } as const,
    csrf: {
      headerName: token('csrf.headerName', config.csrf?.headerName ?? 'x-csrf').toLowerCase(),
      headerValue: token('csrf.headerValue', config.csrf?.headerValue ?? '1'),
      origin,
      allowedOrigins: new Set(
        (config.csrf?.allowedOrigins ?? []).map((one) => checkedOrigin('csrf.allowedOrigins', one)),
      ),
    },
    session: {
      ...numbers('session', config.session),
      endWithAccessToken: config.session?.endWithAccessToken ?? true,
    },
    login: {
      ...numbers('login', config.login),
      returnTo: pathOption('login.returnTo', config.login?.returnTo),
      errorPath: pathOption('login.errorPath', config.login?.errorPath),
      parameters: config.login?.parameters ?? {},
    },
    logout: {
      returnTo: pathOption('logout.returnTo', config.logout?.returnTo),
      endProviderSession: config.logout?.endProviderSession ?? true,
      revokeTokens: revocationPolicy(config.logout?.revokeTokens),
    },
    refresh: numbers('refresh', config.refresh),
    clock: config.clock ?? systemClock,
  }
}

function checkKeys(section: string, value: unknown, keys: readonly string[]): void {
  if (value === undefined) return
  const numeric = section in NUMBERS ? Object.keys(NUMBERS[section as keyof typeof NUMBERS]) : []
  refuseUnknown(section, value, [...numeric, ...keys])
}

function numbers<S extends keyof typeof NUMBERS>(
  section: S,
  given: object | undefined,
): { [K in keyof (typeof NUMBERS)[S]]: number } {
  const limits: Record<string, Limits> = NUMBERS[section]
  const values = (given ?? {}) as Record<string, unknown>
  const resolved = Object.entries(limits).map(([key, [fallback, min, max]]) => {
    const value = values[key] ?? fallback
    if (typeof value !== 'number' || !(value >= min && value <= max))
      throw invalid(`${section}.${key} must be a number from ${min} to ${max}.`)
    return [key, value]
  })
  return Object.fromEntries(resolved)
}

function checkedOrigin(option: string, value: unknown): string {
  const { origin, protocol, hostname } = new URL(URL.canParse(String(value)) ? String(value) : 'about:')
  if (origin !== value)
    throw invalid(
      `${option} must be a bare origin such as ${origin === 'null' ? 'https://app.example.com' : origin}, without path or default port.`,
    )
  if (protocol !== 'https:' && !(protocol === 'http:' && hostname === 'localhost'))
    throw invalid(`${option} must use https; plain http is only for http://localhost.`)
  return origin
}

function token(option: string, value: unknown): string {
  if (typeof value !== 'string' || !/^[\w!#$%&'*+.^`|~-]+$/.test(value))
    throw invalid(`${option} must be a token of letters, digits and -._~.`)
  return value
}

function pathOption(option: string, value = '/'): string {
  const path = localPath(value)
  if (path === null) throw invalid(`${option} must be a local path such as /home.`)
  return path
}

function revocationPolicy(value: unknown = 'when-last'): RevocationPolicy {
  const policy = REVOCATION_POLICIES.find((known) => known === value)
  if (policy === undefined)
    throw invalid(`logout.revokeTokens must be one of: ${REVOCATION_POLICIES.join(', ')}.`)
  return policy
}
