import { randomToken } from '../crypto/hash.ts'
import type { SessionHandle } from './model.ts'

const ID = /^[\w-]{43}$/
const HANDLE = /^[\w-]{16}$/
const HANDLE_CHARS = 16

/** What a session id splits into: the public handle, and the secret of which only a hash is stored. */
export interface SessionIdParts {
  readonly handle: SessionHandle
  readonly secret: string
}

/** A new session id: 256 random bits as 43 base64url characters (S1-4, CKS-07). */
export function generateSessionId(): string {
  return randomToken()
}

/** Splits a session id; `null` for anything but 43 base64url characters, before any store is asked (CKS-05). */
export function parseSessionId(value: string): SessionIdParts | null {
  return ID.test(value) ? splitSessionId(value) : null
}

/** Splits an id that is known to be one. */
export function splitSessionId(id: string): SessionIdParts {
  return { handle: id.slice(0, HANDLE_CHARS) as SessionHandle, secret: id.slice(HANDLE_CHARS) }
}

/** Whether `value` has the form of a session handle: 16 base64url characters. */
export function isSessionHandle(value: string): value is SessionHandle {
  return HANDLE.test(value)
}
