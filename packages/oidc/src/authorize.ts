import { type AuthorizationRedirect, type AuthorizationRequest, BffError } from '@bff/core'
import { generateDpopKeyPair } from '@bff/core/dpop'
import {
  buildAuthorizationUrl,
  buildAuthorizationUrlWithPAR,
  type Configuration,
  calculatePKCECodeChallenge,
  randomNonce,
  randomPKCECodeVerifier,
} from 'openid-client'
import { causeOf } from './cause.ts'
import type { Client } from './client.ts'
import { explain } from './explain.ts'
import { loginRefused } from './login-errors.ts'
import { PROTOCOL_PARAMETERS } from './protocol-parameters.ts'
import { writeTransaction } from './transaction.ts'
import type { Call } from './transport.ts'

/** Begins a sign-in: the code flow with PKCE (RFC 7636, BFF-02, BFF-18, BFF-19), pushed when the provider offers it. */
export async function authorize(
  client: Client,
  request: AuthorizationRequest,
): Promise<AuthorizationRedirect> {
  const { settings } = client
  refuseProtocolParameters(request.parameters)
  const asked = { ...settings.parameters, ...request.parameters }
  const maxAge = maxAgeOf(asked['max_age'])
  const dpopKeyPair = settings.dpop ? await generateDpopKeyPair() : null
  const nonce = randomNonce()
  const codeVerifier = randomPKCECodeVerifier()
  const parameters = new URLSearchParams({
    ...asked,
    client_id: settings.clientId,
    redirect_uri: request.redirectUri,
    response_type: 'code',
    ...(settings.responseMode === 'query' ? {} : { response_mode: settings.responseMode }),
    scope: settings.scope,
    state: request.state,
    nonce,
    code_challenge: await calculatePKCECodeChallenge(codeVerifier),
    code_challenge_method: 'S256',
    ...(dpopKeyPair === null ? {} : { dpop_jkt: dpopKeyPair.thumbprint }),
    ...(settings.audience === null ? {} : { audience: settings.audience }),
  })
  if (settings.resources.length > 0) parameters.delete('resource')
  for (const resource of settings.resources) parameters.append('resource', resource)
  const url = await client.transport.call(
    { signal: request.signal, keyPair: dpopKeyPair, explain: explainAuthorize },
    (call) => authorizationUrl(client, call, parameters),
  )
  const transaction = writeTransaction({
    issuer: settings.issuer,
    redirectUri: request.redirectUri,
    nonce,
    codeVerifier,
    maxAge,
    acrValues: asked['acr_values'] ?? null,
    dpopKeyPair,
  })
  return { url, transaction }
}

async function authorizationUrl(client: Client, call: Call, parameters: URLSearchParams): Promise<string> {
  const configuration = await client.configuration(call)
  const pushed = (await isPushed(client, call))
    ? await pushedUrl(client, configuration, call, parameters)
    : null
  return (pushed ?? buildAuthorizationUrl(configuration, parameters)).href
}

/**
 * Not allowed, not found, wrong method: some providers advertise an endpoint that they do not offer to every application.
 */
const PUSH_REFUSALS: ReadonlySet<number> = new Set([403, 404, 405])

/** Returns `null` when the provider refuses all pushed requests, and does not require them. */
async function pushedUrl(
  { settings, pushes }: Client,
  configuration: Configuration,
  call: Call,
  parameters: URLSearchParams,
): Promise<URL | null> {
  try {
    return await buildAuthorizationUrlWithPAR(configuration, parameters)
  } catch (error) {
    const status = call.answer()?.status
    if (status === undefined || !PUSH_REFUSALS.has(status)) throw error
    if (settings.par === 'auto' && !configuration.serverMetadata().require_pushed_authorization_requests) {
      pushes.refused()
      return null
    }
    throw new BffError(
      'provider_misconfigured',
      `The identity provider advertises pushed authorization requests (PAR) and refused one (HTTP ${status}). Its operator must allow them to this application, or the option par must be never.`,
      { cause: causeOf(error) },
    )
  }
}

async function isPushed({ settings, metadata, pushes }: Client, call: Call): Promise<boolean> {
  const { pushed_authorization_request_endpoint: endpoint } = await metadata(call.signal)
  if (settings.par === 'always' && endpoint === undefined) {
    throw new BffError(
      'provider_misconfigured',
      'The identity provider offers no pushed authorization requests. Set par to auto or never.',
    )
  }
  if (settings.par === 'auto' && !pushes.areWorthTrying()) return false
  return settings.par !== 'never' && endpoint !== undefined
}

function refuseProtocolParameters(parameters: Readonly<Record<string, string>>): void {
  const taken = PROTOCOL_PARAMETERS.find((name) => Object.hasOwn(parameters, name))
  if (taken === undefined) return
  throw new BffError('invalid_argument', `The app must not set the parameter ${taken}. Remove it.`)
}

function maxAgeOf(value: string | undefined): number | null {
  if (value === undefined) return null
  if (!/^\d{1,9}$/.test(value)) {
    throw new BffError('bad_request', 'The parameter max_age must be a whole number of seconds.')
  }
  return Number(value)
}

function explainAuthorize(error: unknown, call: Call): BffError {
  return explain(error, call, {
    // Without a pushed request, the same refusal would come back as an error at the callback.
    onRefusal: loginRefused,
    onInvalidAnswer: (cause) => new BffError('provider_unavailable', undefined, { cause }),
  })
}
