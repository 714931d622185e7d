import { BffRequestError, type CallBff, fieldOf, isSessionEnd } from './request.ts'
import type { Claim, SessionState, SignedInState } from './session-state.ts'

/** The server's data about an active session. */
export type LiveSession = Pick<
  SignedInState,
  'userId' | 'organizationId' | 'claims' | 'metadata' | 'expiresAt' | 'accessTokenExpiresAt'
>

export interface ReadOptions {
  readonly call: CallBff
  readonly withClaims: boolean
  readonly now: () => number
  /** The known state: claims change only with a sign-in or a refresh, so they are not requested again without one. */
  readonly known: SessionState
}

/**
 * Asks who is signed in, without touching the session. Returns `null` when the user is signed out.
 *
 * @throws BffRequestError when the server does not answer, also for a response that is not the BFF's
 */
export async function readSession({
  call,
  withClaims,
  now,
  known,
}: ReadOptions): Promise<LiveSession | null> {
  const body = await call('/session?slide=false')
  if (fieldOf(body, 'authenticated') === false) {
    const refusal = fieldOf(body, 'error')
    if (isSessionEnd(refusal)) throw new BffRequestError(refusal)
    return null
  }
  const userId = fieldOf(body, 'user_id')
  const expiresIn = fieldOf(body, 'expires_in')
  if (typeof userId !== 'string' || typeof expiresIn !== 'number')
    throw new BffRequestError('unexpected_answer')
  const expiresAt = now() + expiresIn * 1000
  const accessTokenExpiresAt = Date.parse(String(fieldOf(body, 'access_token_expires_at'))) || null
  const isKnown =
    known.status === 'signed-in' &&
    known.userId === userId &&
    known.accessTokenExpiresAt === accessTokenExpiresAt
  return {
    userId,
    organizationId: textOf(fieldOf(body, 'organization_id')),
    claims: isKnown ? known.claims : withClaims ? listOf(await call('/user?slide=false')) : [],
    metadata: metadataOf(body, known),
    expiresAt,
    accessTokenExpiresAt,
  }
}

/** The same object until a member changes: only then is it news for the page. */
function metadataOf(body: object, known: SessionState): SignedInState['metadata'] {
  const metadata = Object.freeze({ ...Object(fieldOf(body, 'metadata')) })
  const isKnown = known.status === 'signed-in' && JSON.stringify(known.metadata) === JSON.stringify(metadata)
  return isKnown ? known.metadata : metadata
}

const textOf = (value: unknown) => (typeof value === 'string' ? value : null)

const listOf = (body: object): readonly Claim[] => (Array.isArray(body) ? body : [])
