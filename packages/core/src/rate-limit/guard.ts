import type { Clock } from '../contracts/clock.ts'
import type { Emit } from '../contracts/events.ts'
import type { RateLimitDecision, RateLimiter, RateLimitPolicy } from '../contracts/rate-limiter.ts'
import type { Reply } from '../contracts/reply.ts'
import type { RequestView } from '../contracts/request-view.ts'
import { BffError, isBffError } from '../internal/bff-error.ts'
import { forLog } from '../internal/for-log.ts'
import { pathOf } from '../internal/http/path-of.ts'
import { refusalFor } from '../internal/http/refusal.ts'
import { jsonReply } from '../internal/http/replies.ts'
import { oneOf, wholeNumber } from '../internal/option-rules.ts'
import { readOptions } from '../internal/options.ts'
import { limitFields, type RateLimitHeaders, retryAfter, withFields } from './header-fields.ts'
import { addressKey, boundedKey } from './key.ts'
import { memoryRateLimiter } from './memory-limiter.ts'

/** A refused request: the policy, and when the client may try again. */
export interface LimitExceeded extends RateLimitDecision {
  readonly policy: RateLimitPolicy
}

/** The options of a rate limit, for the BFF's own paths and for the app's. */
export interface LimitingOptions {
  /**
   * Returns the key or keys of the client, in place of its address. All keys must have tokens left. They are charged in
   * order, up to the first without tokens: put a key that an unknown client cannot choose first. `null` or `[]`: the client
   * address. The limiter's store may log keys, so a key must not hold a secret. @default the client address
   */
  readonly key?: (request: RequestView, address: string | null) => LimitKey | Promise<LimitKey>
  /** Clients in one IPv6 network of this prefix length, from 32 to 128, share a bucket. @default 64 */
  readonly ipv6Prefix?: number
  /**
   * `standard` sends `RateLimit-Policy` and `RateLimit`, `legacy` the three `X-RateLimit-*`, `both` all five, `none` no
   * header.
   * @default `standard`
   */
  readonly headers?: RateLimitHeaders
  /** The limiter that counts; the BFF closes it. @default `memoryRateLimiter()`, each process on its own */
  readonly limiter?: RateLimiter
  /**
   * What to do while the limiter's store does not answer: `local` counts in this process, `closed` answers 503, `open`
   * allows all requests. Each outage emits an event. @default `local`
   */
  readonly onOutage?: 'local' | 'closed' | 'open'
  /** Called after a refusal. A reply that it returns is sent in place of the usual 429. @default none */
  readonly onLimitExceeded?: (
    exceeded: LimitExceeded,
    request: RequestView,
  ) => Reply | undefined | Promise<Reply | undefined>
}

export type LimitKey = string | readonly string[] | null

export interface GuardDependencies extends LimitingOptions {
  readonly clientAddress: (request: RequestView) => string | null
  readonly clock: Clock
  readonly emit: Emit
}

/** Answers a request itself, or passes it on, under a policy. */
export interface Guard {
  (request: RequestView, policy: RateLimitPolicy, next: () => Promise<Reply>): Promise<Reply>
  close(): Promise<void>
}

/** What `rateLimit` and `limitRequests` have in common; the names they do not know are refused by each. */
const readLimiting = ({ headers, onOutage, ipv6Prefix }: LimitingOptions) =>
  readOptions(
    'The rate limit',
    { headers, onOutage, ipv6Prefix },
    {
      headers: oneOf(['standard', 'legacy', 'both', 'none']),
      onOutage: oneOf(['local', 'closed', 'open']),
      ipv6Prefix: wholeNumber(64, 32, 128),
    },
  )

export function createGuard(dependencies: GuardDependencies): Guard {
  const { clientAddress, clock, emit } = dependencies
  const { onLimitExceeded } = dependencies
  const { headers, onOutage, ipv6Prefix } = readLimiting(dependencies)
  const local = memoryRateLimiter({ clock })
  const limiter = dependencies.limiter ?? local
  limiter.attach?.({ clock, emit })

  let knowsAddresses = false
  let isAnnounced = false

  async function keysOf(request: RequestView): Promise<readonly string[]> {
    const address = clientAddress(request)
    knowsAddresses ||= address !== null
    const given = (await dependencies.key?.(request, address)) ?? []
    const keys = typeof given === 'string' ? [given] : given
    if (keys.length === 0) return keysOfAddress(address)
    return Promise.all(keys.map(async (key, at) => boundedKey(`${at}:${key}`)))
  }

  /**
   * While no address was ever known, one bucket for all would let a single client block all others, so nothing is counted.
   * When addresses are known, requests without one share a bucket.
   */
  function keysOfAddress(address: string | null): readonly string[] {
    if (address !== null) return [addressKey(address, ipv6Prefix)]
    if (knowsAddresses) return ['unknown']
    if (!isAnnounced) emit({ type: 'config.insecure', ...NO_ADDRESS })
    isAnnounced = true
    return []
  }

  /** `null`: nothing is counted. */
  async function decide(key: string, policy: RateLimitPolicy): Promise<RateLimitDecision | null> {
    try {
      return await limiter.consume(key, policy)
    } catch (error) {
      const cause = isBffError(error) ? (error.cause ?? error) : error
      if (onOutage === 'closed') throw new BffError('store_unavailable', undefined, { cause })
      emit({ type: 'store.unavailable', operation: 'rate limit', cause })
      return onOutage === 'local' ? local.consume(key, policy) : null
    }
  }

  /** The decision that leaves the least, of the first refusal or of all. */
  async function tightest(request: RequestView, policy: RateLimitPolicy): Promise<RateLimitDecision | null> {
    let found: RateLimitDecision | null = null
    for (const key of await keysOf(request)) {
      const decision = await decide(key, policy)
      if (decision?.allowed === false) return decision
      if (found === null || (decision !== null && decision.remaining < found.remaining)) found = decision
    }
    return found
  }

  async function refuse(request: RequestView, exceeded: LimitExceeded): Promise<Reply> {
    const path = forLog(pathOf(request.target))
    emit({ type: 'rate.limited', policy: exceeded.policy.name, path })
    const own = await onLimitExceeded?.(exceeded, request)
    const { code, message } = new BffError('rate_limited')
    const reply = own ?? refusalFor(request, jsonReply(429, { error: code, message }))
    return { ...reply, headers: [...reply.headers, retryAfter(exceeded)] }
  }

  const guard = async (request: RequestView, policy: RateLimitPolicy, next: () => Promise<Reply>) => {
    const decision = await tightest(request, policy)
    if (decision === null) return next()
    const reply = decision.allowed ? await next() : await refuse(request, { ...decision, policy })
    return withFields(reply, limitFields(headers, policy, decision, clock.now()))
  }
  return Object.assign(guard, {
    close: async () => {
      await Promise.all([limiter.close(), local.close()])
    },
  })
}

const NO_ADDRESS = {
  option: 'clientAddress',
  message:
    'No client address is known here, so requests are not limited by address. Give createBff (or limitRequests) a clientAddress that reads a header only your platform can set, nextBff a remoteAddress, or rateLimit a key.',
}
