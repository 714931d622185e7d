import type { Reply } from '../../contracts/reply.ts'
import { randomToken } from '../crypto/hash.ts'

interface ScriptPage {
  readonly title: string
  /** What a person sees, as HTML. @default nothing */
  readonly body?: string
  readonly script: string
  /** The one origin that may frame the page. @default none may */
  readonly framedBy?: string
  /** `Set-Cookie` values. @default none */
  readonly cookies?: readonly string[]
}

/** Makes a page that runs one script and loads nothing. */
export function scriptPage({ title, body = '', script, framedBy, cookies = [] }: ScriptPage): Reply {
  const nonce = randomToken(16)
  const policy = [
    "default-src 'none'",
    `script-src 'nonce-${nonce}'`,
    `frame-ancestors ${framedBy ?? "'none'"}`,
    "base-uri 'none'",
    "form-action 'none'",
  ]
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
    body: `<!doctype html><html lang="en"><meta charset="utf-8"><title>${title}</title>${body}<script nonce="${nonce}">${script}</script></html>`,
  }
}

/** Returns a value as a literal in a script: no text in it can end the script. */
export const literal = (value: unknown): string => JSON.stringify(value).replaceAll('<', '\\u003c')
