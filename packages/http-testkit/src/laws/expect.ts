import assert from 'node:assert/strict'
import type { BffErrorCode } from '@bff/core'
import type { Answer } from '../world/client.ts'

/** The JSON of an answer with that status. */
export function jsonOf(answer: Answer, status: number): unknown {
  assert.equal(answer.status, status, answer.text)
  assert.match(answer.headers['content-type'] ?? '', /^application\/json\b/)
  return JSON.parse(answer.text)
}

/** Expects the BFF's own error reply. */
export function refused(answer: Answer, status: number, code: BffErrorCode): void {
  const { error, message, ...rest } = Object(jsonOf(answer, status))
  assert.equal(error, code)
  assert.equal(typeof message, 'string')
  assert.deepEqual(rest, {})
}

/** Expects the page that a person gets who opened the address. */
export function refusedOpened(answer: Answer, status: number, code: BffErrorCode): void {
  assert.equal(answer.status, status, answer.text)
  assert.match(answer.headers['content-type'] ?? '', /^text\/html\b/)
  assert.match(answer.text, new RegExp(`data-error="${code}"`))
}

/** Expects the cookie of that name to be deleted. */
export function takesAway(answer: Answer, name: string): void {
  const [deletion] = answer.cookies.filter((cookie) => cookie.startsWith(`${name}=;`))
  assert.ok(deletion, `No deletion of ${name} among ${JSON.stringify(answer.cookies)}`)
  assert.match(deletion, /; Max-Age=0(;|$)/)
}
