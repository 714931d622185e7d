import { type Address, type Hex, recoverAddress, zeroAddress } from '../ethereum.ts'

/** The order of secp256k1. */
const N = 0xfffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364141n
const SIGNATURE = /^0x([0-9a-fA-F]{64})([0-9a-fA-F]{64})([0-9a-fA-F]{2})$/
const PARITIES: Readonly<Record<string, '1b' | '1c'>> = { '00': '1b', '01': '1c', '1b': '1b', '1c': '1c' }

/**
 * Returns the address whose key made a signature; `null` when it is not in the one accepted form (EIP-2, WAL-08): exactly 65
 * bytes, `r` and `s` from 1 to n-1, `s` in the lower half (EIP-2), `v` 27 or 28, or 0 or 1 as some wallets write it.
 */
export async function recoverSigner(hash: Hex, signature: Hex): Promise<Address | null> {
  const [, r = '', s = '', v = ''] = SIGNATURE.exec(signature) ?? []
  const parity = PARITIES[v.toLowerCase()]
  if (parity === undefined || !isScalar(r, N - 1n) || !isScalar(s, N / 2n)) return null
  try {
    const signer = await recoverAddress({ hash, signature: `0x${r}${s}${parity}` })
    return signer === zeroAddress ? null : signer
  } catch {
    // Not every r is the x coordinate of a point.
    return null
  }
}

function isScalar(hex: string, max: bigint): boolean {
  const value = BigInt(`0x${hex}`)
  return value > 0n && value <= max
}
