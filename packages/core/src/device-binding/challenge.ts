import type { Encryptor } from '../contracts/encryptor.ts'
import type { SessionHandle } from '../contracts/session.ts'
import { isBffError } from '../internal/bff-error.ts'
import { equalsConstantTime, randomToken } from '../internal/crypto/hash.ts'
import { isSessionHandle } from '../internal/session-handle.ts'

export interface Challenge {
  readonly handle: SessionHandle
  /** When it was made, epoch milliseconds. */
  readonly at: number
  /** Names it among all challenges. */
  readonly nonce: string
}

type Purpose = 'register' | 'refresh'

const textOf = (purpose: Purpose, { handle, at, nonce }: Challenge) =>
  `device-${purpose}:${handle}:${at}:${nonce}`

/**
 * A challenge that says itself for which session, for what and when it was made. Nothing is stored, so that requests of
 * strangers write nothing. It names the session because a registration may come without a cookie: a `SameSite=Strict` one
 * is not sent when a page of the provider began the sign-in.
 */
export async function createChallenge(
  encryptor: Encryptor,
  purpose: Purpose,
  handle: SessionHandle,
  now: number,
): Promise<string> {
  const challenge = { handle, at: now, nonce: randomToken(12) }
  const mac = await encryptor.mac(textOf(purpose, challenge))
  return `${handle}.${now}.${challenge.nonce}.${mac}`
}

/** Reads a challenge back; `null` for another purpose, one that is older than `lifeMs`, and one that nobody here made. */
export async function openChallenge(
  encryptor: Encryptor,
  purpose: Purpose,
  text: string,
  now: number,
  lifeMs: number,
): Promise<Challenge | null> {
  const [, handle = '', at = '', nonce = '', mac = ''] =
    /^([\w-]{16})\.(\d{1,16})\.([\w-]{16})\.(.{1,64})$/.exec(text) ?? []
  if (!isSessionHandle(handle)) return null
  const challenge = { handle, at: Number(at), nonce }
  // In both directions: a clock that was set back must not make an old challenge new.
  if (Math.abs(now - challenge.at) > lifeMs) return null
  try {
    const own = await encryptor.mac(textOf(purpose, challenge), mac)
    return equalsConstantTime(own, mac) ? challenge : null
  } catch (error) {
    // Also of a process with a newer key: a new challenge is as good.
    if (isBffError(error, 'seal_broken') || isBffError(error, 'key_unavailable')) return null
    throw error
  }
}
