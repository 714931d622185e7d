import type { Hooks } from '../contracts/hooks.ts'
import type { NewSession } from '../contracts/new-session.ts'
import type { RequestView } from '../contracts/request-view.ts'
import { BffError, isBffError } from '../internal/bff-error.ts'

/**
 * The session a sign-in makes, as the app's `onCreateSession` has it.
 *
 * @throws BffError `sign_in_refused` when the hook throws; a `BffError` of its own as it is
 */
export async function admit(
  { onCreateSession }: Pick<Hooks<Readonly<Record<string, unknown>>>, 'onCreateSession'>,
  draft: NewSession,
  request: RequestView,
): Promise<NewSession> {
  try {
    return { ...draft, ...(await onCreateSession?.(draft, request)) }
  } catch (cause) {
    throw isBffError(cause) ? cause : new BffError('sign_in_refused', undefined, { cause })
  }
}
