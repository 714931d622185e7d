declare const handleBrand: unique symbol

/** A session's public name: 16 base64url characters, the first part of the session id. Safe in lists and logs. */
export type SessionHandle = string & { readonly [handleBrand]: true }

/** Why, when and by whom a session was revoked. The first revocation is final. */
export interface Revocation {
  /** Epoch milliseconds. */
  readonly at: number
  /** A short stable word, such as `logout`, `backchannel_logout`, `rotation_theft`, `refresh_rejected`. */
  readonly reasonCode: string
  /** Who did it, such as `user`, `provider`, `operator`, `system`. */
  readonly actorType: string
  /** The actor's own id, or `null` without one. */
  readonly actorId: string | null
}

/**
 * A session record in the store. It holds no secret unsealed.
 *
 * All times are epoch milliseconds. Absence is `null`. The sealed fields are opaque bytes, each sealed on its own so that
 * opening is lazy (CRY-03); a store never looks into them.
 *
 * The docstrings say what each field means, and editors show them. `SESSION_FIELDS` says everything else about a field.
 */
export interface SessionRecord {
  /** Immutable primary key. */
  readonly handle: SessionHandle
  /** 1 when created, one more with every update; a touch leaves it alone. */
  readonly version: number
  /**
   * A keyed hash of the id's secret half and of what the session is: handle, user, subject, issuer, provider, creation and
   * absolute end. At most 64 characters. A store keeps it as it is.
   */
  readonly secretHash: string
  /** The hash before the last rotation, accepted until `previousSecretUntil`. */
  readonly previousSecretHash: string | null
  readonly previousSecretUntil: number | null

  /**
   * Who the user is in the app, unique together with `issuer` (BFF-23): the provider's subject, or what `onCreateSession`
   * returned in its place. 1 to 255 characters.
   */
  readonly userId: string
  readonly organizationId: string | null
  /** The provider that made the session; `null` for a session that the app made itself. It never changes. */
  readonly issuer: string | null
  /**
   * Who the user is at the provider: OpenID Connect `sub`, unique within `issuer`. `null`: the same as `userId`, as in
   * sessions that the app made itself and in records from before this field (ADR 0018).
   */
  readonly subject: string | null
  /** The name of the provider that made the session, where an app has several; otherwise `null`. It never changes. */
  readonly provider: string | null
  /** The provider's own session id: OpenID Connect `sid`. */
  readonly providerSessionId: string | null
  readonly deviceId: string | null
  readonly clientPublicKey: string | null
  /** The public key of the browser that holds the session, and when it was registered: `deviceBinding()` writes it. */
  readonly deviceKey: string | null

  readonly accessTokenEncrypted: Uint8Array | null
  readonly refreshTokenEncrypted: Uint8Array | null
  readonly idTokenEncrypted: Uint8Array | null
  /** Sealed JSON of `SessionIdentity`. */
  readonly claimsEncrypted: Uint8Array | null
  readonly dpopKeyPairEncrypted: Uint8Array | null
  /** RFC 7638 thumbprint of the DPoP key. A session is DPoP-bound when key pair and thumbprint are both present. */
  readonly dpopThumbprint: string | null
  /** When the access token was received; with its expiry it gives the token's life (ADR 0001). */
  readonly accessTokenIssuedAt: number | null
  readonly accessTokenExpiresAt: number | null
  /**
   * When the refresh token ends and the session with it; without a refresh token when the access token does, unless
   * the session outlives it (`session.endWithAccessToken`). Earlier when the sign-in at the provider ends before
   * (`session_expiry`, `session.maxAuthenticationAgeMs`). `null`: unknown, or nothing of them.
   */
  readonly refreshTokenExpiresAt: number | null

  /** JSON object of the app's own. Not sealed: keep secrets out of it. */
  readonly metadata: Readonly<Record<string, unknown>>
  /** At most 45 characters. */
  readonly ipAddress: string | null
  /** At most 500 characters. */
  readonly userAgent: string | null

  readonly createdAt: number
  readonly updatedAt: number
  readonly lastAccessedAt: number
  /** When the session expires without another use. */
  readonly expiresAt: number
  /** The absolute limit, which never moves. */
  readonly absoluteExpiresAt: number
  readonly revocation: Revocation | null
}

/** The value of a field of each type. */
export interface SessionFieldValues {
  /** The key of the record. */
  readonly handle: SessionHandle
  /** Text of ASCII characters, such as a hash or an address. */
  readonly ascii: string
  /** Text from outside: any character; case and accents count. */
  readonly text: string
  /** Text of any length; no session is looked up by it. */
  readonly longText: string
  readonly integer: number
  /** Epoch milliseconds. */
  readonly time: number
  /** Bytes, sealed on their own. A revocation wipes them. */
  readonly sealed: Uint8Array
  readonly json: Readonly<Record<string, unknown>>
  readonly revocation: Revocation
}

export type SessionFieldType = keyof SessionFieldValues

/** The facts about a field. A fact that is left out does not hold. */
export interface SessionFieldFacts {
  readonly type: SessionFieldType
  /** At most this many characters; of a revocation, in each of its texts. */
  readonly max?: number
  /** Whether the field may be `null`. */
  readonly nullable?: true
  /** Whether an update may change it. */
  readonly mutable?: true
  /** Whether the `Session` that an app gets has it. */
  readonly seen?: true
  /**
   * What a store behind `withPseudonyms` gets: a keyed hash of the value, only a sealed copy of it, or the value itself.
   * Each field that can hold text needs this fact.
   */
  readonly personal?: 'hashed' | 'hidden' | 'plain'
}

