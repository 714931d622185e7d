import type { ServedBff } from '@bff/core'
import { remoteApp } from '@bff/http-testkit/remote'
import { fetchApp } from '$laws'

let current: ServedBff | undefined

/** An app that is a fetch handler, served by the runtime's own server. */
export const app = (request: Request) =>
  current === undefined ? new Response(null, { status: 503 }) : fetchApp(current, request)

export const laws = (origin: string) =>
  remoteApp(async (bff) => {
    current = bff
    const close = async () => {
      current = undefined
    }
    return { origin, close }
  })
