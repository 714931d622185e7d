import type { Clock } from '../contracts/clock.ts'
import type { BffEvent } from '../contracts/events.ts'
import type { Reply } from '../contracts/reply.ts'
import type { RequestView } from '../contracts/request-view.ts'
import { refuseUnknown } from '../internal/options.ts'
import { sinkOf } from '../internal/sink.ts'
import { systemClock } from '../internal/system-clock.ts'
import { createGuard, type LimitingOptions } from './guard.ts'
import { policyOf, type RateLimit } from './policies.ts'

export interface LimitRequestsOptions extends RateLimit, LimitingOptions {
  /** The name of the limit in header fields and events. Two limits with the same name share their buckets. @default `app` */
  readonly name?: string
  /** Returns the client's address; `clientAddress()` makes it. @default the socket's peer */
  readonly clientAddress?: (request: RequestView) => string | null
  /** Receives `rate.limited`, `store.unavailable` and `config.insecure`. @default `config.insecure` on the console */
  readonly onEvent?: (event: BffEvent) => void
  /** The clock, for tests. @default the system's clock */
  readonly clock?: Clock
}

const OPTIONS = [
  'name',
  'requestsPerMinute',
  'burst',
  'key',
  'ipv6Prefix',
  'headers',
  'limiter',
  'onOutage',
  'onLimitExceeded',
  'clientAddress',
  'onEvent',
  'clock',
]

/**
 * Makes the same limit as middleware for the app's own routes, without `createBff`. It answers 429 itself, or adds header
 * fields to the reply of `next`.
 *
 * @throws BffError `invalid_config`; the function throws `store_unavailable` where `onOutage` is `closed`
 * @example
 * ```ts
 * import type { Reply, RequestView } from '@bff/core'
 * import { limitRequests } from '@bff/core/rate-limit'
 *
 * const limited = limitRequests({ name: 'contact', requestsPerMinute: 3, burst: 3 })
 * export const contact = (request: RequestView, send: (request: RequestView) => Promise<Reply>) =>
 *   limited(request, () => send(request))
 * ```
 */
export function limitRequests(
  options: LimitRequestsOptions = {},
): (request: RequestView, next: () => Promise<Reply>) => Promise<Reply> {
  refuseUnknown('limitRequests', options, OPTIONS)
  const { name = 'app', clock = systemClock, onEvent } = options
  const policy = policyOf(name, options, { requestsPerMinute: 60, burst: 10 })
  const guard = createGuard({
    ...options,
    clientAddress: options.clientAddress ?? ((request) => request.remoteAddress ?? null),
    clock,
    emit: sinkOf(onEvent ?? warnOfInsecure, clock),
  })
  return (request, next) => guard(request, policy, next)
}

/** Shows the one event of a mistake; the others are about clients and outages. */
function warnOfInsecure(event: BffEvent): void {
  if (event.type === 'config.insecure') console.warn(`[bff] ${event.type}`, event.option, event.message)
}
