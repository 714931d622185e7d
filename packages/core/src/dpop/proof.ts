import type { DpopKeyPair } from '../contracts/session.ts'
import { BffError } from '../internal/bff-error.ts'
import { textToBase64url } from '../internal/crypto/encoding.ts'
import { randomToken, sha256Base64url } from '../internal/crypto/hash.ts'
import { type NodeCrypto, nodeCrypto } from '../internal/crypto/platform.ts'
import { refuseUnknown } from '../internal/options.ts'
import { type DpopSigner, dpopSigner } from './key.ts'

const JTI_BYTES = 16

export interface DpopProofOptions {
  /** The key of the session, or a key from `generateDpopKeyPair()`. */
  readonly keyPair: DpopKeyPair
  /** The method, exactly as it is sent. */
  readonly method: string
  /** The absolute URL of the request; the proof leaves out query and fragment. */
  readonly url: string
  /** Set for a resource server, absent for the token endpoint (RFC 9449 §7, DPO-05). */
  readonly accessToken?: string
  /** The server's latest nonce, when it gave one. */
  readonly nonce?: string
  /** Epoch milliseconds. */
  readonly now: number
}

const NAMES = ['keyPair', 'method', 'url', 'accessToken', 'nonce', 'now']

/**
 * Makes the DPoP proof of one request (RFC 9449 §4.2). Make a new proof for every send, also for a retry (DPO-02).
 *
 * @throws BffError `dpop_failed` for an unusable key, `invalid_argument` for a URL that is not absolute http(s),
 * `invalid_config` for an unknown option
 */
export async function createDpopProof(options: DpopProofOptions): Promise<string> {
  refuseUnknown('createDpopProof', options, NAMES)
  return dpopProofOn(nodeCrypto(), options)
}

/** As {@link createDpopProof}, on a given platform: `null` is WebCrypto. */
export async function dpopProofOn(node: NodeCrypto | null, options: DpopProofOptions): Promise<string> {
  const { keyPair, method, url, accessToken, nonce, now } = options
  const signer = await dpopSigner(keyPair, node)
  const claims = {
    jti: randomToken(JTI_BYTES),
    htm: method,
    htu: dpopHtu(url),
    iat: Math.floor(now / 1000),
    ...(accessToken !== undefined && { ath: await athOf(accessToken, signer) }),
    ...(nonce !== undefined && { nonce }),
  }
  const signed = `${signer.header}.${textToBase64url(JSON.stringify(claims))}`
  return `${signed}.${await signer.sign(signed)}`
}

/** A session sends one token with its key until a refresh. */
async function athOf(accessToken: string, signer: DpopSigner): Promise<string> {
  if (signer.sent?.accessToken === accessToken) return signer.sent.ath
  const ath = await sha256Base64url(accessToken)
  signer.sent = { accessToken, ath }
  return ath
}

/**
 * Returns the `htu` of a URL: scheme and host in lower case, no default port, no query, no fragment. It keeps the path's
 * percent-encoding (RFC 9449 §4.2, DPO-04).
 *
 * @throws BffError `invalid_argument` for a URL that is not absolute http(s)
 */
export function dpopHtu(url: string): string {
  const { protocol, origin, pathname } = parsed(url)
  if (protocol !== 'https:' && protocol !== 'http:') {
    throw new BffError('invalid_argument', 'A DPoP proof needs an absolute http or https URL.')
  }
  return origin + pathname
}

function parsed(url: string): URL {
  try {
    return new URL(url)
  } catch {
    return new URL('about:')
  }
}
