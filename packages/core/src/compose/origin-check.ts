import type { BffEvent } from '../contracts/events.ts'
import type { Reply } from '../contracts/reply.ts'
import type { RequestView } from '../contracts/request-view.ts'
import { BffError } from '../internal/bff-error.ts'
import { forLog } from '../internal/for-log.ts'
import { csrfViolation } from '../internal/http/csrf.ts'
import { pathOf } from '../internal/http/path-of.ts'
import { jsonReply } from '../internal/http/replies.ts'
import { isThisMachine } from '../internal/option-rules.ts'
import { refuseUnknown } from '../internal/options.ts'
import { sinkOf } from '../internal/sink.ts'
import { systemClock } from '../internal/system-clock.ts'
import type { Middleware } from './stack.ts'

export interface OriginOptions {
  /** Origins that may call, such as `https://app.example.com`, without path or default port. @default none */
  readonly allowedOrigins?: readonly string[]
  /** Hosts that may call over https; of `localhost`, over http too. @default none */
  readonly allowedHosts?: readonly string[]
  /** Accepts requests without any origin header, as programs send them. @default false */
  readonly allowMissingOrigin?: boolean
  /** Uses the origin of `Referer` when there is no `Origin`. @default true */
  readonly checkReferer?: boolean
  /** Methods that are not checked, such as GET and HEAD. @default none */
  readonly skipMethods?: readonly string[]
}

export interface OriginCheckOptions extends OriginOptions {
  /** Returns the reply in place of 403 `csrf_violation`. @default none */
  readonly onRefused?: (request: RequestView, reason: string) => Reply | Promise<Reply>
  /** Receives `csrf.rejected`. @default ignored */
  readonly onEvent?: (event: BffEvent) => void
}

const OPTIONS = ['allowedOrigins', 'allowedHosts', 'allowMissingOrigin', 'checkReferer', 'skipMethods']

/**
 * Makes a function that returns why the origin of a request is not allowed, or `null` when it is allowed. It checks
 * `Sec-Fetch-Site`, which no page can set, then `Origin`, then `Referer`. A WebSocket handshake needs an `Origin` (RFC 6455
 * §10.2, CSR-13). It compares the scheme too: `http` is not `https`.
 *
 * @throws BffError `invalid_config`, also when no origin is allowed
 * @example
 * ```ts
 * import type { RequestView } from '@bff/core'
 * import { originValidator } from '@bff/core/compose'
 *
 * const violation = originValidator({ allowedHosts: ['app.example.com'] })
 * export const isOurs = (request: RequestView) => violation(request) === null
 * ```
 */
export function originValidator(options: OriginOptions): (request: RequestView) => string | null {
  refuseUnknown('originValidator', options, OPTIONS)
  const { allowMissingOrigin = false, checkReferer = true, skipMethods = [] } = options
  const allowedOrigins = new Set([
    ...(options.allowedOrigins ?? []).map(originOf),
    ...(options.allowedHosts ?? []).flatMap(originsOfHost),
  ])
  const [origin] = allowedOrigins
  if (origin === undefined)
    throw new BffError(
      'invalid_config',
      'Set allowedOrigins or allowedHosts: without them no origin may call.',
    )
  // The BFF's own check without its header: every method needs an origin.
  const policy = { headerName: '', headerValue: '', origin, allowedOrigins }

  return (request) => {
    if (skipMethods.includes(request.method) && !request.upgrade) return null
    const header = (name: string) => {
      if (name === '') return ''
      if (name === 'referer' && !checkReferer) return undefined
      return name === 'origin' ? request.header(name)?.toLowerCase() : request.header(name)
    }
    const reason = csrfViolation({ method: 'POST', header, upgrade: request.upgrade ?? false }, policy)
    const saysNothing =
      reason === 'no_origin' || (reason === 'sec_fetch_site' && header('sec-fetch-site') === 'none')
    return saysNothing && allowMissingOrigin ? null : reason
  }
}

/**
 * Makes {@link originValidator} into middleware that answers 403. It checks every method that is not in `skipMethods`.
 *
 * @throws BffError `invalid_config`
 */
export function originCheck({ onRefused, onEvent, ...options }: OriginCheckOptions): Middleware {
  const violation = originValidator(options)
  const emit = sinkOf(onEvent, systemClock)
  return async (request, next) => {
    const reason = violation(request)
    if (reason === null) return next()
    emit({ type: 'csrf.rejected', reason, path: forLog(pathOf(request.target)) })
    if (onRefused !== undefined) return onRefused(request, reason)
    const { code, status } = new BffError('csrf_violation')
    return jsonReply(status, {
      error: code,
      message: 'This origin may not call here. Add it to the allowed origins.',
    })
  }
}

function originOf(text: string): string {
  const { origin, protocol } = new URL(URL.canParse(text) ? text : 'about:')
  if (origin === text && /^https?:$/.test(protocol)) return origin
  throw new BffError(
    'invalid_config',
    `allowedOrigins must list origins such as https://app.example.com, without path or default port, not ${text}.`,
  )
}

function originsOfHost(host: string): string[] {
  const secure = `https://${host}`
  if (!URL.canParse(secure) || new URL(secure).host !== host)
    throw new BffError('invalid_config', `allowedHosts must list hosts such as app.example.com, not ${host}.`)
  return isThisMachine(new URL(secure).hostname) ? [secure, `http://${host}`] : [secure]
}
