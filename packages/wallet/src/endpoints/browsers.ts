import type { PluginContext, RequestView } from '@bff/core'
import { clearCookie, readCookie, setCookie } from '@bff/core/authoring'

/** Distinguishes browsers before sign-in, by a cookie that has no other use (WAL-02). */
export interface Browsers {
  /**
   * Returns the browser's id, a new one without a cookie, and the `Set-Cookie` value that stores it for another challenge.
   */
  recognise(request: RequestView): { readonly id: string; readonly cookie: string }
  /** The `Set-Cookie` value that deletes the cookie. */
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
