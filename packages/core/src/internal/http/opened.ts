import type { RequestView } from '../../contracts/request-view.ts'
import { isNavigation } from './replies.ts'

/** The headers with which browsers, also old ones, mark a speculative request. */
const PURPOSES = ['sec-purpose', 'purpose', 'x-purpose', 'x-moz']

/** Whether a request is speculative: a prefetch, a prerender or a preview. */
export const isAheadOfTime = (request: RequestView) =>
  PURPOSES.some((name) => /prefetch|prerender|preview/i.test(request.header(name) ?? ''))

/**
 * Whether a user opens the address at top level, and no script, frame, image or prefetch does. When the browser does not
 * say, a request for a page counts as opened.
 */
export function isOpened(request: RequestView): boolean {
  const destination = request.header('sec-fetch-dest') ?? 'document'
  return destination === 'document' && isNavigation(request) && !isAheadOfTime(request)
}
