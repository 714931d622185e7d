import type { EndpointDescriptions } from '../contracts/endpoint.ts'
import type { PluginContext, PluginFactory } from '../contracts/plugin.ts'
import type { Reply } from '../contracts/reply.ts'
import type { RequestView } from '../contracts/request-view.ts'
import type { Session, SessionHandle } from '../contracts/session.ts'
import type { SessionSummary } from '../contracts/sessions.ts'
import { BffError, isBffError } from '../internal/bff-error.ts'
import { answer, BAD_REQUEST, object, query, ref, text, time, UNAUTHORIZED } from '../internal/describe.ts'
import { pathOf } from '../internal/http/path-of.ts'
import { jsonReply } from '../internal/http/replies.ts'
import { endOfSession, isActive } from '../internal/lifetime.ts'
import { number, pathBelow } from '../internal/option-rules.ts'
import { readOptions } from '../internal/options.ts'
import { isSessionHandle } from '../internal/session-handle.ts'

export interface SessionEndpointsOptions {
  /** Absolute. @default `sessions` below `basePath` */
  readonly path?: string
  /** The default and the maximum number of sessions on a page of the list. @default 50. From 1 to 500 */
  readonly pageSize?: number
}

/** Pages without active sessions are skipped, but at most this many. */
const MAX_ROUNDS = 20

/**
 * Endpoints with which users list and end their own sessions (CKS-18):
 *
 * - `GET /bff/sessions?limit=&cursor=`: lists the active sessions, newest first. `current` marks the session of this
 *   request, and `next` is the cursor of the next page, or `null`. `now` is the server's time, because browsers' clocks are
 *   often wrong.
 * - `DELETE /bff/sessions/:handle`: ends one session; 404 when it is not the user's, or not active. Ending the current
 *   session deletes the cookie.
 * - `DELETE /bff/sessions?except=current`: revokes all others, and returns their number in `revoked`.
 *
 * Operators can do the same for all users with `bff.sessions`.
 *
 * @throws BffError `invalid_config`
 * @example
 * ```ts
 * import { type BffConfig, createBff } from '@bff/core'
 * import { sessionEndpoints } from '@bff/core/endpoints'
 *
 * export const withSessions = (config: BffConfig) =>
 *   createBff({ ...config, plugins: [sessionEndpoints()] })
 * ```
 */
export function sessionEndpoints(options: SessionEndpointsOptions = {}): PluginFactory {
  const { path: pathBelowBase, pageSize } = readOptions('sessionEndpoints', options, {
    path: pathBelow('sessions'),
    pageSize: number(50, 1, 500),
  })

  return (context) => {
    const { requests } = context
    const path = pathBelowBase(context.options.basePath)
    return {
      endpoints: {
        [path]: {
          methods: {
            GET: async (request, query) => list(context, await requests.require(request), query, pageSize),
            DELETE: async (request, query) => endOthers(context, await requests.require(request), query),
          },
          limit: { bucket: 'sessions' },
          describe: () => DESCRIPTIONS,
        },
        [`${path}/*`]: {
          methods: {
            DELETE: async (request) => endOne(context, await requests.require(request), handleOf(request)),
          },
          limit: { bucket: 'sessions' },
          describe: () => DESCRIPTIONS_OF_ONE,
        },
      },
    }
  }
}

async function list(
  { sessions, clock }: PluginContext,
  own: Session,
  query: URLSearchParams,
  pageSize: number,
): Promise<Reply> {
  const limit = limitOf(query, pageSize)
  const found: SessionSummary[] = []
  let cursor = query.get('cursor')
  for (let round = 0; round < MAX_ROUNDS && found.length < limit; round++) {
    const { userId, issuer } = own
    const page = await sessions
      .list({ userId, issuer }, { limit: limit - found.length, ...(cursor !== null && { cursor }) })
      .catch(asBadRequest)
    found.push(...page.sessions.filter((one) => isActive(one, clock.now())))
    cursor = page.next
    if (cursor === null) break
  }
  return jsonReply(200, {
    now: isoTime(clock.now()),
    sessions: found.map((session) => viewOf(session, own.handle)),
    next: cursor,
  })
}

async function endOne(
  { stores, sessions, requests, clock }: PluginContext,
  own: Session,
  handle: SessionHandle,
): Promise<Reply> {
  const record = await stores.sessions.get(handle)
  const isOwn = record !== null && record.userId === own.userId && record.issuer === own.issuer
  // The same answer for another user's session as for an unknown one.
  if (!isOwn || !isActive(record, clock.now())) throw new BffError('not_found')
  const outcome = await sessions.revoke(handle, byUser(own))
  const isThisOne = handle === own.handle && outcome === 'revoked'
  return jsonReply(200, { revoked: 1 }, isThisOne ? [requests.deletion] : [])
}

