import type { Reply } from '../contracts/reply.ts'
import type { UpstreamResponse } from '../contracts/upstream.ts'
import { BffError } from '../internal/bff-error.ts'
import { parseChallenges } from '../internal/http/challenges.ts'
import { jsonReply } from '../internal/http/replies.ts'

/** How an API wants its user to sign in again (RFC 9470 §3). */
export interface StepUp {
  /** The accepted levels, separated by spaces; `null` when the API names none. */
  readonly acrValues: string | null
  /** The most seconds since the sign-in; `null` when the API names none. */
  readonly maxAge: number | null
}

const CODE = 'insufficient_user_authentication'

/** Returns what the challenge of a 401 asks of the user; `null` for every other response. */
export function stepUpOf({ status, headers }: UpstreamResponse): StepUp | null {
  if (status !== 401) return null
  const challenges = headers.filter(([name]) => name === 'www-authenticate').map(([, value]) => value)
  const asked = parseChallenges(challenges.join(', ')).find(
    ({ parameters }) => parameters.get('error') === CODE,
  )
  if (asked === undefined) return null
  const [acrValues = null, maxAge = ''] = ['acr_values', 'max_age'].map((name) => asked.parameters.get(name))
  return {
    acrValues: acrValues !== null && /^[!-~]+(?: [!-~]+)*$/.test(acrValues) ? acrValues : null,
    maxAge: /^\d{1,9}$/.test(maxAge) ? Number(maxAge) : null,
  }
}

/** The API's challenge is a header that a page never sees, so the reply says it in its body. */
export function stepUpReply({ acrValues, maxAge }: StepUp): Reply {
  const { status, code, message } = new BffError(CODE)
  return jsonReply(status, {
    error: code,
    message,
    ...(acrValues !== null && { acr_values: acrValues }),
    ...(maxAge !== null && { max_age: maxAge }),
  })
}
