import type { Claims } from '@bff/core'
import { decodeJwt, type JWTPayload } from 'jose'
import { customFetch } from 'openid-client'
import { isObject } from './answer.ts'
import type { Client, Configure } from './client.ts'
import type { Invalid } from './option-rules.ts'
import type { Call } from './transport.ts'

/** Decides whether tokens of `issuer` are accepted; `claims` are those of the token, whose signature is verified. */
export type AcceptIssuer = (issuer: string, claims: Claims) => boolean | Promise<boolean>

/** The issuers of the tokens of one provider: one, or the tenants of an issuer with a placeholder. */
export interface Issuers {
  readonly areMany: boolean
  /** Returns whether the issuer may be one of them, by its form. */
  fits(issuer: unknown): issuer is string
  /** Returns whether the app accepts the issuer of a verified token. */
  accepts(claims: Claims | JWTPayload): Promise<boolean>
}

const PLACEHOLDER = /\{\w{1,64}\}/g

export const hasPlaceholder = (issuer: string): boolean => issuer.search(PLACEHOLDER) !== -1

/** @throws BffError `invalid_config` unless `acceptIssuer` is there exactly when the issuer has a placeholder */
export function requireAcceptance(issuer: string, accept: AcceptIssuer | undefined, invalid: Invalid): void {
  const areMany = hasPlaceholder(issuer)
  if (areMany === (accept !== undefined)) return
  throw invalid(
    areMany
      ? 'issuer has a placeholder, so anyone can have a tenant there. Set acceptIssuer, which decides whose users may sign in'
      : 'acceptIssuer needs an issuer with a placeholder, such as https://login.example.com/{tenantid}/v2.0',
  )
}

export function issuersOf(issuer: string, accept: AcceptIssuer | undefined): Issuers {
  const areMany = hasPlaceholder(issuer)
  const parts = issuer.split(PLACEHOLDER).map((part) => part.replace(/[.*+?^${}()|[\]\\]/g, '\\$&'))
  const pattern = new RegExp(`^${parts.join('[\\w.-]{1,128}')}$`)
  const fits = (one: unknown): one is string =>
    typeof one === 'string' && (areMany ? pattern.test(one) : one === issuer)
  return {
    areMany,
    fits,
    accepts: async (claims) =>
      fits(claims['iss']) &&
      (accept === undefined ? !areMany : (await accept(claims['iss'], { ...claims })) === true),
  }
}

/**
 * Calls `grant` with a configuration that expects the issuer which the ID token of the response names. Where there are many, it
 * is known only then: the response is held back and given to a second configuration, which makes every check with it.
 *
 * @param named the issuer that the callback names (RFC 9207), which must be the same; `null` without one
 */
export async function withIssuerOfToken<Answer>(
  client: Client,
  call: Call,
  named: string | null,
  grant: (configuration: Awaited<ReturnType<Configure>>) => Promise<Answer>,
): Promise<Answer> {
  const { issuers } = client.settings
  if (!issuers.areMany) return grant(await client.configuration(call))
  let held: Response | undefined
  const asking = await client.configuration(call, issuers.fits(named) ? named : undefined)
  asking[customFetch] = async (...request) => {
    held = await call.fetch(...request)
    throw new Error('The response is held back until its issuer is known.')
  }
  const failure = await grant(asking).catch((error: unknown) => error)
  if (held === undefined) throw failure
  const response = held
  const issuer = issuerIn(await response.clone().text())
  const checking = await client.configuration(call, [issuer, named].find(issuers.fits))
  checking[customFetch] = async () => response
  return grant(checking)
}

/** Returns the issuer that the ID token in a token response names, unverified. */
function issuerIn(body: string): unknown {
  try {
    const answer: unknown = JSON.parse(body)
    const idToken = isObject(answer) ? answer['id_token'] : undefined
    if (typeof idToken !== 'string') return undefined
    return decodeJwt(idToken).iss
  } catch {
    return undefined
  }
}
