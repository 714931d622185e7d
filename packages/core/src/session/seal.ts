import type { Encryptor } from '../contracts/encryptor.ts'
import type { TokenSet } from '../contracts/identity-provider.ts'
import type {
  AccessTokens,
  Claims,
  DpopKeyPair,
  SessionHandle,
  SessionIdentity,
  SessionRecord,
  SessionTokens,
} from '../contracts/session.ts'
import { BffError } from '../internal/bff-error.ts'
import { fromUtf8, utf8 } from '../internal/crypto/encoding.ts'
import { toKeyPair } from '../internal/crypto/jwk.ts'
import { type SealedColumn, sealContextOf } from '../internal/seal-context.ts'

export type SealedRecord = Pick<SessionRecord, 'handle' | 'dpopThumbprint' | SealedColumn>
type SealedTokens = Pick<SessionRecord, 'dpopThumbprint' | Exclude<SealedColumn, 'claimsEncrypted'>>

/** Seals each token on its own. An absent token becomes `null`, so that an update clears it. */
export async function sealTokens(
  encryptor: Encryptor,
  handle: SessionHandle,
  tokens: SessionTokens,
): Promise<SealedTokens> {
  const pair = tokens.dpopKeyPair
  const [accessTokenEncrypted, refreshTokenEncrypted, idTokenEncrypted, dpopKeyPairEncrypted] =
    await Promise.all([
      seal(encryptor, handle, 'accessTokenEncrypted', tokens.accessToken),
      seal(encryptor, handle, 'refreshTokenEncrypted', tokens.refreshToken),
      seal(encryptor, handle, 'idTokenEncrypted', tokens.idToken),
      seal(encryptor, handle, 'dpopKeyPairEncrypted', pair && serializeDpopKeyPair(pair)),
    ])
  return {
    accessTokenEncrypted,
    refreshTokenEncrypted,
    idTokenEncrypted,
    dpopKeyPairEncrypted,
    dpopThumbprint: pair?.thumbprint ?? null,
  }
}

/** Seals a refresh token that is replaced alone. */
export async function sealRefreshToken(
  encryptor: Encryptor,
  handle: SessionHandle,
  refreshToken: string | null,
): Promise<Pick<SealedTokens, 'refreshTokenEncrypted'>> {
  return {
    refreshTokenEncrypted: await seal(encryptor, handle, 'refreshTokenEncrypted', refreshToken),
  }
}

/**
 * Opens all tokens of a record; `null` when it has no access token.
 *
 * @throws BffError `seal_broken`
 */
export async function openTokens(encryptor: Encryptor, record: SealedRecord): Promise<SessionTokens | null> {
  const [access, refreshToken, idToken] = await Promise.all([
    openAccessTokens(encryptor, record),
    open(encryptor, record, 'refreshTokenEncrypted'),
    open(encryptor, record, 'idTokenEncrypted'),
  ])
  return access === null ? null : { ...access, refreshToken, idToken }
}

/**
 * Opens what a call to an API needs; `null` when there is no access token.
 *
 * @throws BffError `seal_broken`
 */
export async function openAccessTokens(
  encryptor: Encryptor,
  record: SealedRecord,
): Promise<AccessTokens | null> {
  const accessToken = await open(encryptor, record, 'accessTokenEncrypted')
  return accessToken === null ? null : { accessToken, dpopKeyPair: await openDpopKeyPair(encryptor, record) }
}

/**
 * Opens the DPoP key; `null` unless the record holds both key pair and thumbprint.
 *
 * @throws BffError `seal_broken`, also when the record's thumbprint belongs to another key
 */
async function openDpopKeyPair(encryptor: Encryptor, record: SealedRecord): Promise<DpopKeyPair | null> {
  if (record.dpopThumbprint === null) return null
  const text = await open(encryptor, record, 'dpopKeyPairEncrypted')
  if (text === null) return null
  const pair = await deserializeDpopKeyPair(text)
  if (pair.thumbprint !== record.dpopThumbprint) throw new BffError('seal_broken')
  return pair
}

/** Seals what the provider said about the user, as one field. */
export function sealIdentity(
  encryptor: Encryptor,
  handle: SessionHandle,
  identity: SealedIdentity,
): Promise<Uint8Array> {
  return seal(encryptor, handle, 'claimsEncrypted', JSON.stringify(identity))
}

/**
 * Opens what the provider said about the user; empty when the record has no claims.
 *
 * @throws BffError `seal_broken`
 */
export async function openIdentity(encryptor: Encryptor, record: SealedRecord): Promise<SessionIdentity> {
  const { claims, scope, sessionState } = await openSealedIdentity(encryptor, record)
  return { claims, scope, sessionState }
}

/**
 * As {@link openIdentity}, with the origins of the claims.
 *
 * @throws BffError `seal_broken`
 */
export async function openSealedIdentity(
  encryptor: Encryptor,
  record: SealedRecord,
): Promise<SealedIdentity> {
  const text = await open(encryptor, record, 'claimsEncrypted')
  return text === null ? { claims: {}, scope: null, sessionState: null } : parseSealed(text)
}

/**
 * Opens all fields of a record and returns what the provider said about the user: a page that shows a user as signed in must
 * be able to call APIs too.
 *
 * @throws BffError `seal_broken`, `key_unavailable`
 */
export async function openAll(encryptor: Encryptor, record: SealedRecord): Promise<SessionIdentity> {
  const [identity] = await Promise.all([openIdentity(encryptor, record), openTokens(encryptor, record)])
  return identity
}

