import type { FastifyReply, FastifyRequest } from 'fastify'
import { ApiError } from './api-error.ts'
import { refuse } from './challenge.ts'

/**
 * `401` refuses good tokens as if revoked; `413` refuses an upload from its headers alone and closes the connection; `hang`
 * never answers; `reset` drops the connection; `close` drops it when it has served before, as if it had been idle too long;
 * `continue` is no failure: each answer comes after a `100 Continue` nobody asked for.
 */
export const API_FAILURE_MODES = ['none', '401', '413', '500', 'hang', 'reset', 'close', 'continue'] as const
export type ApiFailureMode = (typeof API_FAILURE_MODES)[number]

/**
 * How the API fails as `API_FAIL` sets it, for the programs that start it.
 *
 * @throws Error naming the variable and what it takes
 */
export function apiFailureFrom(environment: Readonly<Record<string, string | undefined>>): ApiFailureMode {
  const mode = API_FAILURE_MODES.find((one) => one === (environment['API_FAIL'] || 'none'))
  if (mode === undefined) throw new Error(`API_FAIL must be one of: ${API_FAILURE_MODES.join(', ')}.`)
  return mode
}

export interface ApiFaults {
  set(mode: ApiFailureMode, times: number): void
  /** Throws or hijacks the reply when it is this request's turn to fail. */
  apply(request: FastifyRequest, reply: FastifyReply): void
}

export function createFaults(): ApiFaults {
  let mode: ApiFailureMode = 'none'
  let left = 0
  const served = new WeakSet<object>()
  return {
    set: (newMode, times) => {
      mode = newMode
      left = times
    },
    apply: (request, reply) => {
      const again = served.has(request.socket)
      served.add(request.socket)
      if (mode === 'none' || left <= 0 || (mode === 'close' && !again)) return
      left -= 1
      if (mode === 'continue') return reply.raw.writeContinue()
      if (mode === '413') throw new ApiError(413, 'too_large', 'This is too large.', { connection: 'close' })
      if (mode === '500') throw new ApiError(500, 'internal_error', 'Something went wrong.')
      if (mode === '401') throw revoked(request)
      reply.hijack()
      if (mode === 'reset' || mode === 'close') request.socket.resetAndDestroy()
    },
  }
}

const revoked = (request: FastifyRequest): ApiError =>
  refuse({
    scheme: /^dpop /i.test(request.headers.authorization ?? '') ? 'DPoP' : 'Bearer',
    status: 401,
    error: 'invalid_token',
    message: 'The access token was revoked.',
  })
