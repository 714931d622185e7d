import {
  BffError,
  isBffError,
  jsonReply,
  type PluginContext,
  type PluginFactory,
  type Reply,
  type RequestView,
} from '@bff/core'
import { option, readOptions, readText, sha256Base64url } from '@bff/core/authoring'
import { isObject } from '../answer.ts'
import { causeOf } from '../cause.ts'
import { createClient } from '../client.ts'
import { revokeSessions } from './effects.ts'
import { type ReceiverHooks, resolveSubject } from './receiver.ts'
import { VERIFICATION_OPTIONS, type VerificationOptions, verificationSettings } from './shared-signals.ts'
import { readSubject } from './subject.ts'

/** The options of {@link globalTokenRevocation}. Unknown keys throw `invalid_config`. */
export interface GlobalTokenRevocationOptions
  extends VerificationOptions,
    Pick<ReceiverHooks, 'findSessions'> {
  /** The issuer of the caller's tokens, whose OpenID Connect metadata names its keys. */
  readonly issuer: string
  /** The `aud` of the caller's tokens. @default the address of the endpoint */
  readonly audience?: string
  /** The path that the caller posts to, absolute. @default `global-token-revocation` below `basePath` */
  readonly path?: string
  /** The issuers of the users that the caller may sign out: those of your identity providers. @default the caller alone */
  readonly subjectIssuers?: readonly string[]
}

const MAX_BODY_BYTES = 16_384
const MAX_LIFE_MS = 3_600_000

/**
 * `POST /bff/global-token-revocation`: ends every session of a user that began before the request
 * (draft-parecki-oauth-global-token-revocation, Okta Universal Logout), and refuses the user's sign-ins under way. Their
 * refresh tokens are revoked at the provider, as `logout.revokeTokens` says.
 *
 * It answers 204, also when the user has no session; 404 for a subject that neither the default nor `findSessions` knows; 401
 * without a valid token, which is accepted once; 503 when the store does not answer.
 *
 * @throws BffError `invalid_config` with the option and the values it accepts
 * @example
 * ```ts
 * import { type BffConfig, createBff } from '@bff/core'
 * import { globalTokenRevocation } from '@bff/oidc/shared-signals'
 *
 * export const withUniversalLogout = (config: BffConfig) =>
 *   createBff({ ...config, plugins: [globalTokenRevocation({ issuer: 'https://example.okta.com' })] })
 * ```
 */
export function globalTokenRevocation(options: GlobalTokenRevocationOptions): PluginFactory {
  const read = readOptions('globalTokenRevocation', options, {
    issuer: option.text(),
    audience: option.optional(option.text()),
    path: option.pathBelow('global-token-revocation'),
    subjectIssuers: option.listOf(option.text()),
    findSessions: option.callback<NonNullable<ReceiverHooks['findSessions']>>(),
    ...VERIFICATION_OPTIONS,
  })
  verificationSettings('globalTokenRevocation', { ...options, clientId: read.audience ?? read.issuer })
  const { findSessions } = read
  const subjectIssuers = read.subjectIssuers.length === 0 ? [read.issuer] : read.subjectIssuers

  return (context) => {
    const { options: bff, clock, stores, emit } = context
    const path = read.path(bff.basePath)
    const audience = read.audience ?? `${bff.origin}${path}`
    const client = createClient(
      verificationSettings('globalTokenRevocation', { ...options, clientId: audience }, clock),
    )
    const { issuer, clockToleranceMs } = client.settings

    async function revoke(request: RequestView): Promise<Reply> {
      const caller = await verifyCaller(client, request)
      const replayKey = `revocation-jti:${await sha256Base64url(JSON.stringify([issuer, caller.jti]))}`
      if ((await stores.ttl.get(replayKey)) !== null) throw unauthenticated()
      const subject = await subjectIn(request)
      const filters = await resolveSubject(subject, { findSessions, subjectIssuers })
      if (filters === null) return jsonReply(404, NO_SUBJECT)
      const by = { reasonCode: 'global_token_revocation', actorType: 'provider', actorId: issuer }
      const sessions = await revokeSessions(context, filters, caller.issuedAt + clockToleranceMs, by)
      emit({ type: 'signal.received', issuer, signal: 'global-token-revocation', effect: 'revoke', sessions })
      // Recorded last, so that a request that broke off can be sent again.
      await stores.ttl.setIfAbsent(replayKey, '1', MAX_LIFE_MS + 2 * clockToleranceMs)
      return { status: 204, headers: [['cache-control', 'no-store']], body: null }
    }

    return {
      endpoints: {
        [path]: {
          methods: {
            POST: (request) => revoke(request).catch((error: unknown) => refusal(error, issuer, context)),
          },
          // The caller is a server, and its token is the proof.
          csrfExempt: ['POST'],
          limit: { bucket: 'shared-signals', callers: 'api' },
          describe: () => ({ POST: DESCRIPTION }),
        },
      },
      onReady() {
        if (client.settings.insecureOptions.length > 0) emit({ type: 'config.insecure', ...INSECURE_ISSUER })
      },
    }
  }
}

