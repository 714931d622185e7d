import type { BffErrorCode } from '../contracts/error-codes.ts'
import type { Reply } from '../contracts/reply.ts'
import { literal, scriptPage } from '../internal/http/script-page.ts'

type Outcome = { readonly code: string } | { readonly error: BffErrorCode }

/**
 * The last page of the popup. It posts the outcome to the window that opened it, if that shows a page of `origin`, and closes
 * itself. A page that the provider has cut off from its opener says so.
 */
export function handoverPage(outcome: Outcome, origin: string, cookies: readonly string[] = []): Reply {
  const message = literal({ type: 'bff-embedded', ...outcome })
  return scriptPage({
    title: 'Signing in',
    body: '<p hidden>This window has lost the page that opened it. Close it, and sign in at the app itself.</p>',
    script: `if (opener) { opener.postMessage(${message}, ${literal(origin)}); close() } else document.querySelector('p').hidden = false`,
    cookies,
  })
}
