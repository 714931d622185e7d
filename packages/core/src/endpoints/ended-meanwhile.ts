import { BffError } from '../errors.ts'
import type { Session } from '../session/model.ts'
import type { EndpointContext } from './endpoint.ts'

/**
 * Ends a session just stored when all like it were ended since its sign-in began: whoever signs out everywhere means also
 * what is still on its way (LGO-12).
 *
 * @throws BffError `login_expired`; `store_unavailable` when nobody can tell
 */
export async function refuseEndedMeanwhile(
  { marks, ending, emit }: EndpointContext,
  session: Session,
  began: number,
): Promise<void> {
  const by = await marks.find(session, began)
  if (by === null) return
  const { handle, userId } = session
  await ending.end(handle, by)
  if (by.actorType === 'provider') emit({ type: 'auth.logout', by: 'backchannel', handle, userId })
  throw new BffError('login_expired', 'You were signed out meanwhile. Sign in again.')
}
