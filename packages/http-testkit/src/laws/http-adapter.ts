import { type HttpAdapterOptions, lawsOf } from '../harness.ts'
import { abortLaws } from './aborts.ts'
import { bodyLaws } from './bodies.ts'
import { cookieLaws } from './cookies.ts'
import { errorLaws } from './errors.ts'
import { eventStreamLaws } from './event-streams.ts'
import { flowLaws } from './flow.ts'
import { forgeryLaws } from './forgery.ts'
import { frontendLaws } from './frontends.ts'
import { placeLaws } from './place.ts'
import { requestLineLaws } from './request-lines.ts'
import { routingLaws } from './routing.ts'
import { sessionLaws } from './sessions.ts'

/**
 * Registers the laws of an HTTP adapter (HA), one test each, on a real server.
 *
 * @param options `test` of your runner, and `serve`, which starts the adapter around a BFF
 *
 * @example
 * ```ts
 * import type { ServedBff } from '@bff/core'
 * import { describeHttpAdapter, type ServedApp } from '@bff/http-testkit'
 * import { test } from 'vitest'
 *
 * // Yours: the adapter, and the few routes that HttpAdapterOptions names.
 * declare function serve(bff: ServedBff): Promise<ServedApp>
 *
 * describeHttpAdapter({ name: 'koa', test, serve })
 * ```
 */
export function describeHttpAdapter(options: HttpAdapterOptions): void {
  const law = lawsOf(options)
  routingLaws(law)
  requestLineLaws(law)
  cookieLaws(law)
  bodyLaws(law)
  flowLaws(law)
  abortLaws(law)
  errorLaws(law)
  sessionLaws(law)
  eventStreamLaws(law)
  forgeryLaws(law)
  placeLaws(law)
  frontendLaws(law)
}
