import type { RequestView } from '@bff/core'

/** The request of a render or a server action: Next gives its headers, but neither its path nor its body. */
export function headersView(method: 'GET' | 'POST', headers: Headers): RequestView {
  return {
    method,
    target: '/',
    remoteAddress: undefined,
    header: (name) => headers.get(name) ?? undefined,
    headers: () => headers,
    body: () => undefined,
    signal: new AbortController().signal,
  }
}
