import { randomBytes } from 'node:crypto'
import {
  type Bff,
  type BffConfig,
  type BffEvent,
  createBff,
  type Reply,
  type RequestView,
  type Stores,
} from '@bff/core'
import { memoryStore } from '@bff/store-memory'
import { type ManualClock, manualClock } from '@bff/test-support/clock'
import { decodeJwt, type JWTPayload } from 'jose'
import type { Hex } from 'viem'
import { generatePrivateKey, type PrivateKeyAccount, privateKeyToAccount } from 'viem/accounts'
import { createSiweMessage } from 'viem/siwe'
import { type WalletOptions, wallet } from '../../src/index.ts'
import { signingKeyPem } from './keys.ts'

export const ORIGIN = 'https://app.example.com'
export const HOST = 'app.example.com'

export interface Sent {
  readonly method?: string
  readonly headers?: Readonly<Record<string, string>>
  /** Sent as JSON; a string as it is. */
  readonly body?: unknown
  readonly remoteAddress?: string
}

export interface World {
  readonly bff: Bff
  readonly clock: ManualClock
  readonly store: Stores
  readonly events: BffEvent[]
  send(path: string, sent?: Sent): Promise<Reply>
  post(path: string, body?: unknown, headers?: Readonly<Record<string, string>>): Promise<Reply>
  challenge(body?: unknown): Promise<string>
  /** Signs in with a key, as an app that is no web page. */
  signIn(account?: PrivateKeyAccount): Promise<Pair>
}

export interface Pair {
  readonly access_token: string
  readonly refresh_token: string
}

export interface WorldOptions extends WalletOptions {
  readonly bff?: Partial<BffConfig>
  readonly clock?: ManualClock
}

let sharedKey: Promise<string> | null = null

/** A BFF with a wallet, everything in this process and on a clock of its own; tokens go to the client. */
export async function world({ bff: config = {}, clock = manualClock(), ...options }: WorldOptions = {}) {
  const store = config.store ?? memoryStore({ clock })
  const events: BffEvent[] = []
  sharedKey ??= signingKeyPem()
  const ethereum = wallet({ keys: [await sharedKey], tokens: 'client', ...options })
  const bff = createBff({
    origin: ORIGIN,
    store,
    encryptionKeys: [randomBytes(32).toString('base64')],
    provider: ethereum.provider(),
    plugins: [ethereum],
    clock,
    onEvent: (event) => events.push(event),
    ...config,
  })

  async function send(path: string, sent: Sent = {}): Promise<Reply> {
    const reply = bff.handle(requestOf(path, sent))
    if (reply === undefined) throw new Error(`${path} is no path of the BFF.`)
    return reply
  }
  const post: World['post'] = (path, body, headers = {}) => send(path, { method: 'POST', body, headers })

  async function challenge(body?: unknown): Promise<string> {
    const reply = await post('/auth/challenge', body)
    if (reply.status !== 200) throw new Error(`challenge: ${reply.status} ${reply.body}`)
    return String(jsonOf(reply)['token'])
  }

  async function signIn(account = newAccount()): Promise<Pair> {
    const token = await challenge()
    const signature = await account.signMessage({ message: siweOf(token, account.address) })
    const reply = await post('/auth/login', { challenge: token, signature, address: account.address })
    if (reply.status !== 200) throw new Error(`login: ${reply.status} ${reply.body}`)
    const { access_token, refresh_token } = jsonOf(reply)
    return { access_token: String(access_token), refresh_token: String(refresh_token) }
  }

  return { bff, clock, store, events, send, post, challenge, signIn } satisfies World
}

export const newAccount = (): PrivateKeyAccount => privateKeyToAccount(generatePrivateKey())

function requestOf(target: string, { method = 'GET', headers = {}, body, remoteAddress }: Sent): RequestView {
  const text = body === undefined ? undefined : typeof body === 'string' ? body : JSON.stringify(body)
  return {
    method,
    target,
    remoteAddress: remoteAddress ?? '192.0.2.7',
    header: (name) => headers[name],
    headers: () => Object.entries(headers),
    body: () => (text === undefined ? undefined : chunksOf(text)),
    signal: new AbortController().signal,
  }
}

async function* chunksOf(text: string): AsyncGenerator<Uint8Array> {
  yield new TextEncoder().encode(text)
}

export const jsonOf = (reply: Reply): Record<string, unknown> => JSON.parse(String(reply.body))
export const headerOf = (reply: Reply, name: string) => reply.headers.find(([header]) => header === name)?.[1]
export const bearer = (token: string) => ({ headers: { authorization: `Bearer ${token}` } })
/** Status and, for refusals, their words. */
export const outcomeOf = (reply: Reply): string =>
  reply.status === 200 ? '200' : `${reply.status} ${jsonOf(reply)['error']}`

export interface SiweChanges {
  readonly domain?: string
  readonly uri?: string
  readonly chainId?: number
  readonly nonce?: string
  readonly statement?: string
  readonly issuedAt?: Date
  readonly expirationTime?: Date
  readonly requestId?: string
}

/** The message an honest client signs, built by viem from the challenge's claims; or one that differs from it. */
export function siweOf(token: string, address: Hex, changes: SiweChanges = {}): string {
  const claims = decodeJwt<ChallengeView>(token)
  return createSiweMessage({
    address,
    domain: claims.domain,
    uri: claims.uri,
    version: '1',
    chainId: claims.chain_id,
    nonce: Buffer.from(claims.nonce, 'base64url').toString('hex'),
    statement: claims.statement,
    issuedAt: new Date((claims.iat ?? 0) * 1000),
    expirationTime: new Date((claims.exp ?? 0) * 1000),
    requestId: claims.jti,
    ...changes,
  })
}

export interface ChallengeView extends JWTPayload {
  readonly nonce: string
  readonly domain: string
  readonly uri: string
  readonly statement: string
  readonly chain_id: number
  readonly jti: string
}
