import { BffError, type Reply, webResponse } from '@bff/core'

const FORMATS: Readonly<Record<string, CompressionFormat>> = {
  gzip: 'gzip',
  'x-gzip': 'gzip',
  deflate: 'deflate',
}

/** What no longer describes a decoded body. */
const STALE = /^content-(?:encoding|length)$/

/**
 * Decodes the body of a reply. Next sends each body of a route handler without its `content-encoding`, because `fetch` leaves that
 * header on what it has decoded.
 *
 * @throws BffError `upstream_unavailable` for a coding that not every runtime decodes, such as `br`
 */
export function decoded(reply: Reply): Reply {
  const coding = reply.headers.find(([name]) => name === 'content-encoding')?.[1].toLowerCase()
  if (coding === undefined || coding === 'identity' || reply.body === null) return reply
  const { body } = webResponse(reply)
  const format = FORMATS[coding]
  if (format === undefined) {
    body?.cancel().catch(() => {})
    throw new BffError(
      'upstream_unavailable',
      'The API compressed its response, but the request did not accept that.',
    )
  }
  const headers = reply.headers.filter(([name]) => !STALE.test(name))
  return { ...reply, headers, body: body?.pipeThrough(new DecompressionStream(format)) ?? null }
}