async function seal<Text extends string | null>(
  encryptor: Encryptor,
  handle: SessionHandle,
  column: SealedColumn,
  text: Text,
): Promise<Uint8Array | Extract<Text, null>>
async function seal(
  encryptor: Encryptor,
  handle: SessionHandle,
  column: SealedColumn,
  text: string | null,
): Promise<Uint8Array | null> {
  return text === null ? null : encryptor.encrypt(utf8(text), sealContextOf(handle, column))
}

async function open(
  encryptor: Encryptor,
  record: SealedRecord,
  column: SealedColumn,
): Promise<string | null> {
  const envelope = record[column]
  if (envelope === null) return null
  const plaintext = await encryptor.decrypt(envelope, sealContextOf(record.handle, column))
  try {
    return fromUtf8(plaintext)
  } catch {
    throw new BffError('seal_broken')
  }
}

/** Where the claims of a session come from, by name: all others follow the ID token. */
export interface ClaimOrigins {
  /** Those that the app added or replaced. */
  readonly own: readonly string[]
  /** Those of the ID token or the userinfo response that the app left out. */
  readonly dropped: readonly string[]
  /** Those that follow the userinfo response. Absent in records from before it was asked again at a refresh. */
  readonly fetched?: readonly string[]
}

/** The sealed identity of the user, with the origins of its claims. */
export interface SealedIdentity extends SessionIdentity {
  /** Absent or `null`: unknown, as of sessions an app made itself. */
  readonly origins?: ClaimOrigins | null
  /** When the sign-in ends for its provider, epoch milliseconds. Absent or `null`: it did not say. */
  readonly signInEndsAt?: number | null
}

/** Facts of the sign-in, which a refreshed ID token may leave out without taking them back (OpenID Connect Core §12.2). */
const OF_THE_SIGN_IN = new Set(['iss', 'sub', 'sid', 'auth_time', 'acr', 'amr'])

/** What the provider says about the user: in the ID token, and in the userinfo response. */
type Said = Pick<TokenSet, 'claims' | 'userInfo'>

/** Returns the origins of the claims of a new session; `null` when no ID token's claims are known. */
export function originsOf(
  claims: Claims,
  { claims: signed = null, userInfo }: Partial<Said>,
): ClaimOrigins | null {
  if (signed === null) return null
  const said = { ...userInfo, ...signed }
  const isSaid = (name: string) =>
    Object.hasOwn(said, name) && JSON.stringify(said[name]) === JSON.stringify(claims[name])
  const names = Object.keys(claims)
  return {
    own: names.filter((name) => !isSaid(name)),
    dropped: Object.keys(said).filter((name) => !Object.hasOwn(claims, name)),
    fetched: names.filter((name) => isSaid(name) && !Object.hasOwn(signed, name)),
  }
}

/**
 * The claims after a refresh: those of its ID token and its userinfo response in place of the last ones', so that a claim the
 * provider took away goes. What the app added stays, and so does what came from a source that the refresh does not have.
 */
export function refreshedClaims(
  { claims, origins }: Pick<SealedIdentity, 'claims' | 'origins'>,
  { claims: signed, userInfo = null }: Said,
): { readonly claims: Claims; readonly origins: ClaimOrigins | null } {
  if (signed === null && userInfo === null) return { claims, origins: origins ?? null }
  const said = { ...userInfo, ...signed }
  // Where the origin is unknown, what the provider does not name now is taken for the app's.
  const {
    dropped = [],
    fetched = [],
    own = Object.keys(claims).filter((name) => !Object.hasOwn(said, name)),
  } = origins ?? {}
  const pick = (from: Claims, belongs: (name: string) => boolean): Claims =>
    Object.fromEntries(Object.entries(from).filter(([name]) => belongs(name)))
  const follows = (name: string) => !own.includes(name) && !dropped.includes(name)
  const ofToken =
    signed === null
      ? pick(claims, (name) => follows(name) && !fetched.includes(name))
      : {
          ...pick(claims, (name) => OF_THE_SIGN_IN.has(name) && !own.includes(name)),
          ...pick(signed, follows),
        }
  const ofUserInfo =
    userInfo === null ? pick(claims, (name) => fetched.includes(name)) : pick(userInfo, follows)
  return {
    claims: { ...ofUserInfo, ...ofToken, ...pick(claims, (name) => own.includes(name)) },
    origins: {
      own,
      dropped,
      fetched: Object.keys(ofUserInfo).filter((name) => !Object.hasOwn(ofToken, name)),
    },
  }
}

/** The key pair as JSON `{d,x,y,crv,thumbprint}`. It holds the private key: seal it (DPO-16). */
export function serializeDpopKeyPair({ privateJwk, thumbprint }: DpopKeyPair): string {
  const { d, x, y, crv } = privateJwk
  return JSON.stringify({ d, x, y, crv, thumbprint })
}

/**
 * Reads {@link serializeDpopKeyPair}'s text back, recomputing the thumbprint.
 *
 * @throws BffError `seal_broken` for anything but a P-256 key pair with its own thumbprint
 */
export async function deserializeDpopKeyPair(text: string): Promise<DpopKeyPair> {
  const stored: Record<string, unknown> = { ...parseSealed(text) }
  const pair = await toKeyPair(stored)
  if (pair === null || pair.thumbprint !== stored['thumbprint']) throw new BffError('seal_broken')
  return pair
}

/** @throws BffError `seal_broken` for anything but JSON */
function parseSealed<Value extends object>(text: string): Value {
  try {
    return JSON.parse(text)
  } catch {
    throw new BffError('seal_broken')
  }
}
