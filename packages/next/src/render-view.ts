import type { RequestView } from '@bff/core'
import { headers } from 'next/headers.js'
import { connection } from 'next/server.js'

/**
 * The request of a render or a server action: Next gives its headers, but neither its path nor its body. Call it before the
 * BFF is made, so that Next knows first that this page is not static.
 */
export async function renderView(method: 'GET' | 'POST'): Promise<RequestView> {
  // `headers()` alone would let Next render ahead of a request, for a prefetch, where no clock may be read.
  await connection()
  const given = await headers()
  return {
    method,
    target: '',
    remoteAddress: undefined,
    header: (name) => given.get(name) ?? undefined,
    headers: () => given,
    body: () => undefined,
    signal: new AbortController().signal,
  }
}
