import { type AccessTokens, type BffError, type DpopKeyPair, systemClock } from '@bff/core'
import { type FetchedToken, option, readOptions, type TokenKeeper, tokenKeeper } from '@bff/core/authoring'
import type { Configuration, TokenEndpointResponse } from 'openid-client'
import { type Announced, announce } from './announce.ts'
import { type Client, createClient } from './client.ts'
import { explain, unavailable } from './explain.ts'
import { resources } from './option-rules.ts'
import { CLIENT_OPTIONS, type OidcOptions, resolveOptions, type Settings } from './options.ts'
import { requireTokenType, tokensOf } from './token-answer.ts'

/** The options of {@link clientCredentials} and {@link tokenExchange}, besides the client's authentication. */
export interface ApiTokenOptions
  extends Announced,
    Omit<
      OidcOptions,
      | 'scope'
      | 'acceptIssuer'
      | 'parameters'
      | 'dangerouslyAcceptUntypedLogoutTokens'
      | 'resource'
      | 'audience'
      | 'par'
      | 'idTokenHint'
      | 'logoutReturnParameter'
      | 'responseMode'
      | 'userinfo'
      | 'signingAlgorithms'
      | 'clockToleranceMs'
      | 'profile'
    > {
  /** The requested scope. @default none: the provider decides */
  readonly scope?: string
  /** The API the token is for, as an absolute URI (RFC 8707). @default none */
  readonly resource?: string
  /** The API the token is for, as the provider names it, such as Auth0's `audience`. @default none */
  readonly audience?: string
}

/** The rules of {@link ApiTokenOptions}. */
export const API_TOKEN_OPTIONS = {
  ...CLIENT_OPTIONS,
  scope: option.optional(option.text()),
  resource: option.optional(option.text()),
  audience: option.optional(option.text()),
  onEvent: option.sink(),
}

/** Requests and keeps access tokens for one API. */
export interface ApiTokens {
  /** `scope`, `resource` and `audience`, as the token endpoint takes them. */
  readonly parameters: Readonly<Record<string, string>>
  readonly client: Client
  readonly keep: TokenKeeper
}

/**
 * @param of the function whose options they are
 * @throws BffError `invalid_config` with the option and the values it accepts
 */
export function apiTokens(of: string, options: ApiTokenOptions, limit: number): ApiTokens {
  const { scope: _, resource: __, audience: ___, onEvent, ...client } = options
  const { scope, resource, audience } = readOptions(of, options, API_TOKEN_OPTIONS)
  readOptions(of, { resource }, { resource: resources })
  const settings = resolveOptions(of, client)
  announce(insecureIn(of, settings), options.clock ?? systemClock, onEvent)
  const chosen = Object.entries({ scope, resource, audience }).flatMap(([name, value]) =>
    value === undefined ? [] : [[name, value] as const],
  )
  return {
    parameters: Object.fromEntries(chosen),
    client: createClient(settings),
    keep: tokenKeeper(settings.clock, limit),
  }
}

/** The insecure options under the name of the function that has them. */
const insecureIn = (of: string, { insecureOptions }: Settings) =>
  insecureOptions.map(({ option, message }) => ({ option: option.replace(/^oidc\b/, of), message }))

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
