import { generateKeyPairSync, type KeyObject, sign } from 'node:crypto'
import type { Bff, Reply } from '../../src/index.ts'
import { Browser, headerOf, jsonOf, ORIGIN, request } from '../world.ts'

export const SESSION_COOKIE = '__Host-Http-bff'
export const BOUND_COOKIE = '__Host-bff-device'

/** What Chromium 156 sends with a proof, and nothing else. */
const DEVICE = { origin: ORIGIN, 'sec-fetch-site': 'same-origin', 'sec-fetch-mode': 'no-cors' }

const encode = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url')

/** Signs proofs with a key in this process, as a browser does with one in its TPM. */
export class SoftwareKey {
  readonly #key: KeyObject
  readonly jwk: JsonWebKey
  readonly alg: 'ES256' | 'RS256'

  constructor(alg: 'ES256' | 'RS256' = 'ES256') {
    const { privateKey, publicKey } =
      alg === 'ES256'
        ? generateKeyPairSync('ec', { namedCurve: 'P-256' })
        : generateKeyPairSync('rsa', { modulusLength: 2048 })
    this.#key = privateKey
    this.alg = alg
    this.jwk = publicKey.export({ format: 'jwk' }) as JsonWebKey
  }

  sign(payload: object, header: object = {}): string {
    const signed = `${encode({ alg: this.alg, typ: 'dbsc+jwt', ...header })}.${encode(payload)}`
    const key = { key: this.#key, dsaEncoding: 'ieee-p1363' } as const
    return `${signed}.${sign('sha256', Buffer.from(signed), key).toString('base64url')}`
  }

  registration(challenge: string, more: object = {}): string {
    return this.sign({ jti: challenge, ...more }, { jwk: this.jwk })
  }
}

/** A browser with Device Bound Session Credentials, whose steps a test takes one by one. */
export class BindingBrowser extends Browser {
  readonly key: SoftwareKey
  readonly #bff: Bff
  /** The challenge of the next refresh. */
  challenge: string | null = null
  refreshUrl = ''

  constructor(bff: Bff, key = new SoftwareKey()) {
    super(bff)
    this.#bff = bff
    this.key = key
  }

  post(target: string, headers: Record<string, string>): Promise<Reply> {
    return this.send(request('POST', target, { ...this.cookieHeader, ...DEVICE, ...headers }))
  }

  /** Signs in and registers, as Chromium does within milliseconds. */
  async signInBound(): Promise<Reply> {
    return this.register(offerIn(await this.signIn()))
  }

  async register({ path, challenge }: { readonly path: string; readonly challenge: string }): Promise<Reply> {
    return this.accept(await this.post(path, { 'secure-session-response': this.key.registration(challenge) }))
  }

  /** Refreshes: with the challenge that was sent ahead, or with one that it asks for first. */
  async refresh(): Promise<Reply> {
    const challenge = this.challenge ?? challengeIn(await this.post(this.refreshUrl, {}))
    this.challenge = null
    return this.prove(this.key.sign({ jti: challenge }))
  }

  async prove(proof: string): Promise<Reply> {
    return this.accept(await this.post(this.refreshUrl, { 'secure-session-response': proof }))
  }

  /** What the browser's clock does after ten minutes. */
  expireBoundCookie(): void {
    this.cookies.delete(BOUND_COOKIE)
  }

  /** A copy of the cookie jar in a browser without the key. */
  stolen(): Browser {
    const thief = new Browser(this.#bff)
    for (const [name, value] of this.cookies) thief.cookies.set(name, value)
    return thief
  }

  accept(reply: Reply): Reply {
    if (reply.status !== 200) return reply
    this.challenge = challengeIn(reply)
    this.refreshUrl = jsonOf(reply).refresh_url
    return reply
  }
}

export function offerIn(reply: Reply): { path: string; challenge: string } {
  const offer = headerOf(reply, 'secure-session-registration') ?? ''
  const [, path = '', challenge = ''] =
    /^\(ES256 RS256\);path="([^"]+)";challenge="([^"]+)"$/.exec(offer) ?? []
  return { path, challenge }
}

export function challengeIn(reply: Reply): string {
  const header = headerOf(reply, 'secure-session-challenge') ?? ''
  return new RegExp(`^"([^"]+)";id="${BOUND_COOKIE}"$`).exec(header)?.[1] ?? ''
}
