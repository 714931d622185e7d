import type { Upstream } from '@bff/core/proxy'
import { type HttpAdapterOptions, lawsOf } from '../harness.ts'
import { endLaws } from './ends.ts'
import { handshakeLaws } from './handshakes.ts'
import { messageLaws } from './messages.ts'

/** The options of {@link describeWebSocketRelay}: the same `serve`, whose server also relays WebSockets below `/live`. */
export interface WebSocketRelayOptions extends HttpAdapterOptions {
  /** Makes a transport with `upgrade`, such as `undiciUpstream` of `@bff/node`. */
  readonly upstream: () => Upstream
}

/**
 * Registers the laws of a relay for WebSockets (WS), one test each, on a real server.
 *
 * @example
 * ```ts
 * import { createServer } from 'node:http'
 * import { describeWebSocketRelay } from '@bff/http-testkit'
 * import { nodeListener, relayWebSockets, undiciUpstream } from '@bff/node'
 * import { test } from 'vitest'
 *
 * describeWebSocketRelay({
 *   name: 'node:http',
 *   test,
 *   upstream: undiciUpstream,
 *   serve: async (bff) => {
 *     const server = createServer(nodeListener(bff))
 *     relayWebSockets(server, bff)
 *     await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
 *     const address = server.address()
 *     return {
 *       origin: `http://127.0.0.1:${typeof address === 'object' ? address?.port : ''}`,
 *       close: async () => void server.close(),
 *     }
 *   },
 * })
 * ```
 */
export function describeWebSocketRelay(options: WebSocketRelayOptions): void {
  const law = lawsOf(options, { webSockets: true })
  messageLaws(law)
  handshakeLaws(law)
  endLaws(law)
}
