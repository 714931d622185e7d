import type { EndpointDescriptions } from '../contracts/endpoint.ts'
import type { PluginFactory } from '../contracts/plugin.ts'
import type { Reply } from '../contracts/reply.ts'
import { literal, scriptPage } from '../internal/http/script-page.ts'

/**
 * `GET /bff/popup`, where a sign-in in a popup ends: the page tells the tabs of `@bff/client` and closes its window.
 *
 * `signInWithPopup()` of `@bff/client` opens `/bff/login` with this page as `returnTo`, so that the page that asks keeps
 * what the user has typed. The message goes through a `BroadcastChannel`, because a provider's page may cut a popup off from
 * its opener (`Cross-Origin-Opener-Policy`).
 *
 * @example
 * ```ts
 * import { type BffConfig, createBff } from '@bff/core'
 * import { popupSignIn, signInParameters } from '@bff/core/endpoints'
 *
 * export const withPopup = (config: BffConfig) =>
 *   createBff({
 *     ...config,
 *     plugins: [popupSignIn(), signInParameters({ allowed: ['acr_values', 'max_age'] })],
 *   })
 * ```
 */
export function popupSignIn(): PluginFactory {
  return ({ options: { basePath } }) => ({
    endpoints: {
      [`${basePath}/popup`]: {
        methods: { GET: async () => closingPage(`@bff/client${basePath}`) },
        csrfExempt: ['GET'],
        limit: 'none',
        describe: () => DESCRIPTIONS,
      },
    },
  })
}

const closingPage = (channel: string): Reply =>
  scriptPage({
    title: 'Signed in',
    body: '<p>You can close this window.</p>',
    script: `new BroadcastChannel(${literal(channel)}).postMessage({ type: 'popup' }); close()`,
  })

const DESCRIPTIONS: EndpointDescriptions = {
  GET: {
    operationId: 'bff-popup',
    summary: 'The last page of a sign-in in a popup',
    responses: { 200: { description: 'A page that tells the other tabs and closes its window.' } },
    session: false,
  },
}
