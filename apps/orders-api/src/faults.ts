import type { FastifyReply, FastifyRequest } from 'fastify'
import { ApiError } from './api-error.ts'
import { refuse } from './challenge.ts'

/** `401` refuses good tokens as if revoked; `hang` never answers; `reset` drops the connection. */
export type ApiFailureMode = 'none' | '401' | '500' | 'hang' | 'reset'

export interface ApiFaults {
  set(mode: ApiFailureMode, times: number): void
  /** Throws or hijacks the reply when it is this request's turn to fail. */
  apply(request: FastifyRequest, reply: FastifyReply): void
}

export function createFaults(): ApiFaults {
  let mode: ApiFailureMode = 'none'
  let left = 0
  return {
    set: (newMode, times) => {
      mode = newMode
      left = times
    },
    apply: (request, reply) => {
      if (mode === 'none' || left <= 0) return
      left -= 1
      if (mode === '500') throw new ApiError(500, 'internal_error', 'Something went wrong.')
      if (mode === '401') throw revoked(request)
      reply.hijack()
      if (mode === 'reset') request.socket.resetAndDestroy()
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
