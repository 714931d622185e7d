import type { PluginFactory } from '../contracts/plugin.ts'
import { jsonReply } from '../internal/http/replies.ts'

/**
 * Answers `GET /bff/user` with 200 and `null`, in place of 401, for whoever is not signed in: where a page asks on every
 * load, an error each time is noise in logs and alarms.
 *
 * A request without the CSRF header still answers 403.
 *
 * @example
 * ```ts
 * import { type BffConfig, createBff } from '@bff/core'
 * import { anonymousUser } from '@bff/core/endpoints'
 *
 * export const quiet = (config: BffConfig) => createBff({ ...config, plugins: [anonymousUser()] })
 * ```
 */
export function anonymousUser(): PluginFactory {
  return ({ options }) => ({
    async around(_request, path, next) {
      const reply = await next()
      if (path !== `${options.basePath}/user` || reply.status !== 401) return reply
      return jsonReply(200, null)
    },
  })
}
