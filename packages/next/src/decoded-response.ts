import { BffError, type Reply, type ServedBff, webResponse } from '@bff/core'

const FORMATS: Readonly<Record<string, CompressionFormat>> = {
  gzip: 'gzip',
  'x-gzip': 'gzip',
  deflate: 'deflate',
}

/** What no longer describes a decoded body. */
const STALE = ['content-encoding', 'content-length']

const UNASKED = 'The API compressed its response, but the request did not accept that.'

/**
 * Returns the response of a reply, with its body decoded. Next sends each body of a route handler without its `content-encoding`,
 * because `fetch` leaves that header on what it has decoded. A coding that not every runtime decodes, such as `br`, becomes
 * `upstream_unavailable`.
 */
export function decodedResponse(reply: Reply, served: Pick<ServedBff<unknown>, 'errorReply'>): Response {
  const response = webResponse(reply)
  const coding = response.headers.get('content-encoding')?.toLowerCase()
  if (coding === undefined || coding === 'identity' || response.body === null) return response
  const format = FORMATS[coding]
  if (format === undefined) {
    response.body.cancel().catch(() => {})
    return webResponse(served.errorReply(new BffError('upstream_unavailable', UNASKED)))
  }
  const headers = new Headers(response.headers)
  for (const name of STALE) headers.delete(name)
  return new Response(response.body.pipeThrough(new DecompressionStream(format)), {
    status: response.status,
    headers,
  })
}
