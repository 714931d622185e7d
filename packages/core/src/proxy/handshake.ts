import type { RequestView } from '../contracts/request-view.ts'
import type { UpstreamResponse } from '../contracts/upstream.ts'
import { BffError } from '../internal/bff-error.ts'
import type { Route } from './routes.ts'

/** The headers of a WebSocket handshake that concern the client and the API (RFC 6455 §4.1). */
export const HANDSHAKE_HEADERS: readonly string[] = [
  'sec-websocket-extensions',
  'sec-websocket-key',
  'sec-websocket-protocol',
  'sec-websocket-version',
]

/**
 * Refuses a switch to any other protocol, and a handshake that an API must refuse: a proxy that accepts such a handshake
 * would relay the bytes that follow unchecked (RFC 6455 §4.2.1).
 *
 * @throws BffError `bad_request`
 */
export function checkHandshake({ webSocket }: Route, request: RequestView): void {
  const complete =
    webSocket &&
    request.method === 'GET' &&
    request.header('upgrade')?.toLowerCase() === 'websocket' &&
    request.header('sec-websocket-version') === '13' &&
    /^[A-Za-z\d+/]{22}==$/.test(request.header('sec-websocket-key') ?? '')
  if (!complete)
    throw new BffError(
      'bad_request',
      'This is not a valid WebSocket handshake for this path. Send a GET with the headers of RFC 6455.',
    )
}

/** The headers of a 101 that are the client's; all others are about the connection to the API. */
export const switchHeaders = ({ headers }: UpstreamResponse) =>
  headers.filter(([name]) => /^sec-websocket-(?:accept|extensions|protocol)$/.test(name))
