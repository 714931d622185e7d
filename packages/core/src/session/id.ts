import { randomToken } from '../crypto/hash.ts'
import type { SessionHandle } from './model.ts'

const ID = /^[A-Za-z0-9_-]{43}$/
const HANDLE = /^[A-Za-z0-9_-]{16}$/
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
  const handle = value.slice(0, HANDLE_CHARS)
  return ID.test(value) && isSessionHandle(handle) ? { handle, secret: value.slice(HANDLE_CHARS) } : null
}

/** Whether `value` has the form of a session handle: 16 base64url characters. */
export function isSessionHandle(value: string): value is SessionHandle {
  return HANDLE.test(value)
}
