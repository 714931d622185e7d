import { BffError, type PluginContext } from '@bff/core'
import { type AccessCheck, createAccessCheck } from './access.ts'
import { type Challenges, createChallenges } from './challenges.ts'
import { type Browsers, createBrowsers } from './endpoints/browsers.ts'
import type { Settings, WalletOptions } from './options.ts'
import { createSignIn, type SignIn } from './sign-in.ts'
import { type ContractWallets, createContractWallets } from './signature/contract.ts'
import { createJsonRpc } from './signature/json-rpc.ts'
import { createDenylist } from './tokens/denylist.ts'
import { createFamilies, type Families } from './tokens/families.ts'
import { createFamilyState } from './tokens/family-state.ts'
import { createSigningKeys, generateSigningKeys, type SigningKeys } from './tokens/signing-keys.ts'
import { createTokens, type Tokens } from './tokens/tokens.ts'

/** The parts of the wallet in one BFF, one instance each. They hold no data of a user. */
export interface WalletParts {
  readonly context: PluginContext
  readonly settings: Settings
  readonly keys: SigningKeys
  readonly tokens: Tokens
  readonly families: Families
  readonly challenges: Challenges
  readonly signIn: SignIn
  readonly access: AccessCheck
  /** `null` with `tokens: 'client'`, where clients are not browsers. */
  readonly browsers: Browsers | null
  /**
   * The methods that need no CSRF header. With `tokens: 'client'` the body of a request has all credentials, and no cookie
   * is read or set, so another site cannot misuse a cookie. With `tokens: 'cookie'` a sign-in sets the cookie, and every
   * method requires the header: otherwise another site could sign its visitor in as another user.
   */
  readonly csrfExempt: { readonly csrfExempt?: readonly string[] }
}

export function createWalletParts(
  context: PluginContext,
  settings: Settings,
  given: WalletOptions['keys'],
): WalletParts {
  const { stores, clock, emit, encryptor } = context
  const { clockToleranceMs, issuer } = settings
  const { ttl } = stores
  const now = clock.now
  const keys = keysOf(context, given)
  if (settings.acceptNonceSignatures)
    emit({
      type: 'config.insecure',
      option: 'wallet.dangerouslyAcceptNonceSignatures',
      message:
        'A wallet that signs only a nonce does not show the site to its owner, so another site can have it signed. Let wallets sign the whole message.',
    })
  const tokens = createTokens({ keys, issuer, clockToleranceMs, clock })
  const denylist = createDenylist(ttl, { clock, clockToleranceMs })
  const state = createFamilyState(ttl, { clock, clockToleranceMs })
  const families = createFamilies({ tokens, denylist, state, encryptor, clock, emit, settings })
  const challenges = createChallenges({ tokens, denylist, now, settings })
  const contracts = contractsOf(context, settings)
  const isCookieMode = settings.tokens === 'cookie'
  return {
    context,
    settings,
    keys,
    tokens,
    families,
    challenges,
    signIn: createSignIn({ challenges, families, contracts, ttl, now, emit, settings }),
    access: createAccessCheck({
      tokens,
      denylist,
      state,
      events: stores.events,
      clock,
      cacheMs: settings.checkCacheMs,
    }),
    browsers: isCookieMode ? createBrowsers(context.options, settings.challengeLifeMs) : null,
    csrfExempt: isCookieMode ? {} : { csrfExempt: ['POST'] },
  }
}

function keysOf({ options, emit }: PluginContext, given: WalletOptions['keys']): SigningKeys {
  if (given !== undefined && given.length > 0) return createSigningKeys(given)
  if (options.secure)
    throw new BffError(
      'invalid_config',
      'wallet: keys is required. Make one with: openssl genpkey -algorithm EC -pkeyopt ec_paramgen_curve:P-256',
    )
  emit({
    type: 'config.insecure',
    option: 'wallet.keys',
    message: 'A key was generated: tokens are valid only in this process. Set keys.',
  })
  return generateSigningKeys()
}

function contractsOf({ clock }: PluginContext, { contractWallets }: Settings): ContractWallets | null {
  if (contractWallets === null) return null
  const { url, chainId, timeoutMs, fetch } = contractWallets
  return createContractWallets(createJsonRpc({ url, timeoutMs, fetch, clock }), chainId)
}
