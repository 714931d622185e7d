import type { EndpointDescriptions } from '../contracts/endpoint.ts'
import type { PluginContext, PluginFactory } from '../contracts/plugin.ts'
import type { Session } from '../contracts/session.ts'
import { BffError } from '../internal/bff-error.ts'
import { answer } from '../internal/describe.ts'
import { jsonReply } from '../internal/http/replies.ts'
import { flag, pathBelow } from '../internal/option-rules.ts'
import { readOptions } from '../internal/options.ts'
import { health } from './health.ts'
import { type TokenShape, tokenShape } from './token-shape.ts'

export interface DiagnosticsOptions {
  /** Absolute. @default `diagnostics` below `basePath` */
  readonly path?: string
  /** Serves it on any origin, to every client that calls it. @default false */
  readonly dangerouslyServeAnywhere?: boolean
}

/**
 * `GET /bff/diagnostics`, for development: shows the configuration, whether the parts answer, and the browser's session with
 * its limits. It shows only the length, the algorithm and the names of claims of a token.
 *
 * It starts only on an `http://localhost` origin, so that it cannot stay in production by mistake.
 *
 * @throws BffError `invalid_config` on any other origin
 * @example
 * ```ts
 * import { type BffConfig, createBff } from '@bff/core'
 * import { diagnostics } from '@bff/core/endpoints'
 *
 * export const whileDeveloping = (config: BffConfig) =>
 *   createBff({ ...config, origin: 'http://localhost:3000', plugins: [diagnostics()] })
 * ```
 */
export function diagnostics(options: DiagnosticsOptions = {}): PluginFactory {
  const { path: pathOf, dangerouslyServeAnywhere } = readOptions('diagnostics', options, {
    path: pathBelow('diagnostics'),
    dangerouslyServeAnywhere: flag(false),
  })
  return (context) => {
    const { origin, basePath, secure, cookieName, session, refresh } = context.options
    const path = pathOf(basePath)
    if (secure && !dangerouslyServeAnywhere)
      throw new BffError(
        'invalid_config',
        'diagnostics is for http://localhost only. Remove it on any other origin.',
      )
    if (secure)
      context.emit({
        type: 'config.insecure',
        option: 'diagnostics.dangerouslyServeAnywhere',
        message: 'Every client can read the configuration of this BFF. Remove diagnostics in production.',
      })

    return {
      endpoints: {
        [path]: {
          methods: {
            GET: async (request) =>
              jsonReply(200, {
                configuration: { origin, basePath, cookieName, session, refresh },
                health: await health(context),
                session: await viewOf(context, await context.requests.get(request)),
              }),
          },
          csrfExempt: ['GET'],
          limit: { bucket: 'diagnostics' },
          describe: () => DESCRIPTIONS,
        },
      },
    }
  }
}

const TOKENS = ['accessToken', 'refreshToken', 'idToken'] as const

async function viewOf({ stores, encryptor }: PluginContext, session: Session | null) {
  const record = session && (await stores.sessions.get(session.handle))
  if (session === null || record === null) return null
  const tokens: Record<string, TokenShape | null> = {}
  for (const field of TOKENS) {
    const sealed = record[`${field}Encrypted`]
    const opened = sealed && (await encryptor.decrypt(sealed, { recordId: record.handle, field }))
    tokens[field] = opened && tokenShape(new TextDecoder().decode(opened))
  }
  const { claims, scope, sessionState } = await session.identity()
  const { handle, userId, issuer, providerSessionId, dpopThumbprint, createdAt, lastAccessedAt } = record
  const ends = {
    idle: record.expiresAt,
    absolute: record.absoluteExpiresAt,
    refreshToken: record.refreshTokenExpiresAt,
  }
  return {
    handle,
    userId,
    issuer,
    providerSessionId,
    dpopThumbprint,
    createdAt,
    lastAccessedAt,
    accessTokenExpiresAt: record.accessTokenExpiresAt,
    ends,
    endsFirstBy: Object.entries(ends).sort(([, a], [, b]) => (a ?? Infinity) - (b ?? Infinity))[0]?.[0],
    tokens,
    claims: Object.keys(claims),
    scope,
    sessionState,
  }
}

const DESCRIPTIONS: EndpointDescriptions = {
  GET: {
    operationId: 'bff-diagnostics',
    summary: "Show the configuration and what is known of the browser's session, without any secret",
    responses: { 200: answer('For developers; its members change.', { type: 'object' }) },
    session: true,
  },
}
