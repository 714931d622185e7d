import type { RequestView } from '../contracts/request-view.ts'

/**
 * Makes a function that returns one view for each request, so that all parts of an app share one read of the store.
 *
 * @param requestOf returns the object that everything that serves one request has in common
 * @param makeView called once for each such object
 * @example
 * ```ts
 * import { webRequestView } from '@bff/core'
 * import { requestViews } from '@bff/core/web'
 *
 * export const viewOf = requestViews((request: Request) => request, (request) => webRequestView(request))
 * ```
 */
export function requestViews<Event>(
  requestOf: (event: Event) => object,
  makeView: (event: Event) => RequestView,
): (event: Event) => RequestView {
  const views = new WeakMap<object, RequestView>()
  return (event) => {
    const request = requestOf(event)
    const known = views.get(request)
    if (known !== undefined) return known
    const view = makeView(event)
    views.set(request, view)
    return view
  }
}
