import type { Clock } from '../contracts/clock.ts'
import type { MetadataSchema } from '../contracts/config-sections.ts'
import type { Encryptor } from '../contracts/encryptor.ts'
import type { NewSession } from '../contracts/new-session.ts'
import { WIPED } from '../contracts/sealed-fields.ts'
import type { SessionRecord } from '../contracts/session.ts'
import type { MaxLengths } from '../contracts/session-fields.ts'
import { BffError } from '../internal/bff-error.ts'
import { idleExpiry } from '../internal/lifetime.ts'
import { endOfNewSignIn } from './end-of-sign-in.ts'
import { secretHashOf, splitSessionId } from './id.ts'
import { originsOf, sealIdentity, sealTokens } from './seal.ts'
import { accessTokenTimes, earlierOf, type TokenLives } from './token-times.ts'

/** The compiler checks these against `SESSION_FIELDS`, which the main entry does not load. */
const MAX: MaxLengths<'userId' | 'ipAddress' | 'userAgent'> = { userId: 255, ipAddress: 45, userAgent: 500 }

export interface NewRecordDependencies extends TokenLives {
  readonly encryptor: Encryptor
  readonly clock: Clock
  readonly idleTimeoutMs: number
  readonly absoluteTimeoutMs: number
  readonly maxAuthenticationAgeMs: number
  readonly metadata: MetadataSchema<unknown> | null
}

/**
 * Makes the record of a new session, sealed and ready to be stored.
 *
 * @throws BffError `invalid_argument` for a user id or metadata that is not valid
 */
export async function newRecord(
  id: string,
  input: NewSession<unknown>,
  dependencies: NewRecordDependencies,
): Promise<SessionRecord> {
  const { encryptor, clock } = dependencies
  const { handle, secret } = splitSessionId(id)
  if (input.userId.length === 0 || input.userId.length > MAX.userId)
    throw new BffError('invalid_argument', `userId must have 1 to ${MAX.userId} characters.`)

  const now = clock.now()
  const { tokens } = input
  const claims = input.claims ?? {}
  const signInEndsAt = endOfNewSignIn(tokens?.claims ?? null, dependencies.maxAuthenticationAgeMs, now)
  const identity = {
    claims,
    origins: originsOf(claims, tokens ?? {}),
    scope: tokens?.scope ?? null,
    sessionState: input.sessionState ?? null,
    signInEndsAt,
  }
  const sealed = tokens
    ? await sealTokens(encryptor, handle, {
        accessToken: tokens.accessToken,
        refreshToken: tokens.refreshToken ?? null,
        idToken: tokens.idToken ?? null,
        dpopKeyPair: tokens.dpopKeyPair ?? null,
      })
    : { ...WIPED, dpopThumbprint: null }
  const tokenTimes = accessTokenTimes(tokens ?? null, dependencies, now)
  const times = {
    ...tokenTimes,
    refreshTokenExpiresAt: earlierOf(tokenTimes.refreshTokenExpiresAt, signInEndsAt),
    absoluteExpiresAt: now + absoluteTimeoutOf(input, dependencies),
  }
  const { userId, subject = null, issuer = null, provider = null } = input
  const { absoluteExpiresAt } = times
  const bound = { handle, userId, subject, issuer, provider, createdAt: now, absoluteExpiresAt }
  return {
    handle,
    version: 1,
    secretHash: await secretHashOf(encryptor, secret, bound),
    previousSecretHash: null,
    previousSecretUntil: null,
    userId,
    organizationId: input.organizationId ?? null,
    issuer,
    subject,
    provider,
    providerSessionId: input.providerSessionId ?? null,
    deviceId: input.deviceId ?? null,
    clientPublicKey: input.clientPublicKey ?? null,
    deviceKey: null,
    ...sealed,
    claimsEncrypted: await sealIdentity(encryptor, handle, identity),
    ...times,
    metadata: await validMetadata(input.metadata ?? {}, dependencies.metadata),
    ipAddress: input.ipAddress?.slice(0, MAX.ipAddress) ?? null,
    userAgent: input.userAgent?.slice(0, MAX.userAgent) ?? null,
    createdAt: now,
    updatedAt: now,
    lastAccessedAt: now,
    expiresAt: idleExpiry(times, dependencies.idleTimeoutMs, now),
    revocation: null,
  }
}

const YEAR_MS = 365 * 86_400_000

function absoluteTimeoutOf(
  { absoluteTimeoutMs: chosen }: Pick<NewSession, 'absoluteTimeoutMs'>,
  { absoluteTimeoutMs }: Pick<NewRecordDependencies, 'absoluteTimeoutMs'>,
): number {
  if (chosen === undefined) return absoluteTimeoutMs
  if (typeof chosen === 'number' && chosen >= 1_000 && chosen <= YEAR_MS) return chosen
  throw new BffError(
    'invalid_argument',
    `absoluteTimeoutMs of a session must be a number from 1000 to ${YEAR_MS}.`,
  )
}

/**
 * Returns metadata as its schema gives it back.
 *
 * @throws BffError `invalid_argument`
 */
export async function validMetadata(
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
