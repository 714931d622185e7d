import type { Reply } from '../contracts/reply.ts'
import { randomToken } from '../internal/crypto/hash.ts'

/** A page that posts `message` to its parent or opener, if that has `origin`. */
export function messagePage(message: object, origin: string, cookies: readonly string[]): Reply {
  const nonce = randomToken(16)
  const policy = [
    "default-src 'none'",
    `script-src 'nonce-${nonce}'`,
    `frame-ancestors ${origin}`,
    "base-uri 'none'",
    "form-action 'none'",
  ]
  const [data, target] = [message, origin].map((value) => JSON.stringify(value).replaceAll('<', '\\u003c'))
  return {
    status: 200,
    headers: [
      ['content-type', 'text/html; charset=utf-8'],
      ['cache-control', 'no-store'],
      ['vary', 'Cookie'],
      ['x-content-type-options', 'nosniff'],
      ['content-security-policy', policy.join('; ')],
      ['referrer-policy', 'no-referrer'],
      ...cookies.map((cookie) => ['set-cookie', cookie] as const),
    ],
    body: `<!doctype html><title>Signing in</title><script nonce="${nonce}">(opener ?? parent).postMessage(${data}, ${target})</script>`,
  }
}
