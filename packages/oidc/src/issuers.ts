import type { Claims } from '@bff/core'
import type { JWTPayload } from 'jose'
import type { Invalid } from './option-rules.ts'

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
