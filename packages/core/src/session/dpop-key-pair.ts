import { toKeyPair } from '../dpop/jwk.ts'
import { BffError } from '../errors.ts'
import type { DpopKeyPair } from './model.ts'

/** The key pair as JSON `{d,x,y,crv,thumbprint}` (S1-52). It holds the private key: seal it (DPO-16). */
export function serializeDpopKeyPair({ privateJwk, thumbprint }: DpopKeyPair): string {
  const { d, x, y, crv } = privateJwk
  return JSON.stringify({ d, x, y, crv, thumbprint })
}

/**
 * Reads {@link serializeDpopKeyPair}'s text back, recomputing the thumbprint.
 *
 * @throws BffError `seal_broken` for anything but a P-256 key pair with its own thumbprint
 */
export async function deserializeDpopKeyPair(text: string): Promise<DpopKeyPair> {
  const stored: Record<string, unknown> = { ...parseSealed(text) }
  const pair = await toKeyPair(stored)
  if (pair === null || pair.thumbprint !== stored['thumbprint']) throw new BffError('seal_broken')
  return pair
}

/** @throws BffError `seal_broken` for anything but JSON */
export function parseSealed<Value extends object>(text: string): Value {
  try {
    return JSON.parse(text)
  } catch {
    throw new BffError('seal_broken')
  }
}
