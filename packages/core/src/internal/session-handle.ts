import type { SessionHandle } from '../contracts/session.ts'

/** A session id begins with the handle, of this many characters. */
export const HANDLE_CHARS = 16
const HANDLE = /^[\w-]{16}$/

/** Whether text has the form of a session handle: 16 base64url characters. */
export const isSessionHandle = (text: string): text is SessionHandle => HANDLE.test(text)
