import type { Claims, SessionIdentity } from './model.ts'

/**
 * Which claims of a session do not follow the ID token, by name: those the app or a userinfo answer brought or
 * replaced, and those of the ID token that the app left out.
 */
export interface ClaimOrigins {
  readonly own: readonly string[]
  readonly dropped: readonly string[]
}

/** What is sealed about the user: as an app sees it, and where its claims came from. */
export interface SealedIdentity extends SessionIdentity {
  /** Absent or `null`: unknown, as of sessions an app made itself. */
  readonly origins?: ClaimOrigins | null
}

/** Facts of the sign-in, which a refreshed ID token may leave out without taking them back (OpenID Connect Core §12.2). */
const OF_THE_SIGN_IN = new Set(['iss', 'sub', 'sid', 'auth_time', 'acr', 'amr'])

/** Where the claims of a new session came from; `null` when no ID token's claims are known. */
export function originsOf(claims: Claims, signed: Claims | null): ClaimOrigins | null {
  if (signed === null) return null
  const isSigned = (name: string) =>
    Object.hasOwn(signed, name) && JSON.stringify(signed[name]) === JSON.stringify(claims[name])
  return {
    own: Object.keys(claims).filter((name) => !isSigned(name)),
    dropped: Object.keys(signed).filter((name) => !Object.hasOwn(claims, name)),
  }
}

/**
 * The claims after a refresh: those of its ID token in place of the last one's, so that a claim the provider took
 * away goes. What the app or a userinfo answer added stays. `signed` is `null` when the refresh brought no ID token.
 */
export function refreshedClaims(
  { claims, origins }: Pick<SealedIdentity, 'claims' | 'origins'>,
  signed: Claims | null,
): { readonly claims: Claims; readonly origins: ClaimOrigins | null } {
  if (signed === null) return { claims, origins: origins ?? null }
  // Where the origin is unknown, what this ID token does not name is taken for the app's.
  const own = origins?.own ?? Object.keys(claims).filter((name) => !Object.hasOwn(signed, name))
  const dropped = origins?.dropped ?? []
  const stays = (name: string) =>
    own.includes(name) || (OF_THE_SIGN_IN.has(name) && !Object.hasOwn(signed, name))
  const follows = (name: string) => !own.includes(name) && !dropped.includes(name)
  return {
    claims: Object.fromEntries([
      ...Object.entries(signed).filter(([name]) => follows(name)),
      ...Object.entries(claims).filter(([name]) => stays(name)),
    ]),
    origins: { own, dropped },
  }
}
