import type { Clock } from '../clock.ts'
import type { MetadataSchema } from '../config.ts'
import type { Encryptor } from '../crypto/encryptor.ts'
import { BffError } from '../errors.ts'
import type { TokenSet } from '../provider/identity-provider.ts'
import { accessTokenTimes, type TokenLives } from '../refresh/token-times.ts'
import { WIPED } from '../store/wiped.ts'
import { originsOf } from './claims.ts'
import { splitSessionId } from './id.ts'
import { idleExpiry } from './lifetime.ts'
import type { Claims, SessionRecord } from './model.ts'
import { sealIdentity, sealTokens } from './seal.ts'
import { secretHashOf } from './secret-hash.ts'

/** What a new session is made of (S1-18). */
export interface NewSession {
  /** The user's id: with `issuer`, the key of everything about them (BFF-23). 1 to 255 characters. */
  readonly userId: string
  readonly issuer?: string | null
  /** Tokens to keep behind the cookie; absent when the app needs none. */
  readonly tokens?: Pick<TokenSet, 'accessToken'> & Partial<TokenSet>
  /**
   * What the app keeps about the user. A refresh replaces what equals the claims of `tokens`, those of the ID token;
   * whatever else is here stays until sign-out.
   */
  readonly claims?: Claims
  readonly sessionState?: string | null
  /** The provider's `sid`. */
  readonly providerSessionId?: string | null
  readonly organizationId?: string | null
  readonly deviceId?: string | null
  readonly clientPublicKey?: string | null
  /** JSON object of the app's own; not sealed. */
  readonly metadata?: Readonly<Record<string, unknown>>
  /** Cut to 45 characters. */
  readonly ipAddress?: string | null
  /** Cut to 500 characters. */
  readonly userAgent?: string | null
}

export interface NewRecordDependencies extends TokenLives {
  readonly encryptor: Encryptor
  readonly clock: Clock
  readonly idleTimeoutMs: number
  readonly absoluteTimeoutMs: number
  readonly metadata: MetadataSchema<unknown> | null
}

/**
 * The record of a new session, sealed and ready to be stored.
 *
 * @throws BffError `invalid_argument` for a user id or metadata that cannot be
 */
export async function newRecord(
  id: string,
  input: NewSession,
  dependencies: NewRecordDependencies,
): Promise<SessionRecord> {
  const { encryptor, clock } = dependencies
  const { handle, secret } = splitSessionId(id)
  if (input.userId.length === 0 || input.userId.length > 255)
    throw new BffError('invalid_argument', 'userId must have 1 to 255 characters.')

  const now = clock.now()
  const { tokens } = input
  const claims = input.claims ?? {}
  const identity = {
    claims,
    origins: originsOf(claims, tokens?.claims ?? null),
    scope: tokens?.scope ?? null,
    sessionState: input.sessionState ?? null,
  }
  const sealed = tokens
    ? await sealTokens(encryptor, handle, {
        accessToken: tokens.accessToken,
        refreshToken: tokens.refreshToken ?? null,
        idToken: tokens.idToken ?? null,
        dpopKeyPair: tokens.dpopKeyPair ?? null,
      })
    : { ...WIPED, dpopThumbprint: null }
  const times = {
    ...accessTokenTimes(tokens ?? null, dependencies, now),
    absoluteExpiresAt: now + dependencies.absoluteTimeoutMs,
  }
  const { userId, issuer = null } = input
  const bound = { handle, userId, issuer, createdAt: now, absoluteExpiresAt: times.absoluteExpiresAt }
  return {
    handle,
    version: 1,
    secretHash: await secretHashOf(encryptor, secret, bound),
    previousSecretHash: null,
    previousSecretUntil: null,
    userId,
    organizationId: input.organizationId ?? null,
    issuer,
    providerSessionId: input.providerSessionId ?? null,
    deviceId: input.deviceId ?? null,
    clientPublicKey: input.clientPublicKey ?? null,
    ...sealed,
    claimsEncrypted: await sealIdentity(encryptor, handle, identity),
    ...times,
    metadata: await validMetadata(input.metadata ?? {}, dependencies.metadata),
    ipAddress: input.ipAddress?.slice(0, 45) ?? null,
    userAgent: input.userAgent?.slice(0, 500) ?? null,
    createdAt: now,
    updatedAt: now,
    lastAccessedAt: now,
    expiresAt: idleExpiry(times, dependencies.idleTimeoutMs, now),
    revocation: null,
  }
}

async function validMetadata(
  value: Readonly<Record<string, unknown>>,
  schema: MetadataSchema<unknown> | null,
): Promise<Readonly<Record<string, unknown>>> {
  if (schema === null) return value
  const result = await schema['~standard'].validate(value)
  if (result.issues !== undefined)
    throw new BffError(
      'invalid_argument',
      `The session metadata is not valid: ${result.issues.map((issue) => issue.message).join('; ')}`,
    )
  return result.value as Readonly<Record<string, unknown>>
}
