import type { Reply } from '../contracts/reply.ts'
import type { SessionHandle } from '../contracts/session.ts'
import { HANDLE_CHARS, isSessionHandle } from '../internal/session-handle.ts'

/** The session whose cookie a reply sets; `null` when it sets none, or deletes it. */
export function issuedHandle({ headers }: Reply, cookieName: string): SessionHandle | null {
  for (const [name, value] of headers) {
    if (name !== 'set-cookie' || !value.startsWith(`${cookieName}=`)) continue
    const handle = value.slice(cookieName.length + 1).slice(0, HANDLE_CHARS)
    if (isSessionHandle(handle)) return handle
  }
  return null
}
