import type { BffConfig } from './contracts/config.ts'
import type { OriginSource } from './contracts/origin-source.ts'
import type { ResolvedOptions } from './contracts/resolved-options.ts'
import type { Stores } from './contracts/stores.ts'
import { REVOCATION_POLICIES } from './contracts/token-revocation.ts'
import { BffError } from './internal/bff-error.ts'
import { cookieName } from './internal/http/cookie.ts'
import { localPath } from './internal/http/return-to.ts'
import { flag, given, listOf, number, oneOf, origin, path, text, token } from './internal/option-rules.ts'
import { type OptionRule, readOptions, refuseUnknown } from './internal/options.ts'
import { systemClock } from './internal/system-clock.ts'

const invalid = (message: string) => new BffError('invalid_config', message)

const DAY = 86_400_000
const YEAR = 365 * DAY

/** A local path of the app, such as `/home`. */
const localPathOption: OptionRule<string> = (value = '/', invalid) => {
  const path = typeof value === 'string' ? localPath(value) : null
  if (path === null) throw invalid('must be a local path such as /home')
  return path
}

/** Endpoints of a BFF at `/` have the paths `/login`, `/callback` …: nothing precedes their slash. */
const basePathOption: OptionRule<string> = (value, invalid) =>
  value === '/' ? '' : path('/bff')(value, invalid)

const originOption: OptionRule<string | OriginSource> = (value, invalid) => {
  if (Array.isArray(value)) throw invalid('is one; origins() of @bff/core/origins takes several')
  return typeof value === 'object' && value !== null && 'find' in value
    ? (value as OriginSource)
    : origin()(value, invalid)
}

const SESSION = {
  idleTimeoutMs: number(8 * 3_600_000, 1_000, YEAR),
  absoluteTimeoutMs: number(7 * DAY, 1_000, YEAR),
  maxAuthenticationAgeMs: number(0, 0, YEAR),
  touchShare: number(0.1, 0, 0.5),
  rotationGraceMs: number(30_000, 0, 600_000),
  maxPerUser: number(0, 0, 10_000),
  endWithAccessToken: flag(true),
  metadata: given(),
}

const SESSION_OF_ENDPOINTS = { ...SESSION, publicMetadata: listOf(text()) }

const CSRF = { headerName: token('x-csrf'), headerValue: token('1'), allowedOrigins: listOf(origin()) }

const LOGIN = {
  transactionTtlMs: number(600_000, 1_000, 600_000),
  maxPending: number(4, 1, 10),
  returnTo: localPathOption,
  errorPath: localPathOption,
  keepParameters: listOf(token('')),
  parameters: given<Readonly<Record<string, string>>>({}),
}

const REVOKE_TOKENS = { revokeTokens: oneOf(REVOCATION_POLICIES) }
const LOGOUT = { ...REVOKE_TOKENS, returnTo: localPathOption, endProviderSession: flag(true) }

const REFRESH = {
  thresholdMs: number(300_000, 0, DAY),
  defaultTokenLifeMs: number(300_000, 1_000, YEAR),
  leaseMs: number(30_000, 1_000, 600_000),
  waitMs: number(10_000, 0, 600_000),
}

const HOOKS_OF_ENDPOINTS = ['onCreateSession', 'onLogout', 'onUserClaims']
const HOOKS = ['onSessionLoad', 'onSessionExpired', 'onSessionInvalid', 'onNoSession', 'onRefresh']

const PARTS = {
  origin: originOption,
  store: given<Partial<Stores>>({}),
  encryptionKeys: given(),
  encryptor: given(),
  provider: given(),
  cookie: given(),
  session: given(),
  csrf: given(),
  logout: given(),
  refresh: given(),
  clientAddress: given(),
  hooks: given(),
  onEvent: given(),
  clock: given(systemClock),
}

const BFF = {
  ...PARTS,
  basePath: basePathOption,
  returnToOrigins: listOf(origin()),
  login: given(),
  proxy: given(),
  plugins: given(),
  cache: given(),
}

/**
 * Checks a configuration and fills in its defaults; a typo must not become a silent default.
 *
 * @param of the function that takes it: only `createBff` has options for endpoints
 * @throws BffError `invalid_config` with the option and the values it accepts
 */
export function resolveOptions<Metadata>(
  config: BffConfig<Metadata>,
  of: 'createBff' | 'createParts' = 'createBff',
): ResolvedOptions {
  const hasEndpoints = of === 'createBff'
  const section = <const Rules extends Readonly<Record<string, OptionRule<unknown>>>>(
    name: string,
    options: object | undefined,
    rules: Rules,
  ) => readOptions(name, options, rules, '.')

  const {
    origin: given,
    clock,
    store,
    basePath,
    returnToOrigins,
  } = {
    basePath: '/bff',
    returnToOrigins: [],
    ...readOptions(of, config, hasEndpoints ? BFF : PARTS),
  }
  if (!store.sessions || !store.ttl || !store.events)
    throw invalid('store must hold sessions, ttl and events, as memoryStore() does.')
  if ((config.encryptionKeys === undefined) === (config.encryptor === undefined))
    throw invalid('Set either encryptionKeys or encryptor. Make a key with: openssl rand -base64 32')
  refuseUnknown('hooks', config.hooks ?? {}, hasEndpoints ? [...HOOKS, ...HOOKS_OF_ENDPOINTS] : HOOKS)
  // Also as methods of a class: a hook that refuses sign-ins must not be one that core never calls.
  const unusedHook = hasEndpoints
    ? undefined
    : HOOKS_OF_ENDPOINTS.find((hook) => hook in (config.hooks ?? {}))
  if (unusedHook) throw invalid(`createParts makes no endpoint that calls hooks.${unusedHook}. Remove it.`)

  const origins = typeof given === 'string' ? null : given
  const origin = typeof given === 'string' ? given : given.main
  const secure = origin.startsWith('https://')
  const { name, sameSite, persistent, partitioned } = section('cookie', config.cookie, {
    persistent: flag(true),
    partitioned: flag(false),
    name: cookieName(secure),
    sameSite: oneOf(['strict', 'lax', 'none']),
  })
  if ((sameSite === 'none') !== partitioned || (partitioned && !(secure && hasEndpoints)))
    throw invalid(
      "cookie: sameSite: 'none' and partitioned: true go together, on an https origin, in createBff.",
    )
  const { metadata: _, ...session } = {
    publicMetadata: [],
    ...section('session', config.session, hasEndpoints ? SESSION_OF_ENDPOINTS : SESSION),
  }
  const csrf = section('csrf', config.csrf, CSRF)
  return {
    origin,
    origins,
    secure,
    returnToOrigins: new Set(returnToOrigins),
    basePath,
    cookieName: name,
    sessionCookie: { secure, sameSite, persistent, partitioned },
    // A Strict cookie is not sent on the redirect back from the provider (BFF-25).
    loginCookie: { secure, sameSite: 'lax' },
    csrf: {
      headerName: csrf.headerName.toLowerCase(),
      headerValue: csrf.headerValue,
      origin,
      allowedOrigins: new Set(csrf.allowedOrigins),
      headerOnly: partitioned,
    },
    session,
    login: section('login', config.login, LOGIN),
    logout: {
      ...section('logout', undefined, LOGOUT),
      ...section('logout', config.logout, hasEndpoints ? LOGOUT : REVOKE_TOKENS),
    },
    refresh: section('refresh', config.refresh, REFRESH),
    clock,
  }
}
