import type { Encryptor } from '../contracts/encryptor.ts'
import type { SessionHandle } from '../contracts/session.ts'
import { equalsConstantTime } from '../internal/crypto/hash.ts'

/** Until when requests are accepted that were under way when the cookie expired in the browser. */
export const IN_FLIGHT_MS = 30_000

// No session id begins with this: the text cannot be mistaken for one that a session's secret hash covers.
const textOf = (handle: SessionHandle, end: number) => `device:${handle}:${end}`

/**
 * The value of the bound cookie: its end and a keyed hash over end and handle. There is nothing to store, so a refresh
 * writes no session and an older value is good until its own end; the hash costs a request a tenth of what sealing would.
 */
export async function boundValue(encryptor: Encryptor, handle: SessionHandle, end: number): Promise<string> {
  return `${end}.${await encryptor.mac(textOf(handle, end))}`
}

/**
 * What a bound cookie says about a session now.
 *
 * @throws BffError `key_unavailable` for the value of a process with a newer key
 */
export async function judgeBoundValue(
  encryptor: Encryptor,
  handle: SessionHandle,
  value: string,
  now: number,
): Promise<'proven' | 'expired' | 'invalid'> {
  const end = Number(value.slice(0, value.indexOf('.')))
  const mac = value.slice(value.indexOf('.') + 1)
  if (!Number.isSafeInteger(end) || mac.length > 64) return 'invalid'
  if (!equalsConstantTime(await encryptor.mac(textOf(handle, end), mac), mac)) return 'invalid'
  return now < end + IN_FLIGHT_MS ? 'proven' : 'expired'
}
