import type { Endpoint } from '../contracts/endpoint.ts'
import type { PluginContext } from '../contracts/plugin.ts'
import type { Session } from '../contracts/session.ts'
import { isBffError } from '../internal/bff-error.ts'
import { jsonReply } from '../internal/http/replies.ts'
import { endOfSession } from '../internal/lifetime.ts'
import { recordOf } from '../session/live-session.ts'
import { openAll } from '../session/seal.ts'

const isoTime = (ms: number | null) => (ms === null ? undefined : new Date(ms).toISOString())

const publicOf = ({ metadata }: Session, keys: readonly string[]) =>
  Object.fromEntries(Object.entries(metadata).filter(([key]) => keys.includes(key)))

/**
 * `GET /bff/session`: whether a user is signed in, and until when, with what `session.publicMetadata` lists. No session is a normal answer, not an error; so is a
 * session that cannot be opened, which every other endpoint refuses.
 */
export function sessionEndpoint({ options, requests, clock, encryptor }: PluginContext): Endpoint {
  const { publicMetadata } = options.session
  async function opens(session: Session): Promise<boolean> {
    try {
      await openAll(encryptor, recordOf(session))
      return true
    } catch (error) {
      if (isBffError(error, 'seal_broken')) return false
      throw error
    }
  }

  return {
    methods: {
      async GET(request, query) {
        const found = await requests.load(request)
        if (found.state === 'live' && !(await opens(found.session)))
          return jsonReply(200, { authenticated: false })
        const slides = query.get('slide') !== 'false'
        const isLive =
          slides || found.state === 'refused'
            ? (await requests.get(request)) !== null
            : found.state === 'live'
        if (found.state !== 'live' || !isLive)
          return jsonReply(200, {
            authenticated: false,
            ...(found.state === 'refused' && isBffError(found.error) && { error: found.error.code }),
          })
        const { session } = found
        const end = endOfSession(session)
        return jsonReply(200, {
          authenticated: true,
          user_id: session.userId,
          organization_id: session.organizationId ?? undefined,
          expires_at: isoTime(end),
          // For browsers, whose clocks are often wrong.
          expires_in: Math.round((end - clock.now()) / 1000),
          access_token_expires_at: isoTime(session.accessTokenExpiresAt),
          metadata: publicMetadata.length === 0 ? undefined : publicOf(session, publicMetadata),
        })
      },
    },
  }
}
