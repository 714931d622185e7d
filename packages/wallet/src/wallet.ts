import { BffError, type Endpoint, type IdentityProvider, type PluginFactory } from '@bff/core'
import './events.ts'
import { authorizeEndpoint } from './endpoints/authorize.ts'
import { challengeEndpoint } from './endpoints/challenge.ts'
import { jwksEndpoint } from './endpoints/jwks.ts'
import { loginEndpoint } from './endpoints/login.ts'
import { logoutEndpoint } from './endpoints/logout.ts'
import { meEndpoint } from './endpoints/me.ts'
import { refreshEndpoint } from './endpoints/refresh.ts'
import { requireMessage } from './messages/siwe.ts'
import { checkKeys, resolveOptions, type WalletOptions } from './options.ts'
import { walletProvider } from './provider.ts'
import { createRoom, type Room } from './room.ts'

/** A plugin of one BFF that is also the provider of the sessions it begins. */
export interface Wallet extends PluginFactory {
  /**
   * What `createBff` takes as `provider`, so that wallet sessions are refreshed and revoked: needed with
   * `tokens: 'cookie'`.
   *
   * @param next who signs everybody else in, such as `oidc({…})`. @default nobody
   */
  provider(next?: IdentityProvider): IdentityProvider
}

/**
 * Lets people sign in with an Ethereum wallet: a challenge, a signature, ES256 tokens that rotate. Give it to `createBff`
 * in `plugins`, and its `provider()` as `provider`. Opens nothing until the first request.
 *
 * @throws BffError `invalid_config`, naming the option and what it takes; also from `createBff`
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
  checkKeys(options)
  let room: Room | null = null
  let isProvider = false

  const plugin: PluginFactory = (context) => {
    if (room !== null) throw invalid('One wallet() belongs to one BFF. Make another.')
    const settings = resolveOptions(options, context.options.origin)
    if (settings.tokens === 'cookie' && (!isProvider || context.provider === null))
      throw invalid(
        "tokens: 'cookie' needs createBff({ provider: yourWallet.provider() }) to refresh sessions.",
      )
    requireMessage(settings)
    const own = createRoom(context, settings, options.keys)
    room = own
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
      return walletProvider(() => room ?? unbound(), next ?? null)
    },
  })
}

type Descriptions = typeof import('./endpoints/descriptions.ts')

/** An endpoint with what a document says of it, loaded when one is asked for, and the bucket its calls are counted in. */
const described = (endpoint: Endpoint, name: keyof Descriptions, bucket?: string): Endpoint => ({
  ...endpoint,
  ...(bucket !== undefined && { limit: { bucket } }),
  describe: async () => (await import('./endpoints/descriptions.ts'))[name],
})

const invalid = (message: string) => new BffError('invalid_config', `wallet: ${message}`)

function unbound(): never {
  throw invalid('Its provider is used without it: give it to createBff in plugins, too.')
}
