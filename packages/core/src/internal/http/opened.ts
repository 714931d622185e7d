import type { RequestView } from '../../contracts/request-view.ts'
import { isNavigation } from './replies.ts'

/** Where browsers, old ones too, say that nobody has asked for this yet. */
const PURPOSES = ['sec-purpose', 'purpose', 'x-purpose', 'x-moz']

/** Whether a browser asks ahead of time: a prefetch, a prerender or a preview. */
export const isAheadOfTime = (request: RequestView) =>
  PURPOSES.some((name) => /prefetch|prerender|preview/i.test(request.header(name) ?? ''))

/**
 * Whether a person opens the address at top level: no script, frame, image or prefetch of it. Where the browser does not
 * say, whoever asks for a page does.
 */
export function isOpened(request: RequestView): boolean {
  const destination = request.header('sec-fetch-dest') ?? 'document'
  return destination === 'document' && isNavigation(request) && !isAheadOfTime(request)
}
