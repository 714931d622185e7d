import { type Reply, webResponse } from '@bff/core'
import { streamOf } from '@bff/core/authoring'

/** A reply as Next writes it out. It sends no head before the first chunk, so a stream begins with an empty one. */
export function nextResponse(reply: Reply): Response {
  const { body, signal } = reply
  if (body === null || typeof body === 'string' || body instanceof Uint8Array) return webResponse(reply)
  const begun = new TransformStream<Uint8Array, Uint8Array>({
    start: (controller) => controller.enqueue(new Uint8Array()),
  })
  return new Response(streamOf(body, signal).pipeThrough(begun), webResponse({ ...reply, body: null }))
}
