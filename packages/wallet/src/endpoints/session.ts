import type { NewSession, RequestView } from '@bff/core'
import { userIdOf } from '../address.ts'
import type { Address } from '../ethereum.ts'
import type { WalletParts } from '../parts.ts'
import { tokenSetOf } from '../provider.ts'
import type { TokenPair } from '../tokens/families.ts'

/**
 * Creates a session of the BFF with the tokens (JWT-09), in place of one that the browser may have had (CKS-10). Returns its
 * `Set-Cookie` value.
 */
export async function startSession(
  { context, settings }: WalletParts,
  request: RequestView,
  address: Address,
  pair: TokenPair,
): Promise<string> {
  const { sessions, requests, tokenRevocation, clock, emit } = context
  const draft: NewSession = {
    userId: userIdOf(address),
    subject: userIdOf(address),
    issuer: settings.issuer,
    tokens: tokenSetOf(pair, clock.now()),
    claims: { iss: settings.issuer, sub: userIdOf(address), address },
    providerSessionId: pair.familyId,
    ipAddress: context.clientAddress(request),
    userAgent: request.header('user-agent') ?? null,
  }
  const issued = await context
    .admit(draft, request)
    .then((admitted) => sessions.create(admitted))
    .catch((error: unknown) => {
      const { refreshToken } = pair
      tokenRevocation.revoke(
        { userId: draft.userId, subject: null, issuer: settings.issuer, provider: null },
        { refreshToken, dpopKeyPair: null },
      )
      throw error
    })
  const before = await requests.load(request)
  if (before.state === 'live' || before.state === 'refused')
    await sessions.revoke(before.session.handle, { reasonCode: 'replaced_by_login', actorType: 'user' })
  emit({ type: 'login.succeeded', handle: issued.session.handle, userId: issued.session.userId })
  return issued.cookie
}
