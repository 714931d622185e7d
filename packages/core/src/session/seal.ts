import type { Encryptor } from '../contracts/encryptor.ts'
import { SEALED_FIELDS } from '../contracts/sealed-fields.ts'
import type {
  AccessTokens,
  Claims,
  DpopKeyPair,
  SessionHandle,
  SessionIdentity,
  SessionRecord,
  SessionTokens,
} from '../contracts/session.ts'
import { BffError, isBffError } from '../internal/bff-error.ts'
import { fromUtf8, utf8 } from '../internal/crypto/encoding.ts'
import { toKeyPair } from '../internal/crypto/jwk.ts'

type SealedColumn = (typeof SEALED_FIELDS)[number]
type SealedRecord = Pick<SessionRecord, 'handle' | 'dpopThumbprint' | SealedColumn>
type SealedTokens = Pick<SessionRecord, 'dpopThumbprint' | Exclude<SealedColumn, 'claimsEncrypted'>>

/** The name an envelope is bound to: the column's, without its ending (CRY-03, DPO-16). */
const fieldOf = (column: SealedColumn) => column.slice(0, -'Encrypted'.length)

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

/**
 * Reseals the fields that an older key sealed, for the record's next write (CRY-06); `{}` without such fields.
 *
 * It leaves a field that does not open unchanged.
 */
export async function resealStale(
  encryptor: Encryptor,
  record: SealedRecord,
): Promise<Partial<Pick<SessionRecord, SealedColumn>>> {
  const fresh: Partial<Record<SealedColumn, Uint8Array>> = {}
  for (const column of SEALED_FIELDS) {
    const envelope = record[column]
    if (envelope === null || !encryptor.needsReseal(envelope)) continue
    const context = { recordId: record.handle, field: fieldOf(column) }
    try {
      fresh[column] = await encryptor.encrypt(await encryptor.decrypt(envelope, context), context)
    } catch (error) {
      if (!isBffError(error, 'seal_broken') && !isBffError(error, 'key_unavailable')) throw error
    }
  }
  return fresh
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
  return text === null ? null : encryptor.encrypt(utf8(text), { recordId: handle, field: fieldOf(column) })
}

async function open(
  encryptor: Encryptor,
  record: SealedRecord,
  column: SealedColumn,
): Promise<string | null> {
  const envelope = record[column]
  if (envelope === null) return null
  const context = { recordId: record.handle, field: fieldOf(column) }
  const plaintext = await encryptor.decrypt(envelope, context)
  try {
    return fromUtf8(plaintext)
  } catch {
    throw new BffError('seal_broken')
  }
}

/**
 * Which claims of a session do not follow the ID token, by name: those the app or a userinfo answer brought or
 * replaced, and those of the ID token that the app left out.
 */
export interface ClaimOrigins {
  readonly own: readonly string[]
  readonly dropped: readonly string[]
}

/** The sealed identity of the user, with the origins of its claims. */
export interface SealedIdentity extends SessionIdentity {
  /** Absent or `null`: unknown, as of sessions an app made itself. */
  readonly origins?: ClaimOrigins | null
}

/** Facts of the sign-in, which a refreshed ID token may leave out without taking them back (OpenID Connect Core §12.2). */
const OF_THE_SIGN_IN = new Set(['iss', 'sub', 'sid', 'auth_time', 'acr', 'amr'])

/** Returns the origins of the claims of a new session; `null` when no ID token's claims are known. */
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
export function parseSealed<Value extends object>(text: string): Value {
  try {
    return JSON.parse(text)
  } catch {
    throw new BffError('seal_broken')
  }
}
