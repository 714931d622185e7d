import type { Grant, IdentityProvider, ProviderTransaction, RefreshRequest } from '@bff/core'
import { oidc } from '../../src/index.ts'
import type { OidcOptions } from '../../src/options.ts'
import { CLIENT, json, type ScriptedProvider } from './scripted-provider.ts'

export const REDIRECT_URI = 'http://localhost:3000/bff/callback'
export const STATE = 'state-of-the-test'

export function providerFor(
  scripted: ScriptedProvider,
  options: Partial<OidcOptions> = {},
): IdentityProvider {
  return oidc({ issuer: scripted.issuer, clock: scripted.clock, ...CLIENT, ...options })
}

export interface Begun {
  readonly url: URL
  readonly nonce: string
  readonly transaction: ProviderTransaction
}

export async function begin(
  provider: IdentityProvider,
  parameters: Readonly<Record<string, string>> = {},
): Promise<Begun> {
  const { url, transaction } = await provider.authorize({
    redirectUri: REDIRECT_URI,
    state: STATE,
    parameters,
  })
  // As the core does: sealed as JSON and opened again.
  return {
    url: new URL(url),
    nonce: String(transaction['nonce']),
    transaction: JSON.parse(JSON.stringify(transaction)),
  }
}

export function callback(scripted: ScriptedProvider, parameters: Record<string, string> = {}) {
  const query = new URLSearchParams({ code: 'a-code', state: STATE, iss: scripted.issuer, ...parameters })
  return { url: `${REDIRECT_URI}?${query}`, state: STATE }
}

export const TOKENS = {
  access_token: 'access-1',
  token_type: 'Bearer',
  expires_in: 60,
  refresh_token: 'refresh-1',
}

/** Alice's, of a session that says neither who issued it nor for what. */
export const refreshRequest = (changes: Partial<RefreshRequest> = {}): RefreshRequest => ({
  refreshToken: 'refresh-0',
  dpopKeyPair: null,
  issuer: null,
  subject: 'alice',
  scope: null,
  ...changes,
})

/** Begins a sign-in and answers the code with an id token of `claims` and `answer` over the usual tokens. */
export async function signIn(
  scripted: ScriptedProvider,
  provider: IdentityProvider,
  options: {
    claims?: Record<string, unknown>
    answer?: Record<string, unknown>
    /** The issuer that the callback names, when it is not the scripted one. */
    iss?: string
    idToken?: (nonce: string) => Promise<string>
  } = {},
): Promise<Grant> {
  const { nonce, transaction } = await begin(provider)
  const idToken = await (options.idToken?.(nonce) ?? scripted.idToken({ nonce, ...options.claims }))
  scripted.on('/token', json(200, { ...TOKENS, id_token: idToken, ...options.answer }))
  return provider.exchange(
    callback(scripted, options.iss === undefined ? {} : { iss: options.iss }),
    transaction,
  )
}
