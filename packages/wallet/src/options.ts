import { BffError } from '@bff/core'
import { refuseUnknown } from '@bff/core/authoring'
import { parseAddress } from './address.ts'
import type { TypedDataDomain } from './messages/nonce-typed-data.ts'
import type { SigningKey } from './tokens/signing-keys.ts'

/** The Ethereum node that checks signatures of contract wallets. */
export interface ContractWalletOptions {
  /** JSON-RPC address of an Ethereum node. Plain http is accepted for `localhost` and `127.0.0.1` only. */
  readonly rpcUrl: string
  /** The chain of that node. @default the first of `chainIds` */
  readonly chainId?: number
  /** The longest time for one call of the node, in milliseconds. @default 5_000, from 100 to 30_000 */
  readonly timeoutMs?: number
  /** Sends every call of the node. @default the platform's `fetch` */
  readonly fetch?: typeof fetch
}

/** The paths of the endpoints. Two wallets in one BFF need different paths. */
export interface WalletPaths {
  /** Below it: `/challenge`, `/login` and, with `tokens: 'client'`, `/refresh` and `/logout`. @default `/auth` */
  readonly auth?: string
  /** Below it: `/me` and `/authorize`. @default `/api` */
  readonly api?: string
  /** @default `/.well-known/jwks.json` */
  readonly jwks?: string
}

/** The options of {@link wallet}. Unknown keys throw `invalid_config`. All durations are milliseconds. */
export interface WalletOptions {
  /**
   * The keys of tokens, as PEM or JWK: the first signs, every one verifies and is published. To change the key, add the new
   * key last, restart every instance, then put it first. Remove the old key, or keep only its public half,
   * `refreshTokenLifeMs` later.
   *
   * @default a generated key on an `http://localhost` origin, reported by a `config.insecure` event; required on other
   * origins
   */
  readonly keys?: readonly SigningKey[]
  /**
   * `cookie`: a sign-in creates a session of the BFF, which holds the tokens. `client`: the client receives the tokens, for
   * apps that are not web pages. @default `cookie`
   */
  readonly tokens?: 'cookie' | 'client'
  /** `iss` of tokens, and of sessions. @default the BFF's origin */
  readonly issuer?: string
  /** The chains that a wallet may sign for; a challenge without a chain is for the first. @default `[1]` */
  readonly chainIds?: readonly number[]
  /** One line of the message for the user who signs. @default `Sign in to <host>.` */
  readonly statement?: string
  /** The `URI` of the message. @default the BFF's origin */
  readonly uri?: string
  /** Also accepts EIP-712 `NonceMessage` signatures, under this domain. @default not accepted */
  readonly typedData?: { readonly name: string; readonly version: string; readonly verifyingContract: string }
  /** Accepts a `personal_sign` of only the nonce: the user cannot see what they sign. @default false */
  readonly dangerouslyAcceptNonceSignatures?: boolean
  /** Accepts contract wallets (ERC-1271, ERC-6492). @default not accepted, and no node is called */
  readonly contractWallets?: ContractWalletOptions
  /** @default 300_000 (5 minutes), which is also the maximum */
  readonly challengeLifeMs?: number
  /** @default 300_000 (5 minutes), at most 600_000 */
  readonly accessTokenLifeMs?: number
  /** @default 432_000_000 (120 hours) */
  readonly refreshTokenLifeMs?: number
  /** The longest lifetime of a sign-in's tokens, regardless of refreshes. @default 2_592_000_000 (30 days) */
  readonly familyLifeMs?: number
  /**
   * A client that repeats a refresh within this time gets the same successor, and the family does not end. A call from
   * another address or with another `User-Agent` is another client. @default 0, at most 60_000
   */
  readonly reuseGraceMs?: number
  /**
   * How long the result for a valid token is cached; a sign-out on the event bus ends it earlier. @default 0 (always
   * checked), at most 10_000
   */
  readonly checkCacheMs?: number
  /** How far the clocks of instances may differ. @default 5_000, at most 60_000 */
  readonly clockToleranceMs?: number
  readonly paths?: WalletPaths
}

const KEYS =
  'keys tokens issuer chainIds statement uri typedData dangerouslyAcceptNonceSignatures contractWallets paths'.split(
    ' ',
  )

const DAY = 86_400_000

const DURATIONS = {
  challengeLifeMs: [300_000, 1_000, 300_000],
  accessTokenLifeMs: [300_000, 1_000, 600_000],
  refreshTokenLifeMs: [5 * DAY, 1_000, 365 * DAY],
  familyLifeMs: [30 * DAY, 1_000, 365 * DAY],
  reuseGraceMs: [0, 0, 60_000],
  checkCacheMs: [0, 0, 10_000],
  clockToleranceMs: [5_000, 0, 60_000],
} as const satisfies Record<string, readonly [fallback: number, min: number, max: number]>

