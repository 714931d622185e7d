import type { PluginContext } from '../contracts/plugin.ts'
import type { Reply } from '../contracts/reply.ts'
import type { RequestView } from '../contracts/request-view.ts'
import { jsonReply } from '../internal/http/replies.ts'
import { endOfSession } from '../internal/lifetime.ts'
import { recordOf } from '../session/live-session.ts'
import { openAll } from '../session/seal.ts'
import { logoutToken } from './logout-token.ts'

interface UserClaim {
  readonly type: string
  readonly value: unknown
  readonly valueType: string
}

function valueTypeOf(value: unknown): string {
  const kind = Number.isInteger(value) ? 'integer' : typeof value === 'number' ? 'double' : typeof value
  return kind === 'object' ? 'JSON' : `http://www.w3.org/2001/XMLSchema#${kind}`
}

/** Claims of the BFF itself. A page puts one of them into a link, so no provider may choose it. */
const OWN: ReadonlySet<string> = new Set(['bff:logout_url', 'bff:session_expires_in', 'bff:session_state'])

const claim = (type: string, value: unknown): UserClaim => ({ type, value, valueType: valueTypeOf(value) })

/**
 * Answers `GET /bff/user`: the user's claims as a list of `{type, value, valueType}`, one entry for each value of a many-valued
 * claim, with `bff:logout_url`, `bff:session_expires_in` (seconds) and `bff:session_state`.
 *
 * `?slide=false` does not touch the session.
 */
export async function user(
  { options, requests, hooks, clock, encryptor }: PluginContext,
  request: RequestView,
  query: URLSearchParams,
): Promise<Reply> {
  const found = await requests.load(request)
  const session =
    query.get('slide') === 'false' && found.state === 'live' ? found.session : await requests.require(request)
  const { claims: signed, sessionState } = await openAll(encryptor, recordOf(session))
  const claims = (await hooks.onUserClaims?.(signed, session, request)) ?? signed
  const id = found.state === 'live' ? found.id : ''
  const list = Object.entries(claims).flatMap(([type, value]) => {
    if (OWN.has(type)) return []
    return Array.isArray(value) ? value.map((one) => claim(type, one)) : [claim(type, value)]
  })
  list.push(
    claim('bff:logout_url', `${options.basePath}/logout?sid=${await logoutToken(id)}`),
    claim('bff:session_expires_in', Math.round((endOfSession(session) - clock.now()) / 1000)),
  )
  if (sessionState !== null) list.push(claim('bff:session_state', sessionState))
  return jsonReply(200, list)
}
