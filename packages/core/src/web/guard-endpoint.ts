import type { GuardOptions, ServedBff } from '../contracts/bff.ts'
import type { RequestView } from '../contracts/request-view.ts'
import type { Session } from '../contracts/session.ts'
import { isBffError } from '../internal/bff-error.ts'
import { webResponse } from '../internal/http/web.ts'

/**
 * Answers a request to an endpoint that needs a session: it checks the CSRF header and requires an active session, and answers
 * 403, 401 or 503 as the BFF does. A `BffError` of the handler becomes the BFF's own reply; every other error passes, such as
 * the redirect of a framework.
 *
 * @param handler called with the session, after all checks
 * @example
 * ```ts
 * import { type Bff, webRequestView } from '@bff/core'
 * import { guardEndpoint } from '@bff/core/web'
 *
 * export const profile = (bff: Bff, request: Request) =>
 *   guardEndpoint(bff, webRequestView(request), ({ userId }) => Response.json({ userId }))
 * ```
 */
export async function guardEndpoint<Metadata>(
  { requireSession, errorReply }: Pick<ServedBff<Metadata>, 'requireSession' | 'errorReply'>,
  view: RequestView,
  handler: (session: Session<Metadata>) => Response | Promise<Response>,
  options?: GuardOptions,
): Promise<Response> {
  const answer = (cause: unknown) => webResponse(errorReply(cause))
  const session = await requireSession(view, options).catch(answer)
  if (session instanceof Response) return session
  try {
    return await handler(session)
  } catch (cause) {
    if (!isBffError(cause)) throw cause
    return answer(cause)
  }
}