/** Options with every default filled in and every value checked; some need the BFF. */
export type Settings = ReturnType<typeof resolveOptions>

const invalid = (message: string) => new BffError('invalid_config', `wallet: ${message}`)

/** @throws BffError `invalid_config` with the option and the values it accepts */
export function resolveOptions(options: WalletOptions, origin: string) {
  const chainIds = options.chainIds ?? [1]
  if (chainIds.length === 0 || !chainIds.every((id) => Number.isSafeInteger(id) && id > 0))
    throw invalid('chainIds must be one or more whole numbers above zero.')
  const tokens = options.tokens ?? 'cookie'
  if (tokens !== 'cookie' && tokens !== 'client') throw invalid('tokens must be cookie or client.')
  const { host } = new URL(origin)
  return {
    ...durations(options),
    tokens,
    chainIds,
    domain: host,
    issuer: text('issuer', options.issuer ?? origin),
    statement: text('statement', options.statement ?? `Sign in to ${host}.`),
    uri: url('uri', options.uri ?? origin).href,
    typedData: options.typedData === undefined ? null : typedDataDomain(options.typedData),
    acceptNonceSignatures: options.dangerouslyAcceptNonceSignatures ?? false,
    contractWallets:
      options.contractWallets === undefined ? null : contractWallets(options.contractWallets, chainIds),
    paths: {
      auth: path('auth', options.paths?.auth ?? '/auth'),
      api: path('api', options.paths?.api ?? '/api'),
      jwks: path('jwks', options.paths?.jwks ?? '/.well-known/jwks.json'),
    },
  }
}

/** @throws BffError `invalid_config` */
export function checkKeys(options: WalletOptions): void {
  refuseUnknown('wallet', options, [...KEYS, ...Object.keys(DURATIONS)])
  refuseUnknown('contractWallets', options.contractWallets ?? {}, ['rpcUrl', 'chainId', 'timeoutMs', 'fetch'])
  refuseUnknown('typedData', options.typedData ?? {}, ['name', 'version', 'verifyingContract'])
  refuseUnknown('paths', options.paths ?? {}, ['auth', 'api', 'jwks'])
}

function durations(options: WalletOptions): Record<keyof typeof DURATIONS, number> {
  const resolved = { ...options } as Record<keyof typeof DURATIONS, number>
  for (const [key, [fallback, min, max]] of Object.entries(DURATIONS)) {
    const name = key as keyof typeof DURATIONS
    const value = options[name] ?? fallback
    if (typeof value !== 'number' || !(value >= min && value <= max))
      throw invalid(`${key} must be a number from ${min} to ${max}.`)
    resolved[name] = value
  }
  return resolved
}

function contractWallets(
  { rpcUrl, chainId = 0, timeoutMs = 5_000, fetch = globalThis.fetch }: ContractWalletOptions,
  chainIds: readonly number[],
) {
  const { protocol, hostname } = url('contractWallets.rpcUrl', rpcUrl)
  if (protocol !== 'https:' && hostname !== 'localhost' && hostname !== '127.0.0.1')
    throw invalid('contractWallets.rpcUrl must use https; plain http is only for this machine.')
  const chain = chainId === 0 ? chainIds[0] : chainId
  if (chain === undefined || !chainIds.includes(chain))
    throw invalid('contractWallets.chainId must be one of chainIds.')
  if (!(timeoutMs >= 100 && timeoutMs <= 30_000))
    throw invalid('contractWallets.timeoutMs must be a number from 100 to 30000.')
  return { url: rpcUrl, chainId: chain, timeoutMs, fetch }
}

function typedDataDomain(domain: NonNullable<WalletOptions['typedData']>): TypedDataDomain {
  const verifyingContract = parseAddress(domain.verifyingContract)
  if (verifyingContract === null) throw invalid('typedData.verifyingContract must be an address.')
  return {
    name: text('typedData.name', domain.name),
    version: text('typedData.version', domain.version),
    verifyingContract,
  }
}

/** One line: a line break could imitate another field of the message. */
function text(option: string, value: unknown): string {
  if (typeof value !== 'string' || !/^[ -~]{1,512}$/.test(value))
    throw invalid(`${option} must be 1 to 512 printable ASCII characters.`)
  return value
}

function url(option: string, value: unknown): URL {
  if (typeof value !== 'string' || !URL.canParse(value)) throw invalid(`${option} must be an absolute URL.`)
  return new URL(value)
}

function path(option: string, value: unknown): string {
  if (typeof value !== 'string' || !/^(\/[A-Za-z0-9._~-]+)+$/.test(value))
    throw invalid(`paths.${option} must be a path such as /auth, without a slash at its end.`)
  return value
}