async function endOthers({ sessions }: PluginContext, own: Session, query: URLSearchParams): Promise<Reply> {
  if (query.get('except') !== 'current')
    throw new BffError(
      'bad_request',
      'The request does not say which sessions to end. Add ?except=current to end all but this one.',
    )
  const revoked = await sessions.revokeOthers(own, byUser(own))
  return jsonReply(200, { revoked: revoked.length })
}

const byUser = ({ userId }: Session) => ({ reasonCode: 'user_revoked', actorType: 'user', actorId: userId })

const isoTime = (ms: number) => new Date(ms).toISOString()

function viewOf(session: SessionSummary, current: SessionHandle) {
  return {
    handle: session.handle,
    current: session.handle === current,
    user_agent: session.userAgent,
    ip_address: session.ipAddress,
    created_at: isoTime(session.createdAt),
    last_used_at: isoTime(session.lastAccessedAt),
    expires_at: isoTime(endOfSession(session)),
  }
}

function handleOf({ target }: RequestView): SessionHandle {
  const path = pathOf(target)
  const handle = path.slice(path.lastIndexOf('/') + 1)
  if (isSessionHandle(handle)) return handle
  throw new BffError('not_found')
}

function limitOf(query: URLSearchParams, pageSize: number): number {
  const asked = query.get('limit')
  if (asked === null) return pageSize
  if (/^[1-9]\d{0,2}$/.test(asked) && Number(asked) <= pageSize) return Number(asked)
  throw new BffError('bad_request', `limit must be a number from 1 to ${pageSize}.`)
}

/** A cursor comes from outside, so a cursor that the store cannot read is the client's mistake. */
function asBadRequest(cause: unknown): never {
  if (!isBffError(cause, 'invalid_argument')) throw cause
  throw new BffError('bad_request', 'The cursor is malformed. Give the `next` of an earlier page.', { cause })
}

const SESSION_SUMMARY = object(
  {
    handle: text("The session's public name."),
    current: { type: 'boolean', description: 'Whether it is the session of this request.' },
    user_agent: { type: ['string', 'null'], description: 'The browser that signed in.' },
    ip_address: { type: ['string', 'null'], description: 'The address it signed in from.' },
    created_at: time('When it began.'),
    last_used_at: time('When it was last used, to within a share of its idle time.'),
    expires_at: time('When it ends if nobody uses it.'),
  },
  ['handle', 'current', 'user_agent', 'ip_address', 'created_at', 'last_used_at', 'expires_at'],
)

const DESCRIPTIONS: EndpointDescriptions = {
  GET: {
    operationId: 'bff-list-sessions',
    summary: "List the user's own sessions, newest first",
    parameters: [
      query('limit', 'How many at most.', { type: 'integer', minimum: 1 }),
      query('cursor', 'Where the page before ended: its `next`.'),
    ],
    responses: {
      200: answer(
        'A page of sessions.',
        object(
          {
            sessions: { type: 'array', items: ref('schemas', 'SessionSummary') },
            next: { type: ['string', 'null'], description: 'The cursor of the next page.' },
            now: time('The time of the server.'),
          },
          ['sessions', 'next', 'now'],
        ),
      ),
      ...UNAUTHORIZED,
      ...BAD_REQUEST,
    },
    schemas: { SessionSummary: SESSION_SUMMARY },
    session: true,
  },
  DELETE: {
    operationId: 'bff-revoke-other-sessions',
    summary: "End all of the user's sessions but this one",
    parameters: [query('except', 'Must be `current`.', { type: 'string', enum: ['current'] })],
    responses: {
      200: answer('How many were revoked.', object({ revoked: { type: 'integer' } }, ['revoked'])),
      ...UNAUTHORIZED,
      ...BAD_REQUEST,
    },
    session: true,
  },
}

const DESCRIPTIONS_OF_ONE: EndpointDescriptions = {
  DELETE: {
    operationId: 'bff-revoke-session',
    summary: "End one of the user's own sessions",
    parameters: [
      { name: 'id', in: 'path', required: true, schema: { type: 'string' }, description: 'Its handle.' },
    ],
    responses: {
      200: answer('It is revoked.', { type: 'object' }),
      ...UNAUTHORIZED,
      404: ref('responses', 'NotFound'),
    },
    session: true,
  },
}
