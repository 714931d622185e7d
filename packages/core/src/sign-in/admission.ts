import type { Hooks } from '../contracts/hooks.ts'
import type { NewSession } from '../contracts/new-session.ts'
import type { RequestView } from '../contracts/request-view.ts'
import { BffError, isBffError } from '../internal/bff-error.ts'

/**
 * Returns the session of a sign-in, as the hook `onCreateSession` changes it.
 *
 * @throws BffError `sign_in_refused` when the hook throws another error than a `BffError`, which is thrown unchanged
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
