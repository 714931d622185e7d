import { signInRedirect } from '@bff/next/proxy'

export const proxy = signInRedirect()
export const config = { matcher: ['/guarded/:path*'] }
