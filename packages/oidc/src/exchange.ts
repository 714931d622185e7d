import type { BffError, Grant, ProviderTransaction, RefusedGrant } from '@bff/core'
import { errors } from 'jose'
import { type AuthorizationCodeGrantChecks, authorizationCodeGrant } from 'openid-client'
import { causeOf } from './cause.ts'
import type { Client } from './client.ts'
import { explain } from './explain.ts'
import { keptIdToken, userClaims, verifySignature } from './id-token.ts'
import { withIssuerOfToken } from './issuer-of-token.ts'
import { loginInvalid, loginRefused } from './login-errors.ts'
import { ownTarget } from './own-target.ts'
import { requireTokenType, type TokenAnswer, tokensOf } from './token-answer.ts'
import { readTransaction, type Transaction } from './transaction.ts'
import type { Call } from './transport.ts'
import { fetchUserInfo, isUserInfoWanted } from './userinfo.ts'

/** Half a surrogate pair becomes `U+FFFD` in UTF-8, so that two subjects would be one in a store and in a hash. */
const SUBJECT = /^[^\p{Cc}\p{Cs}]+$/u
const MAX_SUBJECT_LENGTH = 255

interface Callback {
  readonly url: string
  readonly state: string
  readonly signal?: AbortSignal
  readonly onRefused?: (grant: RefusedGrant) => void
}

/**
 * Completes a sign-in: checks `state` and `iss` (RFC 9207), exchanges the code, and checks the ID token and its signature.
 */
export async function exchange(
  client: Client,
  callback: Callback,
  begun: ProviderTransaction,
): Promise<Grant> {
  const transaction = readTransaction(begun, client.settings.issuer)
  return client.transport.call(
    { signal: callback.signal, keyPair: transaction.dpopKeyPair, explain: explainExchange },
    (call) => redeem(client, call, callback, transaction),
  )
}

async function redeem(
  client: Client,
  call: Call,
  callback: Callback,
  transaction: Transaction,
): Promise<Grant> {
  const { settings } = client
  const url = callbackUrl(callback.url, transaction.redirectUri)
  const checks: AuthorizationCodeGrantChecks = {
    expectedState: callback.state,
    expectedNonce: transaction.nonce,
    pkceCodeVerifier: transaction.codeVerifier,
    idTokenExpected: true,
    ...(transaction.maxAge === null ? {} : { maxAge: transaction.maxAge }),
  }
  const answer = await withIssuerOfToken(client, call, url.searchParams.get('iss'), (configuration) =>
    authorizationCodeGrant(configuration, url, checks, ownTarget(settings)),
  )
  try {
    return await grantOf(client, call, url, answer, transaction)
  } catch (error) {
    callback.onRefused?.({
      refreshToken: answer.refresh_token ?? null,
      dpopKeyPair: transaction.dpopKeyPair,
      issuer: answer.claims()?.iss ?? settings.issuer,
      subject: answer.claims()?.sub ?? null,
    })
    throw error
  }
}

/** Returns the grant of the response, after all checks. */
async function grantOf(
  client: Client,
  call: Call,
  url: URL,
  answer: TokenAnswer,
  transaction: Transaction,
): Promise<Grant> {
  requireTokenType(answer, transaction.dpopKeyPair !== null)
  const claims = answer.claims()
  if (answer.id_token === undefined || claims === undefined || !isSubject(claims.sub)) {
    throw loginInvalid(new Error('The id token names no usable subject.'))
  }
  await verifySignature(client, answer.id_token, call.signal)
  if (!(await client.settings.issuers.accepts(claims)))
    throw loginInvalid(new Error('Its issuer is not accepted.'))
  requireAcr(claims['acr'], transaction.acrValues)
  const tokens = tokensOf(answer, transaction.dpopKeyPair)
  // Left out, it is what was asked for (RFC 6749 §5.1).
  const scope = answer.scope ?? client.settings.scope
  const userInfo = (await isUserInfoWanted(client, claims, scope, call.signal))
    ? {
        userInfo: await fetchUserInfo(client, tokens, {
          subject: claims.sub,
          issuer: claims.iss,
          signal: call.signal,
        }),
      }
    : {}
  return {
    ...tokens,
    ...userInfo,
    scope,
    idToken: keptIdToken(client, answer.id_token),
    claims: userClaims(claims),
    issuer: claims.iss,
    subject: claims.sub,
    providerSessionId: text(claims['sid']),
    sessionState: url.searchParams.get('session_state'),
  }
}

/** Returns the registered redirect URI with the callback's parameters: the server's own view of its address is not used. */
function callbackUrl(received: string, redirectUri: string): URL {
  const url = new URL(redirectUri)
  url.search = new URL(received, redirectUri).search
  return url
}

/**
 * Throws when the provider's `acr` is not one of the requested values, which the provider may ignore (OpenID Connect Core
 * §3.1.2.1, CKS-17).
 */
function requireAcr(acr: unknown, asked: string | null): void {
  if (asked === null || (typeof acr === 'string' && asked.split(' ').includes(acr))) return
  throw loginInvalid(new Error('The id token was not made in one of the ways acr_values asked for.'))
}

function isSubject(sub: string): boolean {
  return SUBJECT.test(sub) && sub.length <= MAX_SUBJECT_LENGTH
}

function text(value: unknown): string | null {
  return typeof value === 'string' && value !== '' ? value : null
}

function explainExchange(error: unknown, call: Call): BffError {
  if (error instanceof errors.JOSEError) return loginInvalid(causeOf(error))
  return explain(error, call, { onRefusal: loginRefused, onInvalidAnswer: loginInvalid })
}
