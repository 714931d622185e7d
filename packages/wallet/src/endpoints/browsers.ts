import type { PluginContext, RequestView } from '@bff/core'
import { clearCookie, readCookie, setCookie } from '@bff/core/authoring'

/** Tells browsers apart before anybody has signed in, by a cookie that is worth nothing else (WAL-02). */
export interface Browsers {
  /** The browser's id, new where it has none yet, and the `Set-Cookie` value that keeps it for another challenge. */
  recognise(request: RequestView): { readonly id: string; readonly cookie: string }
  /** The `Set-Cookie` value that takes it away. */
  readonly deletion: string
}

export function createBrowsers(
  { cookieName, sessionCookie }: PluginContext['options'],
  lifeMs: number,
): Browsers {
  const name = `${cookieName}-wallet`
  return {
    recognise(request) {
      const cookie = readCookie(request.header('cookie'), name)
      const known = cookie !== null && cookie !== 'duplicate' && /^[0-9a-f]{64}$/.test(cookie.value)
      const id = known ? cookie.value : randomHex()
      return { id, cookie: setCookie(name, id, lifeMs / 1000, sessionCookie) }
    },
    deletion: clearCookie(name, sessionCookie),
  }
}

function randomHex(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(32))
  return [...bytes].map((byte) => byte.toString(16).padStart(2, '0')).join('')
}
