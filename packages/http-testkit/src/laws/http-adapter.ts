import { type HttpAdapterOptions, lawsOf } from '../harness.ts'
import { routingLaws } from './routing.ts'
import { sessionLaws } from './sessions.ts'

/**
 * Registers the laws of an HTTP adapter, one test each, on a real server.
 *
 * @param options `test` of your runner, and `serve`, which starts the adapter around a BFF
 */
export function describeHttpAdapter(options: HttpAdapterOptions): void {
  const law = lawsOf(options)
  routingLaws(law)
  sessionLaws(law)
}
