import { signInRedirect } from '@bff/next/proxy'
import { type NextRequest, NextResponse } from 'next/server'
import { launcher } from './lib/launcher.ts'

const redirectToSignIn = signInRedirect()

/** Saves a render for people who are not signed in, and gives every page its Content Security Policy. */
export function proxy(request: NextRequest): Response {
  if (request.nextUrl.pathname.startsWith('/profile')) {
    const redirect = redirectToSignIn(request)
    if (redirect !== undefined) return redirect
  }
  const nonce = btoa(crypto.randomUUID())
  const policy = policyWith(nonce)
  const headers = new Headers(request.headers)
  // Next reads the nonce for its own scripts from here.
  headers.set('content-security-policy', policy)
  const response = NextResponse.next({ request: { headers } })
  response.headers.set('content-security-policy', policy)
  return response
}

/** Nothing but our own files, and of scripts only those this page was rendered with. */
function policyWith(nonce: string): string {
  const develops = process.env.NODE_ENV === 'development'
  return [
    "default-src 'none'",
    `script-src 'nonce-${nonce}' 'strict-dynamic'${develops ? " 'unsafe-eval'" : ''}`,
    `style-src 'self'${develops ? " 'unsafe-inline'" : ''}`,
    "img-src 'self'",
    "connect-src 'self'",
    // Where the attacks of another site come from.
    `frame-src ${launcher()?.panels.foreignOrigin ?? "'none'"}`,
    "form-action 'self'",
    "base-uri 'none'",
    "frame-ancestors 'none'",
  ].join('; ')
}

export const config = { matcher: ['/((?!bff/|api/|api$|_next/static|icon).*)'] }
