import { invalidOptions, type OptionRule, type OptionValues, option, readOptions } from '@bff/core/authoring'
import { parseAddress } from './address.ts'
import type { Address } from './ethereum.ts'
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
  /** The lifetime of a challenge, in milliseconds. @default 300_000 (5 minutes), which is also the maximum */
  readonly challengeLifeMs?: number
  /** The lifetime of an access token, in milliseconds. @default 300_000 (5 minutes), at most 600_000 */
  readonly accessTokenLifeMs?: number
  /** The lifetime of each refresh token, in milliseconds. A refresh replaces the token. @default 432_000_000 (120 hours) */
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
  /** `{ auth, api, jwks }`, the paths of the endpoints. @default `/auth`, `/api` and `/.well-known/jwks.json` */
  readonly paths?: WalletPaths
}

const DAY = 86_400_000

/** One line: a line break could imitate another field of the message. */
const line: OptionRule<string> = (value, invalid) => {
  if (typeof value === 'string' && /^[ -~]{1,512}$/.test(value)) return value
  throw invalid('must be 1 to 512 printable ASCII characters')
}

const url: OptionRule<string> = (value, invalid) => {
  if (typeof value === 'string' && URL.canParse(value)) return value
  throw invalid('must be an absolute URL')
}

const rpcUrl: OptionRule<string> = (value, invalid) => {
  const { protocol, hostname } = new URL(url(value, invalid))
  if (protocol === 'https:' || hostname === 'localhost' || hostname === '127.0.0.1') return String(value)
  throw invalid('must use https; plain http is only for this machine')
}

const address: OptionRule<Address> = (value, invalid) => {
  const found = typeof value === 'string' ? parseAddress(value) : null
  if (found === null) throw invalid('must be an address')
  return found
}

const chainIds: OptionRule<readonly number[]> = (value = [1], invalid) => {
  const all: readonly unknown[] = Array.isArray(value) ? value : []
  const isChain = (id: unknown): id is number => Number.isSafeInteger(id) && Number(id) > 0
  if (all.length > 0 && all.every(isChain)) return all
  throw invalid('must be one or more whole numbers above zero')
}

/** A rule for an option that has options itself; `undefined` where it is left out. */
const section =
  <const Rules extends Readonly<Record<string, OptionRule<unknown>>>>(name: string, rules: Rules) =>
  (value: unknown): OptionValues<Rules> | undefined =>
    value === undefined ? undefined : readOptions(`wallet: ${name}`, value as object, rules, '.')

const OPTIONS = {
  keys: option.given<WalletOptions['keys']>(undefined),
  tokens: option.oneOf(['cookie', 'client']),
  issuer: option.optional(line),
  chainIds,
  statement: option.optional(line),
  uri: option.optional(url),
  typedData: section('typedData', { name: line, version: line, verifyingContract: address }),
  dangerouslyAcceptNonceSignatures: option.flag(false),
  contractWallets: section('contractWallets', {
    rpcUrl,
    chainId: option.optional(option.wholeNumber(1, 1)),
    timeoutMs: option.number(5_000, 100, 30_000),
    fetch: option.callback<typeof fetch>(),
  }),
  challengeLifeMs: option.number(300_000, 1_000, 300_000),
  accessTokenLifeMs: option.number(300_000, 1_000, 600_000),
  refreshTokenLifeMs: option.number(5 * DAY, 1_000, 365 * DAY),
  familyLifeMs: option.number(30 * DAY, 1_000, 365 * DAY),
  reuseGraceMs: option.number(0, 0, 60_000),
  checkCacheMs: option.number(0, 0, 10_000),
  clockToleranceMs: option.number(5_000, 0, 60_000),
  paths: section('paths', {
    auth: option.path('/auth'),
    api: option.path('/api'),
    jwks: option.path('/.well-known/jwks.json'),
  }),
}

type ReadOptions = OptionValues<typeof OPTIONS>

/** @throws BffError `invalid_config` with the option and the values it accepts */
export function readWalletOptions(options: WalletOptions): ReadOptions {
  const read = readOptions('wallet', options, OPTIONS)
  const { contractWallets, chainIds } = read
  const chainId = contractWallets?.chainId
  if (chainId !== undefined && !chainIds.includes(chainId))
    throw invalidOptions('wallet', 'contractWallets.chainId must be one of chainIds')
  return read
}

/** Options with every default filled in and every value checked; some need the BFF. */
export type Settings = ReturnType<typeof settingsFor>

/** Returns the options with the defaults that depend on the origin of the BFF. */
export function settingsFor(read: ReadOptions, origin: string) {
  const { host } = new URL(origin)
  const { contractWallets, paths } = read
  return {
    ...read,
    domain: host,
    issuer: read.issuer ?? origin,
    statement: read.statement ?? `Sign in to ${host}.`,
    uri: new URL(read.uri ?? origin).href,
    typedData: read.typedData ?? null,
    acceptNonceSignatures: read.dangerouslyAcceptNonceSignatures,
    contractWallets:
      contractWallets === undefined
        ? null
        : {
            url: contractWallets.rpcUrl,
            chainId: contractWallets.chainId ?? read.chainIds[0] ?? 1,
            timeoutMs: contractWallets.timeoutMs,
            fetch: contractWallets.fetch ?? globalThis.fetch,
          },
    paths: { ...DEFAULT_PATHS, ...paths },
  }
}

const DEFAULT_PATHS = { auth: '/auth', api: '/api', jwks: '/.well-known/jwks.json' }
