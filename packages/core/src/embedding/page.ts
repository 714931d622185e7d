import type { BffErrorCode } from '../contracts/error-codes.ts'
import type { Reply } from '../contracts/reply.ts'
import { randomToken } from '../internal/crypto/hash.ts'

type Outcome = { readonly code: string } | { readonly error: BffErrorCode }

/**
 * The last page of the popup. It posts the outcome to the window that opened it, if that shows a page of `origin`, and closes
 * itself. A page that the provider has cut off from its opener says so.
 */
export function handoverPage(outcome: Outcome, origin: string, cookies: readonly string[] = []): Reply {
  const nonce = randomToken(16)
  const [message, target] = [{ type: 'bff-embedded', ...outcome }, origin].map((value) =>
    JSON.stringify(value).replaceAll('<', '\\u003c'),
  )
  const script = `if (opener) { opener.postMessage(${message}, ${target}); close() } else document.querySelector('p').hidden = false`
  return {
    status: 200,
    headers: [
      ['content-type', 'text/html; charset=utf-8'],
      ['cache-control', 'no-store'],
      ['vary', 'Cookie'],
      ['x-content-type-options', 'nosniff'],
      [
        'content-security-policy',
        `default-src 'none'; script-src 'nonce-${nonce}'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'`,
      ],
      ['referrer-policy', 'no-referrer'],
      ...cookies.map((cookie) => ['set-cookie', cookie] as const),
    ],
    body: `<!doctype html><html lang="en"><meta charset="utf-8"><title>Signing in</title><p hidden>This window has lost the page that opened it. Close it, and sign in at the app itself.</p><script nonce="${nonce}">${script}</script></html>`,
  }
}
