import type { Reply } from '../contracts/reply.ts'
import { literal, scriptPage } from '../internal/http/script-page.ts'

/** A page that posts `message` to its parent or opener, if that has `origin`. */
export const messagePage = (message: object, origin: string, cookies: readonly string[]): Reply =>
  scriptPage({
    title: 'Signing in',
    script: `(opener ?? parent).postMessage(${literal(message)}, ${literal(origin)})`,
    framedBy: origin,
    cookies,
  })
