import type { EndpointDescriptions } from '../contracts/endpoint.ts'
import type { IdentityProvider, LogoutTokenClaims } from '../contracts/identity-provider.ts'
import type { PluginContext, PluginFactory } from '../contracts/plugin.ts'
import type { Reply } from '../contracts/reply.ts'
import type { RequestView } from '../contracts/request-view.ts'
import { BffError, isBffError } from '../internal/bff-error.ts'
import { sha256Base64url } from '../internal/crypto/hash.ts'
import { answer, BAD_REQUEST, form } from '../internal/describe.ts'
import { forLog } from '../internal/for-log.ts'
import { jsonReply } from '../internal/http/replies.ts'
import { flag, number, pathBelow } from '../internal/option-rules.ts'
import { readOptions } from '../internal/options.ts'
import { revokeEarlier } from '../internal/revoke-earlier.ts'
import { readFormValue } from './form-body.ts'
import { BY_PROVIDER, reachedSubjects, revokeNamed } from './logged-out-sessions.ts'

export interface BackchannelLogoutOptions {
  /** The path that the provider calls, absolute. @default `backchannel-logout` below `basePath` */
  readonly path?: string
  /** Whether a token that names one session ends all sessions of its user. @default false */
  readonly allSessions?: boolean
  /** How far the provider's clock may differ from the server's, in milliseconds. @default 30_000. From 0 to 600_000 */
  readonly clockToleranceMs?: number
}

const MAX_BODY_BYTES = 65_536
/** No store has to keep a replay mark longer, regardless of the token's own times. */
const MAX_REPLAY_MS = 400 * 86_400_000

/**
 * `POST /bff/backchannel-logout`: the provider ends sessions without a browser (OpenID Connect Back-Channel Logout 1.0,
 * LGO-01 to LGO-14).
 *
 * A token with `sid` ends that session. A token with only `sub` ends all sessions of the user that signed in before the
 * token was issued. It also succeeds when there is no session to end. The callback refuses a sign-in that was under way when
 * the logout arrived. A token is accepted once. Every failure answers 400 and emits `logout.failed`; after a fault of the
 * store the provider may send the same token again.
 *
 * @throws BffError `invalid_config`, also without a `provider`
 * @example
 * ```ts
 * import { type BffConfig, createBff } from '@bff/core'
 * import { backchannelLogout } from '@bff/core/endpoints'
 *
 * export const withLogout = (config: BffConfig) =>
 *   createBff({ ...config, plugins: [backchannelLogout({ allSessions: true })] })
 * ```
 */
export function backchannelLogout(options: BackchannelLogoutOptions = {}): PluginFactory {
  const read = readOptions('backchannelLogout', options, {
    path: pathBelow('backchannel-logout'),
    allSessions: flag(false),
    clockToleranceMs: number(30_000, 0, 600_000),
  })
  const { allSessions, clockToleranceMs: toleranceMs } = read

  return (context) => {
    const { provider } = context
    if (provider === null)
      throw new BffError(
        'invalid_config',
        'backchannelLogout needs a provider that verifies logout tokens. Set provider in createBff.',
      )
    const dependencies = { ...context, provider, toleranceMs, allSessions }
    const path = read.path(context.options.basePath)

    return {
      endpoints: {
        [path]: {
          methods: {
            POST: (request) =>
              logOut(request, dependencies).then(
                () => jsonReply(200, {}),
                (error: unknown) => refusal(error, context),
              ),
          },
          // The client is a server, and its token is the proof.
          csrfExempt: ['POST'],
          limit: { bucket: 'backchannel-logout', callers: 'api' },
          describe: () => DESCRIPTIONS,
        },
      },
    }
  }
}

interface LogOutDependencies extends PluginContext {
  readonly provider: IdentityProvider
  readonly toleranceMs: number
  readonly allSessions: boolean
}

async function logOut(request: RequestView, dependencies: LogOutDependencies): Promise<void> {
  const { provider, stores, marks, toleranceMs, allSessions, emit } = dependencies
  const token = await readFormValue(request, 'logout_token', MAX_BODY_BYTES)
  const claims = await provider.verifyLogoutToken(token, request)
  const { issuer } = claims
  const replayKey = `logout-jti:${await sha256Base64url(JSON.stringify([issuer, claims.jti]))}`
  if ((await stores.ttl.get(replayKey)) !== null) throw replayed()

  const subjects = await reachedSubjects(dependencies, claims, allSessions)
  for (const subject of subjects) await marks.set({ issuer, subject }, BY_PROVIDER)
  const revoked = [...(await revokeNamed(dependencies, claims))]
  const before = claims.issuedAt * 1000 + toleranceMs
  for (const subject of subjects)
    revoked.push(...(await revokeEarlier(dependencies, { issuer, subject }, before, BY_PROVIDER)))
  for (const { handle, userId } of revoked) emit({ type: 'auth.logout', by: 'backchannel', handle, userId })

  // Recorded last, so that a logout that broke off can be sent again (LGO-09).
  if (!(await stores.ttl.setIfAbsent(replayKey, '1', replayLife(claims, dependencies)))) throw replayed()
}

const replayed = () => new BffError('bad_request', 'The logout token was used before. Send a new one.')

function replayLife({ expiresAt }: LogoutTokenClaims, { clock, toleranceMs }: LogOutDependencies): number {
  return Math.min(MAX_REPLAY_MS, Math.max(1_000, expiresAt * 1000 + toleranceMs - clock.now()))
}

/** Invalid or failed, it is 400 (LGO-13): other codes mean nothing to a provider. */
function refusal(error: unknown, { emit }: Pick<PluginContext, 'emit'>): Reply {
  const known = isBffError(error) ? error : new BffError('internal_error', undefined, { cause: error })
  const { code, status } = known
  const cause = known.cause ?? known
  if (code === 'store_unavailable') emit({ type: 'store.unavailable', operation: 'backchannelLogout', cause })
  emit({ type: 'logout.failed', code, reason: forLog(String(cause)) })
  const message = status < 500 ? known.message : new BffError(code).message
  return jsonReply(400, { error: code, message })
}

const DESCRIPTIONS: EndpointDescriptions = {
  POST: {
    operationId: 'bff-backchannel-logout',
    summary: 'Take a logout token from the identity provider (OpenID Connect Back-Channel Logout 1.0)',
    requestBody: form('logout_token'),
    responses: { 200: answer('The sessions it names are revoked.', { type: 'object' }), ...BAD_REQUEST },
    session: false,
  },
}
