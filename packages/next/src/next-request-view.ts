import { type RequestView, type ServedBff, webRequestView } from '@bff/core'
import { publicTarget } from './next-paths.ts'

/** The headers that Next's router adds to its own requests, with or without a click. */
const ROUTER_HEADERS = ['rsc', 'next-router-prefetch', 'next-router-segment-prefetch']

/**
 * A route handler's request. A request of Next's router becomes `Sec-Purpose: prefetch` for the BFF, so that no rendered
 * link starts a sign-in (BFF-24). After a click Next navigates, and that request has none of these headers.
 *
 * An API is not asked to compress: Next does that, and takes no compressed response.
 */
export function nextRequestView(request: Request, remoteAddress?: string): RequestView {
  const view = webRequestView(request, remoteAddress)
  const header = view.header.bind(view)
  const isPrefetch = isRouterRequest(request)
  return Object.assign(view, {
    header(name: string) {
      if (name === 'accept-encoding') return 'identity'
      return isPrefetch && name === 'sec-purpose' ? 'prefetch' : header(name)
    },
  })
}

/** The same view, of the address the browser knows. */
export const atPublicTarget = (
  view: RequestView,
  basePath: string,
  served: Pick<ServedBff<unknown>, 'bffFor'>,
): RequestView => Object.assign(view, { target: publicTarget(view, basePath, served) })

function isRouterRequest({ headers, url }: Request): boolean {
  return ROUTER_HEADERS.some((name) => headers.has(name)) || new URL(url).searchParams.has('_rsc')
}
