import type { EndpointDescriptions } from '../contracts/endpoint.ts'
import type { PluginFactory } from '../contracts/plugin.ts'
import type { Reply } from '../contracts/reply.ts'
import { randomToken } from '../internal/crypto/hash.ts'

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

function closingPage(channel: string): Reply {
  const nonce = randomToken(16)
  const name = JSON.stringify(channel).replaceAll('<', '\\u003c')
  const script = `new BroadcastChannel(${name}).postMessage({ type: 'popup' }); close()`
  return {
    status: 200,
    headers: [
      ['content-type', 'text/html; charset=utf-8'],
      ['cache-control', 'no-store'],
      ['x-content-type-options', 'nosniff'],
      [
        'content-security-policy',
        `default-src 'none'; script-src 'nonce-${nonce}'; base-uri 'none'; frame-ancestors 'none'`,
      ],
      ['referrer-policy', 'no-referrer'],
    ],
    body: `<!doctype html><html lang="en"><meta charset="utf-8"><title>Signed in</title><p>You can close this window.</p><script nonce="${nonce}">${script}</script></html>`,
  }
}

const DESCRIPTIONS: EndpointDescriptions = {
  GET: {
    operationId: 'bff-popup',
    summary: 'The last page of a sign-in in a popup',
    responses: { 200: { description: 'A page that tells the other tabs and closes its window.' } },
    session: false,
  },
}
