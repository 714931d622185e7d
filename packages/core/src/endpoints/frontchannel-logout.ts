import type { EndpointDescriptions } from '../contracts/endpoint.ts'
import type { PluginContext, PluginFactory } from '../contracts/plugin.ts'
import type { Reply } from '../contracts/reply.ts'
import type { RequestView } from '../contracts/request-view.ts'
import type { Session } from '../contracts/session.ts'
import { BffError } from '../internal/bff-error.ts'
import { BAD_REQUEST } from '../internal/describe.ts'
import { htmlReply } from '../internal/http/replies.ts'
import { listOf, origin as originRule, pathBelow } from '../internal/option-rules.ts'
import { readOptions } from '../internal/options.ts'

export interface FrontchannelLogoutOptions {
  /** The path that the provider frames, absolute. @default `frontchannel-logout` below `basePath` */
  readonly path?: string
  /**
   * The origins of the provider's sign-out page, which alone may frame this one, such as `https://id.example.com`.
   * @default the origin of the session's issuer
   */
  readonly providerOrigins?: readonly string[]
}

/** The revocation of a session whose provider has framed the sign-out of this app. */
const BY_PROVIDER = { reasonCode: 'frontchannel_logout', actorType: 'provider', actorId: null } as const

/**
 * `GET /bff/frontchannel-logout?iss=…&sid=…`, in a hidden frame of the provider's sign-out page: ends the session of this
 * browser (OpenID Connect Front-Channel Logout 1.0). For providers without back-channel logout, which is better in every way.
 *
 * The session ends when the browser sends its cookie and `iss` and `sid` are those of its sign-in. Browsers send the cookie to a
 * frame only when the provider is same-site with the app, and the cookie's `SameSite` allows no exception: with a provider on
 * another site nothing ends here. Nobody learns whether a session has ended.
 *
 * @throws BffError `invalid_config`
 * @example
 * ```ts
 * import { type BffConfig, createBff } from '@bff/core'
 * import { frontchannelLogout } from '@bff/core/endpoints'
 *
 * export const withLogout = (config: BffConfig) => createBff({ ...config, plugins: [frontchannelLogout()] })
 * ```
 */
export function frontchannelLogout(options: FrontchannelLogoutOptions = {}): PluginFactory {
  const { path, providerOrigins } = readOptions('frontchannelLogout', options, {
    path: pathBelow('frontchannel-logout'),
    providerOrigins: listOf(originRule()),
  })

  return (context) => ({
    endpoints: {
      [path(context.options.basePath)]: {
        methods: { GET: (request, query) => logOut(context, request, query, providerOrigins) },
        // The session id of the provider is the proof: another site does not know it.
        csrfExempt: ['GET'],
        getChanges: true,
        limit: { bucket: 'frontchannel-logout' },
        describe: () => DESCRIPTIONS,
      },
    },
  })
}

async function logOut(
  context: PluginContext,
  request: RequestView,
  query: URLSearchParams,
  providerOrigins: readonly string[],
): Promise<Reply> {
  const [issuer, sid] = [onlyValue(query, 'iss'), onlyValue(query, 'sid')]
  const destination = request.header('sec-fetch-dest')
  if (destination !== undefined && destination !== 'iframe')
    throw new BffError('bad_request', 'A front-channel logout must be framed by the page of the provider.')
  const found = await context.requests.load(request)
  // Also a session that is refused to this browser: its cookie may end it, as at a sign-out.
  const session = 'session' in found ? found.session : null
  const isNamed = session !== null && session.issuer === issuer && session.providerSessionId === sid
  if (session !== null && !isNamed) {
    const reason = 'iss and sid name another session than the cookie.'
    context.emit({ type: 'logout.failed', code: 'bad_request', reason })
  }
  const isRevoked = isNamed && (await revoke(context, session))
  const origins = providerOrigins.length === 0 && isNamed ? originOf(issuer) : providerOrigins
  return framedBy(origins, isRevoked ? [context.requests.deletion] : [])
}

/** @throws BffError `bad_request` unless the parameter comes once, with a value */
function onlyValue(query: URLSearchParams, name: 'iss' | 'sid'): string {
  const [value = '', ...more] = query.getAll(name)
  if (value !== '' && more.length === 0) return value
  throw new BffError(
    'bad_request',
    `A front-channel logout needs ${name} once. Let the provider send iss and sid (frontchannel_logout_session_required).`,
  )
}

/** Returns `false` when somebody else was faster: then the browser may have a newer cookie already. */
async function revoke(
  { sessionRevocation, emit }: PluginContext,
  { handle, userId }: Session,
): Promise<boolean> {
  const revoked = await sessionRevocation.revoke(handle, BY_PROVIDER)
  if (revoked?.outcome !== 'revoked') return false
  emit({ type: 'auth.logout', by: 'frontchannel', handle, userId })
  return true
}

const originOf = (issuer: string) => (URL.canParse(issuer) ? [new URL(issuer).origin] : [])

const PAGE = '<!doctype html><html lang="en"><title>Signed out</title><p>Signed out.</p></html>'

/** The same page in each case, for the provider's page alone. */
function framedBy(origins: readonly string[], cookies: readonly string[]): Reply {
  const { status, headers, body } = htmlReply(200, PAGE, cookies, '')
  const ancestors = `frame-ancestors ${origins.join(' ') || "'none'"}`
  return {
    status,
    headers: headers
      .filter(([name]) => name !== 'x-frame-options')
      .map(([name, value]) =>
        name === 'content-security-policy'
          ? [name, value.replace(/frame-ancestors [^;]+/, ancestors)]
          : [name, value],
      ),
    body,
  }
}

const DESCRIPTIONS: EndpointDescriptions = {
  GET: {
    operationId: 'bff-frontchannel-logout',
    summary:
      "End this browser's session in a frame of the provider (OpenID Connect Front-Channel Logout 1.0)",
    parameters: ['iss', 'sid'].map((name) => ({
      name,
      in: 'query',
      required: true,
      schema: { type: 'string' },
    })),
    responses: {
      200: { description: 'A page for the frame, regardless of whether a session has ended.' },
      ...BAD_REQUEST,
    },
    session: true,
  },
}
