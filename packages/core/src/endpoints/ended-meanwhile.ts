import { BffError } from '../errors.ts'
import type { Session } from '../session/model.ts'
import type { EndpointContext } from './endpoint.ts'

/**
 * Ends a session just stored when all like it were ended since its sign-in began: whoever signs out everywhere means also
 * what is still on its way (LGO-12).
 *
 * @throws BffError `login_expired`; `store_unavailable`, without a session, when nobody can tell
 */
export async function refuseEndedMeanwhile(
  { marks, ending, emit }: EndpointContext,
  session: Session,
  began: number,
): Promise<void> {
  const { handle, userId } = session
  const by = await marks.find(session, began).catch(async (cause: unknown) => {
    await ending
      .end(handle, { reasonCode: 'login_failed', actorType: 'system', actorId: null })
      .catch(() => null)
    throw cause
  })
  if (by === null) return
  await ending.end(handle, by)
  if (by.actorType === 'provider') emit({ type: 'auth.logout', by: 'backchannel', handle, userId })
  throw new BffError('login_expired', 'You were signed out meanwhile. Sign in again.')
}
