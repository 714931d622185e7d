import type { Reply } from '../../contracts/reply.ts'
import type { RequestView } from '../../contracts/request-view.ts'
import { isOpened } from './opened.ts'
import { refusalPage } from './refusal-page.ts'

/** What a person may meet in the address bar. */
const SHOWN: ReadonlySet<number> = new Set([401, 403, 429, 503])

/**
 * Returns the refusal for a request: a page for a person who opened the address, and the JSON reply for a script.
 *
 * @param signInPath for the link on the page of a 401; `null` for none
 */
export function refusalFor(request: RequestView, reply: Reply, signInPath: string | null = null): Reply {
  return SHOWN.has(reply.status) && isOpened(request) ? refusalPage(reply, signInPath) : reply
}
