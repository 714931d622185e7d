import type { PluginFactory } from '../contracts/plugin.ts'
import { jsonReply } from '../internal/http/replies.ts'

/**
 * Makes `GET /bff/user` answer 200 and `null`, in place of 401, when the request is not signed in. Use it when a page calls
 * the endpoint on every load, so that logs and alarms have no errors.
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
    async middleware(_request, path, next) {
      const reply = await next()
      if (path !== `${options.basePath}/user` || reply.status !== 401) return reply
      return jsonReply(200, null)
    },
  })
}
