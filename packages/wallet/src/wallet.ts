import type { Endpoint, IdentityProvider, PluginFactory } from '@bff/core'
import { invalidOptions } from '@bff/core/authoring'
import './events.ts'
import { authorizeEndpoint } from './endpoints/authorize.ts'
import { challengeEndpoint } from './endpoints/challenge.ts'
import { jwksEndpoint } from './endpoints/jwks.ts'
import { loginEndpoint } from './endpoints/login.ts'
import { logoutEndpoint } from './endpoints/logout.ts'
import { meEndpoint } from './endpoints/me.ts'
import { refreshEndpoint } from './endpoints/refresh.ts'
import { requireMessage } from './messages/siwe.ts'
import { readWalletOptions, settingsFor, type WalletOptions } from './options.ts'
import { createWalletParts, type WalletParts } from './parts.ts'
import { walletProvider } from './provider.ts'

/** A plugin of one BFF that is also the provider of its sessions. */
export interface Wallet extends PluginFactory {
  /**
   * Returns the `provider` for `createBff`, which refreshes and revokes wallet sessions: required with `tokens: 'cookie'`.
   *
   * @param next the provider of all other users, such as `oidc({…})`. @default none
   */
  provider(next?: IdentityProvider): IdentityProvider
}

/**
 * Makes a plugin for sign-in with an Ethereum wallet: a challenge, a signature, and ES256 tokens that rotate. Pass it to
 * `createBff` in `plugins`, and its `provider()` as `provider`. It opens no connection before the first request.
 *
 * @throws BffError `invalid_config` with the option and the values it accepts; also from `createBff`
 * @example
 * ```ts
 * import { createBff } from '@bff/core'
 * import { memoryStore } from '@bff/store-memory'
 * import { wallet } from '@bff/wallet'
 *
 * const ethereum = wallet({ keys: [process.env['WALLET_KEY'] ?? ''], chainIds: [1, 10] })
 *
 * export const bff = createBff({
 *   origin: 'https://app.example.com',
 *   store: memoryStore(),
 *   encryptionKeys: [process.env['BFF_ENCRYPTION_KEY'] ?? ''],
 *   provider: ethereum.provider(),
 *   plugins: [ethereum],
 * })
 * ```
 */
export function wallet(options: WalletOptions = {}): Wallet {
  const read = readWalletOptions(options)
  let parts: WalletParts | null = null
  let isProvider = false

  const plugin: PluginFactory = (context) => {
    if (parts !== null) throw invalid('One wallet() belongs to one BFF. Make another one')
    const settings = settingsFor(read, context.options.origin)
    if (settings.tokens === 'cookie' && (!isProvider || context.provider === null))
      throw invalid(
        "tokens: 'cookie' needs createBff({ provider: yourWallet.provider() }) to refresh sessions",
      )
    requireMessage(settings)
    const own = createWalletParts(context, settings, read.keys)
    parts = own
    const { auth, api, jwks } = settings.paths
    return {
      endpoints: {
        [`${auth}/challenge`]: described(challengeEndpoint(own), 'CHALLENGE', 'auth/challenge'),
        [`${auth}/login`]: described(loginEndpoint(own), 'LOGIN', 'auth/login'),
        // Sessions behind a cookie are refreshed and ended by the BFF's own endpoints, as all sessions are.
        ...(settings.tokens === 'client' && {
          [`${auth}/refresh`]: described(refreshEndpoint(own), 'REFRESH', 'auth/refresh'),
          [`${auth}/logout`]: described(logoutEndpoint(own), 'LOGOUT', 'auth/logout'),
        }),
        [`${api}/me`]: described(meEndpoint(own), 'ME'),
        [`${api}/authorize`]: described(authorizeEndpoint(own), 'AUTHORIZE'),
        [jwks]: described(jwksEndpoint(own), 'JWKS'),
      },
      close: () => own.access.close(),
    }
  }

  return Object.assign(plugin, {
    provider(next?: IdentityProvider): IdentityProvider {
      isProvider = true
      return walletProvider(() => parts ?? unbound(), next ?? null)
    },
  })
}

type Descriptions = typeof import('./endpoints/descriptions.ts')

/** Adds to an endpoint its description, which is loaded on demand, and the bucket in which its calls are counted. */
const described = (endpoint: Endpoint, name: keyof Descriptions, bucket?: string): Endpoint => ({
  ...endpoint,
  ...(bucket !== undefined && { limit: { bucket } }),
  describe: async () => (await import('./endpoints/descriptions.ts'))[name],
})

const invalid = (sentence: string) => invalidOptions('wallet', sentence)

function unbound(): never {
  throw invalid('Its provider is used without the plugin. Pass the wallet to createBff in plugins, too')
}
