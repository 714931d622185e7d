import { type PublicKey, readPublicKey } from './proof.ts'

/** What the record keeps of a browser: its key, and when it was registered, in epoch milliseconds. */
export interface DeviceKey {
  readonly at: number
  readonly jwk: PublicKey
}

export const serializeDeviceKey = ({ at, jwk }: DeviceKey) => JSON.stringify({ at, jwk })

/** Reads the record's text; `null` for one that only another hand than the plugin's can have written. */
export function parseDeviceKey(text: string): DeviceKey | null {
  try {
    const { at, jwk }: Readonly<Record<string, unknown>> = { ...JSON.parse(text) }
    const key = readPublicKey(jwk)
    return typeof at === 'number' && key !== null ? { at, jwk: key } : null
  } catch {
    return null
  }
}

export const isSameKey = (one: PublicKey, other: PublicKey) => JSON.stringify(one) === JSON.stringify(other)