interface Caller {
  readonly jti: string
  /** Epoch milliseconds. */
  readonly issuedAt: number
}

/** @throws BffError `no_session` (401) without a valid token */
async function verifyCaller(
  { keys, settings }: ReturnType<typeof createClient>,
  request: RequestView,
): Promise<Caller> {
  const jwt = /^Bearer +([\w.-]+)$/i.exec(request.header('authorization') ?? '')?.[1]
  if (jwt === undefined || jwt.length > MAX_BODY_BYTES) throw unauthenticated()
  const { issuer, clientId, clock, signingAlgorithms, clockToleranceMs } = settings
  const { payload } = await keys
    .verify(jwt, {
      algorithms: [...signingAlgorithms],
      // An ID token or access token of this issuer signs nobody out.
      typ: 'global-token-revocation+jwt',
      issuer,
      audience: clientId,
      requiredClaims: ['iat', 'exp', 'jti'],
      currentDate: new Date(clock.now()),
      clockTolerance: clockToleranceMs / 1000,
      maxTokenAge: MAX_LIFE_MS / 1000,
    })
    .catch((error: unknown) => {
      throw isBffError(error) ? error : unauthenticated(causeOf(error))
    })
  const { jti, iat } = payload
  if (typeof jti !== 'string' || jti === '' || typeof iat !== 'number') throw unauthenticated()
  return { jti, issuedAt: iat * 1000 }
}

/** @throws BffError `bad_request` */
async function subjectIn(request: RequestView) {
  if (!/^application\/json\s*(;|$)/i.test(request.header('content-type') ?? ''))
    throw new BffError('bad_request', 'The body must be of the type application/json.')
  const text = await readText(request, MAX_BODY_BYTES)
  const body = parsed(text)
  // Callers of an earlier draft name it `subject`.
  const subject = isObject(body) ? readSubject(body['sub_id'] ?? body['subject']) : null
  if (subject === null)
    throw new BffError('bad_request', 'The body must name a subject identifier as sub_id.')
  return subject
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return null
  }
}

const unauthenticated = (cause?: Error) =>
  new BffError('invalid_session', 'The token of the Authorization header is not valid. Send a new one.', {
    cause,
  })

function refusal(error: unknown, issuer: string, { emit, errorReply }: PluginContext): Reply {
  const known = isBffError(error) ? error : new BffError('internal_error', undefined, { cause: error })
  const cause = known.cause ?? known
  if (known.status < 500) {
    const reason = String(cause)
    emit({ type: 'signal.refused', issuer, code: known.code, reason, severity: 'warning' })
  } else emit({ type: 'signal.failed', issuer, operation: 'receive', cause, severity: 'warning' })
  if (known.code !== 'invalid_session') return errorReply(known, 'global-token-revocation')
  return jsonReply(
    401,
    { error: 'invalid_token', message: known.message },
    [],
    [['www-authenticate', 'Bearer error="invalid_token"']],
  )
}

const NO_SUBJECT = {
  error: 'not_found',
  message: 'There is no such user here. Send a subject that this application knows.',
}

const INSECURE_ISSUER = {
  option: 'globalTokenRevocation.dangerouslyAllowInsecureIssuer',
  message:
    'The keys that verify revocations are loaded over plain http: an attacker on the way can sign users out. Use an https issuer.',
}

const DESCRIPTION = {
  operationId: 'bff-global-token-revocation',
  summary: 'Revoke every session of a user (draft-parecki-oauth-global-token-revocation)',
  requestBody: { required: true, content: { 'application/json': { schema: { type: 'object' } } } },
  responses: {
    204: { description: 'The sessions of the user are revoked.' },
    400: { $ref: '#/components/responses/BadRequest' },
    401: { $ref: '#/components/responses/Unauthorized' },
    404: { $ref: '#/components/responses/NotFound' },
  },
  session: false,
}