/**
 * Everything about the fields of a {@link SessionRecord} except their meaning. The compiler checks the two against each
 * other. `SessionPatch`, `Session`, the lists below, what `withPseudonyms` hides, and how stores write a record are
 * derived from this table.
 */
export const SESSION_FIELDS = {
  handle: { type: 'handle', seen: true, personal: 'plain' },
  version: { type: 'integer', seen: true },
  secretHash: { type: 'ascii', max: 64, mutable: true, personal: 'plain' },
  previousSecretHash: { type: 'ascii', max: 64, nullable: true, mutable: true, personal: 'plain' },
  previousSecretUntil: { type: 'time', nullable: true, mutable: true },
  userId: { type: 'text', max: 255, seen: true, personal: 'hashed' },
  organizationId: { type: 'text', max: 255, nullable: true, mutable: true, seen: true, personal: 'hashed' },
  issuer: { type: 'text', max: 255, nullable: true, seen: true, personal: 'plain' },
  subject: { type: 'text', max: 255, nullable: true, seen: true, personal: 'hashed' },
  provider: { type: 'text', max: 255, nullable: true, seen: true, personal: 'plain' },
  providerSessionId: {
    type: 'text',
    max: 255,
    nullable: true,
    mutable: true,
    seen: true,
    personal: 'hashed',
  },
  deviceId: { type: 'text', max: 255, nullable: true, mutable: true, seen: true, personal: 'hashed' },
  clientPublicKey: { type: 'longText', nullable: true, mutable: true, seen: true, personal: 'hidden' },
  deviceKey: { type: 'longText', nullable: true, mutable: true, seen: true, personal: 'plain' },
  accessTokenEncrypted: { type: 'sealed', nullable: true, mutable: true },
  refreshTokenEncrypted: { type: 'sealed', nullable: true, mutable: true },
  idTokenEncrypted: { type: 'sealed', nullable: true, mutable: true },
  claimsEncrypted: { type: 'sealed', nullable: true, mutable: true },
  dpopKeyPairEncrypted: { type: 'sealed', nullable: true, mutable: true },
  dpopThumbprint: { type: 'ascii', max: 64, nullable: true, mutable: true, seen: true, personal: 'plain' },
  accessTokenIssuedAt: { type: 'time', nullable: true, mutable: true, seen: true },
  accessTokenExpiresAt: { type: 'time', nullable: true, mutable: true, seen: true },
  refreshTokenExpiresAt: { type: 'time', nullable: true, mutable: true, seen: true },
  metadata: { type: 'json', mutable: true, seen: true, personal: 'hidden' },
  ipAddress: { type: 'ascii', max: 45, nullable: true, seen: true, personal: 'hidden' },
  userAgent: { type: 'text', max: 500, nullable: true, seen: true, personal: 'hidden' },
  createdAt: { type: 'time', seen: true },
  updatedAt: { type: 'time', seen: true },
  lastAccessedAt: { type: 'time', seen: true },
  expiresAt: { type: 'time', seen: true },
  absoluteExpiresAt: { type: 'time', seen: true },
  revocation: { type: 'revocation', max: 255, nullable: true },
} as const satisfies { readonly [Field in keyof SessionRecord]: FactsAbout<SessionRecord[Field]> }

/** The facts that fit a field with this value in the record. */
type FactsAbout<Value> = {
  [Type in SessionFieldType]: IsSame<Exclude<Value, null>, SessionFieldValues[Type]> extends true
    ? FactsOfType<Type> & (null extends Value ? { readonly nullable: true } : { readonly nullable?: never })
    : never
}[SessionFieldType]

type FactsOfType<Type extends SessionFieldType> = SessionFieldFacts & { readonly type: Type } & (Type extends
    | 'ascii'
    | 'text'
    ? { readonly max: number; readonly personal: 'hashed' | 'hidden' | 'plain' }
    : Type extends 'handle' | 'longText' | 'json'
      ? { readonly max?: never; readonly personal: 'hidden' | 'plain' }
      : { readonly personal?: never })

type IsSame<A, B> = [A, B] extends [B, A] ? true : false

export type SessionField = keyof typeof SESSION_FIELDS

/** The names of the fields that have all these facts. */
export type FieldsWith<Facts extends Partial<SessionFieldFacts>> = {
  [Field in SessionField]: (typeof SESSION_FIELDS)[Field] extends Facts ? Field : never
}[SessionField]

/** The maximum lengths of these fields. */
export type MaxLengths<Field extends FieldsWith<{ max: number }>> = {
  readonly [Name in Field]: (typeof SESSION_FIELDS)[Name]['max']
}

/** {@link FieldsWith} as a list, in the order of the table. */
export function fieldsWith<const Facts extends Partial<SessionFieldFacts>>(
  facts: Facts,
): readonly FieldsWith<Facts>[] {
  const table: Readonly<Record<string, SessionFieldFacts>> = SESSION_FIELDS
  const said = Object.keys(facts) as (keyof SessionFieldFacts)[]
  return Object.keys(SESSION_FIELDS).filter((field): field is FieldsWith<Facts> =>
    said.every((fact) => table[field]?.[fact] === facts[fact]),
  )
}

/** `null` for each of these fields. */
export function absent<Field extends SessionField>(
  fields: readonly Field[],
): { readonly [Name in Field]: null } {
  return Object.fromEntries(fields.map((field) => [field, null])) as { readonly [Name in Field]: null }
}

/** `null` for each field that may be `null`. */
export const ABSENT = absent(fieldsWith({ nullable: true }))
