import type { Reply } from '../contracts/reply.ts'
import type { SessionHandle } from '../contracts/session.ts'

/** Whether text has the form of a handle: 16 base64url characters. */
export const isHandle = (text: string): text is SessionHandle => /^[\w-]{16}$/.test(text)

/** The session whose cookie a reply sets; `null` when it sets none, or deletes it. */
export function issuedHandle({ headers }: Reply, cookieName: string): SessionHandle | null {
  for (const [name, value] of headers) {
    if (name !== 'set-cookie' || !value.startsWith(`${cookieName}=`)) continue
    const handle = value.slice(cookieName.length + 1, cookieName.length + 17)
    if (isHandle(handle)) return handle
  }
  return null
}
