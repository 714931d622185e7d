import type { PluginContext } from '../contracts/plugin.ts'
import type { RequestView } from '../contracts/request-view.ts'
import type { SessionHandle } from '../contracts/session.ts'
import { BffError } from '../internal/bff-error.ts'
import { randomToken, sha256Base64url } from '../internal/crypto/hash.ts'
import { HANDLE_CHARS } from '../internal/session-handle.ts'

/** From the last page of the popup to the frame that waits for it. */
const LIFE_MS = 60_000

const FAILED = { reasonCode: 'handover_failed', actorType: 'system', actorId: null } as const

interface Offered {
  /** The `Set-Cookie` value that the frame gets. */
  readonly cookie: string
  readonly challenge: string
  readonly origin: string
}

export interface Handover {
  /** Keeps the cookie of a new session for one redemption; returns the code. */
  offer(cookie: string, challenge: string, origin: string): Promise<string>
  /**
   * Returns the cookie, once. The session that the frame had before ends.
   *
   * @throws BffError `login_expired` for a code that is unknown, used, too old, or of another frame or origin, whose session
   * then ends
   */
  redeem(request: RequestView, code: string, verifier: string): Promise<string>
}

/** The store holds neither the code nor the session's id: a hash, and a sealed text that only this code opens. */
export function createHandover({
  options,
  stores,
  encryptor,
  requests,
  sessionRevocation,
  originOf,
}: PluginContext): Handover {
  const sealedAs = (recordId: string) => ({ recordId, field: 'handover' })
  const keyOf = (hash: string) => `handover:${hash}`

  return {
    async offer(cookie, challenge, origin) {
      const code = randomToken()
      const hash = await sha256Base64url(code)
      const offered: Offered = { cookie, challenge, origin }
      const sealed = await encryptor.encryptString(JSON.stringify(offered), sealedAs(hash))
      await stores.ttl.set(keyOf(hash), sealed, LIFE_MS)
      return code
    },

    async redeem(request, code, verifier) {
      const hash = await sha256Base64url(code)
      const sealed = await stores.ttl.take(keyOf(hash))
      if (sealed === null) throw new BffError('login_expired')
      const { cookie, challenge, origin }: Offered = JSON.parse(
        await encryptor.decryptString(sealed, sealedAs(hash)),
      )
      const handle = cookie.slice(options.cookieName.length + 1).slice(0, HANDLE_CHARS) as SessionHandle
      if ((await sha256Base64url(verifier)) !== challenge || originOf(request) !== origin) {
        await sessionRevocation.revoke(handle, FAILED)
        throw new BffError('login_expired')
      }
      const before = await requests.load(request)
      if ('session' in before)
        await sessionRevocation.revoke(before.session.handle, {
          reasonCode: 'replaced_by_login',
          actorType: 'user',
          actorId: null,
        })
      return cookie
    },
  }
}
