import type { ApiRoute } from '../../contracts/api-proxy.ts'
import type { Parts } from '../../contracts/parts.ts'
import type { Reply } from '../../contracts/reply.ts'
import type { RequestView } from '../../contracts/request-view.ts'

/**
 * Passes a request on to the API of a route: first the CSRF check, then the session, if the route needs one.
 *
 * @throws BffError `csrf_violation`, what `RequestSessions.require` throws, and what the proxy does
 */
export async function relay(
  { csrf, requests }: Pick<Parts, 'csrf' | 'requests'>,
  route: ApiRoute,
  request: RequestView,
  path: string,
): Promise<Reply> {
  csrf.require(request, path, route.csrf)
  if (route.token === 'none') return route.forward(request, null)
  const session = route.token === 'user' ? await requests.require(request) : await requests.get(request)
  return route.forward(request, session)
}
