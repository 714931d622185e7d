import type { RequestView } from '@bff/core'
import { NodeRequestView } from '@bff/node'
import type { FastifyReply, FastifyRequest } from 'fastify'

/** A request has one view for all BFFs, so that each reads its store once. */
export const VIEW: unique symbol = Symbol('@bff/fastify view')

export interface ViewedRequest extends FastifyRequest {
  [VIEW]?: RequestView
}

export function makeView(request: ViewedRequest, reply: FastifyReply): RequestView {
  request[VIEW] ??= new NodeRequestView(request.raw, reply.raw)
  return request[VIEW]
}
