import { type AccessTokens, BffError, type DpopKeyPair } from '@bff/core'
import type { Configuration, TokenEndpointResponse } from 'openid-client'
import { type Announced, announce } from './announce.ts'
import { invalid } from './check.ts'
import { type Client, createClient } from './client.ts'
import { explain, unavailable } from './explain.ts'
import { OIDC_OPTIONS, type OidcOptions, resolveOptions } from './options.ts'
import { requireTokenType, tokensOf } from './token-answer.ts'
import { type FetchedToken, type TokenKeeper, tokenKeeper } from './token-keeper.ts'

/** The options of {@link clientCredentials} and {@link tokenExchange}, besides the client's authentication. */
export interface ApiTokenOptions
  extends Announced,
    Omit<
      OidcOptions,
      | 'scope'
      | 'par'
      | 'idTokenHint'
      | 'logoutReturnParameter'
      | 'responseMode'
      | 'signingAlgorithms'
      | 'clockToleranceMs'
    > {
  /** The requested scope. @default none: the provider decides */
  readonly scope?: string
  /** The API the token is for, as an absolute URI (RFC 8707). @default none */
  readonly resource?: string
  /** The API the token is for, as the provider names it, such as Auth0's `audience`. @default none */
  readonly audience?: string
}

const OF_SIGN_IN = [
  'par',
  'idTokenHint',
  'logoutReturnParameter',
  'responseMode',
  'signingAlgorithms',
  'clockToleranceMs',
]

/** The names of {@link ApiTokenOptions}. */
export const API_TOKEN_OPTIONS = [
  ...OIDC_OPTIONS.filter((name) => !OF_SIGN_IN.includes(name)),
  'resource',
  'audience',
  'onEvent',
]

/** Requests and keeps access tokens for one API. */
export interface ApiTokens {
  /** `scope`, `resource` and `audience`, as the token endpoint takes them. */
  readonly parameters: Readonly<Record<string, string>>
  readonly client: Client
  readonly keep: TokenKeeper
}

/**
 * @param owner the function whose options they are
 * @throws BffError `invalid_config` with the option and the values it accepts
 */
export function apiTokens(owner: string, options: ApiTokenOptions, limit: number): ApiTokens {
  const { scope, resource, audience, onEvent, ...rest } = options
  const chosen = Object.entries({ scope, resource, audience }).flatMap(([name, value]) => {
    if (value === undefined) return []
    if (typeof value !== 'string' || value === '') throw invalid(`${name} must be a non-empty string.`)
    return [[name, value] as const]
  })
  if (resource !== undefined && !isResource(resource))
    throw invalid('resource must be an absolute URI without a fragment (RFC 8707).')
  const client = createClient(resolveOptions(rest))
  const { insecureOptions, clock } = client.settings
  const own = insecureOptions.map(({ option, message }) => ({
    option: option.replace(/^oidc\b/, owner),
    message,
  }))
  announce(own, clock, onEvent)
  return {
    parameters: Object.fromEntries(chosen),
    client,
    keep: tokenKeeper(clock, limit),
  }
}

const isResource = (value: string) => URL.canParse(value) && !value.includes('#')

interface Asking {
  readonly keyPair: DpopKeyPair | null
  /** The user of the token, or an empty string for the application itself. */
  readonly source: string
  /** Returns the error for a refusal by the provider. */
  readonly onRefusal: (code: string, cause: Error) => BffError
}

/**
 * Calls the token endpoint, and checks that it granted the request. Several callers may wait for the response, so none of
 * them can abort it; the transport's deadline ends it.
 */
export function fetchToken(
  { client }: ApiTokens,
  { keyPair, source, onRefusal }: Asking,
  grant: (configuration: Configuration) => Promise<TokenEndpointResponse>,
): Promise<FetchedToken> {
  const verdicts = { onRefusal, onInvalidAnswer: unavailable }
  return client.transport.call(
    {
      keyPair,
      admit: () => client.breaker.admit(source),
      explain: (error, call) => explain(error, call, verdicts),
    },
    async (call) => {
      const answer = await grant(await client.configuration(call))
      requireTokenType(answer, keyPair !== null)
      const { accessToken, expiresIn } = tokensOf(answer, keyPair)
      const tokens: AccessTokens = { accessToken, dpopKeyPair: keyPair }
      return { tokens, expiresIn }
    },
  )
}

/** The provider refuses this application a token for the API: only its operator can fix that. */
export function apiRefused(code: string, cause: Error): BffError {
  return new BffError(
    'provider_misconfigured',
    `The identity provider refused a token for the API (${code}). Its operator must check scope, resource and grants.`,
    { cause },
  )
}
