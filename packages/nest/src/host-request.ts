import type { IncomingMessage, ServerResponse } from 'node:http'
import type { RequestView } from '@bff/core'
import { NodeRequestView } from '@bff/node'
import type { ArgumentsHost } from '@nestjs/common'

const VIEW: unique symbol = Symbol('@bff/nest view')

interface Viewed extends IncomingMessage {
  [VIEW]?: RequestView
}

/** Express extends Node's objects, Fastify keeps them as `raw`. */
const nodeObject = <T>(object: T | { readonly raw: T }): T =>
  object !== null && typeof object === 'object' && 'raw' in object ? object.raw : object

export function nodeRequest(host: ArgumentsHost): IncomingMessage {
  return nodeObject(host.switchToHttp().getRequest<IncomingMessage>())
}

export function nodeResponse(host: ArgumentsHost): ServerResponse {
  return nodeObject(host.switchToHttp().getResponse<ServerResponse>())
}

/** One view for each request, so that guards which run one after the other read the store once. */
export function viewOf(host: ArgumentsHost): RequestView {
  const request: Viewed = nodeRequest(host)
  request[VIEW] ??= new NodeRequestView(request, nodeResponse(host))
  return request[VIEW]
}
